"""Guards in the decision of a set: chain, repeats, cards, codes, purses."""

from scripts.mutant_lists.mutant import Mutant, off

_SET = "backend/domain/payment_set.py"
_STATE = "backend/domain/set_state.py"
_TESTS = "tests/usecases/test_payment_"


def _records(name: str) -> str:
    return f"{_TESTS}records.py::{name}"


def _chain(name: str) -> str:
    return f"{_TESTS}chain.py::{name}"


def _posting(name: str) -> str:
    return f"tests/usecases/test_post_payments.py::{name}"


def _reversals(name: str) -> str:
    return f"{_TESTS}reversals.py::{name}"


SETS = (
    Mutant(
        "backend/usecases/payments/post_payments.py",
        "(self._tries > 1 or told.word is not OutcomeWord.POSTED)",
        "self._tries > 1",
        (_posting("test_a_repeat_that_could_not_pay_again_gets_the_first_answer"),),
        "a payment that stands is told as declined when its answer was lost",
    ),
    Mutant(
        "backend/usecases/payments/post_payments.py",
        "(self._tries > 1 or told.word is not OutcomeWord.POSTED)",
        "told.word is not OutcomeWord.POSTED",
        (_posting("test_a_code_that_paid_at_another_window_is_refused_alone"),),
        "a used code makes its whole set fail again and again",
    ),
    off(
        "backend/domain/payment_record.py",
        "if is_emergency and attempt.amounts.charged_fen > emergency_fen_max:",
        "tests/usecases/test_emergency_records.py::test_beyond_its_limit_the_school_bears_it",
        "a thief of terminal keys charges a holder any amount by emergency codes",
    ),
    Mutant(
        "backend/usecases/payments/ask_correction.py",
        "if payment is None or not actor.reach.has_merchant(payment.merchant_id):",
        "if payment is None:",
        ("tests/usecases/test_corrections.py::test_a_cashier_sees_the_own_merchant_only",),
        "a cashier gives back another merchant's money",
    ),
    Mutant(
        _SET,
        "if terminal is None or (terminal.is_revoked and not attempt.previous_hash):",
        "if terminal is None:",
        (_records("test_a_revoked_terminal_posts_nothing"),),
        "a stolen terminal pays itself online",
    ),
    Mutant(
        _SET,
        "        return _sent_again(state, attempt)\n",
        "        return None\n",
        (_chain("test_a_record_in_quarantine_stays_there_once"),),
        "what was set aside is posted when it is sent again",
    ),
    Mutant(
        _SET,
        "if terminal.is_broken or (is_next and attempt.previous_hash != terminal.journal_hash):",
        "if terminal.is_broken:",
        (_chain("test_an_edited_journal_is_set_aside_from_there_on"),),
        "a wiped or edited journal goes on as if nothing had happened",
    ),
    Mutant(
        _SET,
        "        terminal.is_broken = True\n",
        "",
        (_chain("test_an_edited_journal_is_set_aside_from_there_on"),),
        "what follows an edited record is asked for again for ever",
    ),
    off(
        _SET,
        "if not is_next:",
        _chain("test_a_gap_asks_for_the_first_missing_record"),
        "records behind a gap are posted before those in it",
    ),
    Mutant(
        _SET,
        "terminal.journal_hash = chain_hash(attempt.previous_hash, attempt.body)",
        "terminal.journal_hash = attempt.previous_hash",
        (_chain("test_a_journal_is_followed_to_its_end"),),
        "the chain no longer covers the records",
    ),
    Mutant(
        _SET,
        "    if standing is not None:\n        return _answer_again",
        "    if False:\n        return _answer_again",
        ("tests/usecases/test_post_payments.py::test_a_repeat_gets_the_first_answer",),
        "a till that asks again is refused what it already has",
    ),
    off(
        _SET,
        "if state.is_reversed(*key):",
        _reversals("test_a_late_arrival_of_what_was_undone_is_refused"),
        "an attempt that was undone is charged when it arrives late",
    ),
    off(
        _SET,
        "if is_code and attempt.issue != card.issue:",
        _records("test_an_old_issue_is_refused_online"),
        "an old phone goes on paying",
    ),
    off(
        _SET,
        "if attempt.code_key in state.spent:",
        _records("test_a_code_paid_online_is_not_charged_again_offline"),
        "a code pays twice",
    ),
    Mutant(
        _SET,
        "is_other_code = standing.code_key != attempt.code_key",
        "is_other_code = False",
        (_records("test_same_sequence_other_code_is_a_conflict_online"),),
        "another payer's tap is answered with somebody else's approval",
    ),
    Mutant(
        _SET,
        "is_other_price = attempt.asked_fen not in {None, standing.amounts.nominal_fen}",
        "is_other_price = False",
        (_records("test_same_sequence_other_price_is_a_conflict_online"),),
        "a till that asks another price is told that it was paid",
    ),
    off(
        _SET,
        "if state.is_reversed(attempt.terminal_id, attempt.sequence):",
        _reversals("test_a_repeat_of_what_was_undone_is_not_approved"),
        "an undone payment is approved again without money",
    ),
    Mutant(
        _SET,
        "balances=holder.balances,",
        "balances={name: 10**9 for name in holder.balances},",
        ("tests/usecases/test_post_payments.py::test_one_bad_member_does_not_fail_its_neighbours",),
        "the rule no longer knows the balance",
    ),
    Mutant(
        _SET,
        "card_state=card.state,",
        "card_state=type(card.state)(0),",
        (_reversals("test_a_frozen_card_is_refused_online"),),
        "a frozen card pays",
    ),
    Mutant(
        _SET,
        "stopped = _follow_chain(state, attempt) if attempt.previous_hash else None",
        "stopped = None",
        (_chain("test_a_journal_goes_on_behind_a_record_the_database_refuses"),),
        "one refused record stops its terminal for ever",
    ),
    Mutant(
        _STATE,
        "                holder.move(name, -part)",
        "                pass",
        (
            "tests/usecases/test_post_payments.py::test_a_tap_moves_money_from_the_purse_to_the_merchant",
        ),
        "purses are not what their postings say",
    ),
    off(
        "backend/domain/payment_legs.py",
        "if sum(amount for _, amount in sources) != sum(amount for _, amount in targets):",
        "tests/unit/backend/test_pour.py::test_unequal_sums_are_refused",
        "money appears or vanishes between purse and merchant",
    ),
    off(
        "backend/domain/payment_legs.py",
        "if any(amount < 0 for _, amount in (*sources, *targets)):",
        "tests/unit/backend/test_pour.py::test_negative_amounts_are_refused",
        "a negative leg stops the ledger",
    ),
    Mutant(
        _STATE,
        "is_newest = tally.last_at is None or attempt.at >= tally.last_at",
        "is_newest = True",
        (_reversals("test_late_records_count_where_they_belong"),),
        "a late record wipes what was spent today, and with it the limits",
    ),
    Mutant(
        _STATE,
        "if holder.last_terminal_id == terminal_id or tally.last_at is None:",
        "if False:",
        (_reversals("test_the_interval_is_of_one_terminal"),),
        "two quick taps at one terminal pass the interval",
    ),
)
