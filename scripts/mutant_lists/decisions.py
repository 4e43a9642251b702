"""Guards of the one rule that server and terminal share."""

from scripts.mutant_lists.mutant import Mutant

DECISIONS = (
    Mutant(
        "campus_code/decision.py",
        "if self.asked_fen is not None and type(self.asked_fen) is not int:",
        "if False:",
        (
            "tests/unit/campus_code/test_decision.py::test_an_amount_that_is_no_whole_number_never_becomes_a_tap",
        ),
        "a fraction of a fen is charged",
    ),
    Mutant(
        "campus_code/decision.py",
        "if not 1 <= tap.asked_fen <= group.amount_fen_max:",
        "if False:",
        ("tests/unit/campus_code/test_decision.py::test_amounts_out_of_range_are_declined",),
        "negative amounts pay the payer",
    ),
    Mutant(
        "campus_code/decision.py",
        "if tap.asked_fen is not None and tap.asked_fen != price_fen:",
        "if False:",
        ("tests/unit/campus_code/test_decision.py",),
        "a cashier changes a fixed price",
    ),
    Mutant(
        "campus_code/decision.py",
        "if 0 < holder.count_limit <= tally.meal_count:",
        "if False:",
        ("tests/unit/campus_code/test_decision.py",),
        "a free meal is eaten twice",
    ),
    Mutant(
        "campus_code/decision.py",
        "if limit_fen == 0 or spent_fen + charged_fen <= limit_fen:",
        "if True:",
        ("tests/unit/campus_code/test_decision.py::test_limits_hold_to_the_fen",),
        "no limit holds",
    ),
    Mutant(
        "campus_code/decision.py",
        "if not tap.has_pin:",
        "if False:",
        ("tests/unit/campus_code/test_decision.py::test_limits_hold_to_the_fen",),
        "limits without a PIN",
    ),
    Mutant(
        "campus_code/decision.py",
        "if group.always_pin and not tap.has_pin:",
        "if False:",
        ("tests/unit/campus_code/test_decision.py::test_a_group_may_always_ask_for_the_pin",),
        "a group that asks for the PIN does not get it",
    ),
    Mutant(
        "campus_code/decision.py",
        "if charged_fen > limit_fen or limit_fen == 0:",
        "if False:",
        (
            "tests/unit/campus_code/test_decision.py::test_emergency_credentials_have_a_limit_no_pin_lifts",
        ),
        "an emergency code takes any amount",
    ),
    Mutant(
        "campus_code/decision.py",
        "if short_fen:",
        "if False:",
        ("tests/unit/campus_code/test_decision.py::test_purses_pay_in_order_and_never_in_part",),
        "purses pay what they do not hold",
    ),
    Mutant(
        "campus_code/purses.py",
        "kept_fen = floor_fen if purse == CASH else 0",
        "kept_fen = 0",
        ("tests/unit/campus_code/test_decision.py::test_the_floor_is_of_the_cash_purse_alone",),
        "a purse falls below its floor",
    ),
    Mutant(
        "campus_code/decision.py",
        "if age < 0:",
        "if False:",
        ("tests/unit/campus_code/test_decision.py",),
        "a clock set back approves alone",
    ),
    Mutant(
        "campus_code/decision.py",
        "if tier is None:",
        "if False:",
        ("tests/unit/campus_code/test_decision.py",),
        "a terminal that never syncs approves for ever",
    ),
    Mutant(
        "campus_code/decision.py",
        "if offline.payments >= tier.payments_max:",
        "if False:",
        ("tests/unit/campus_code/test_decision.py",),
        "a card pays offline without end",
    ),
    Mutant(
        "campus_code/decision.py",
        "budget_fen = min(budget_fen, offline.entry_limit_fen)",
        "pass",
        ("tests/unit/campus_code/test_decision.py",),
        "a card's own offline limit is ignored",
    ),
    Mutant(
        "campus_code/decision.py",
        "if spent_fen + charged_fen > limit_fen:",
        "if False:",
        ("tests/unit/campus_code/test_decision.py",),
        "offline overspending is unbounded",
    ),
    Mutant(
        "campus_code/decision.py",
        "if apart < group.interval_seconds:",
        "if False:",
        ("tests/unit/campus_code/test_decision.py::test_interval_counts_on_both_sides_of_a_tap",),
        "one tap charges twice",
    ),
    Mutant(
        "campus_code/decision.py",
        "if (self.balances is None) == (self.offline is None):",
        "if False:",
        ("tests/unit/campus_code/test_decision.py::test_either_balances_or_offline_is_known",),
        "nothing known, everything approved",
    ),
)
