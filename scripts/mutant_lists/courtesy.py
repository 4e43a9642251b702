"""Guards over meals on the school: who gets one, how often, and how it goes back."""

from scripts.mutant_lists.mutant import Mutant, off

RULE = "campus_code/courtesy.py"
VERDICT = "campus_code/decision.py"
READS = "backend/tables/courtesy_reads.py"
STATE = "backend/domain/courtesy.py"
SET = "backend/domain/payment_set.py"
APPROVE = "backend/usecases/payments/approve_correction.py"
ASK = "backend/usecases/payments/ask_correction.py"
HTTP = "tests/api/test_courtesy.py"
TELLABLE = "backend/tables/tellable.py"


def _unit(name: str) -> str:
    return f"tests/unit/campus_code/test_courtesy.py::test_{name}"


def _books(name: str) -> str:
    return f"tests/usecases/test_courtesy.py::test_{name}"


VOID_ONLY = _books("no_part_of_it_and_no_refund_into_a_purse")
LIFTS_NOTHING = _unit("it_lifts_no_limit_no_freeze_and_no_pin")

COURTESY = (
    # the rule
    Mutant(
        VERDICT,
        "return holder.courtesy if is_given else NO_COURTESY",
        "return CourtesyRules(1200) if is_given else NO_COURTESY",
        (_unit("only_a_class_that_has_it"),),
        "a class to which the school gives nothing is given a meal",
    ),
    Mutant(
        VERDICT,
        "tap.credential is CredentialKind.CODE and group.gives_courtesy",
        "tap.credential is CredentialKind.CODE",
        (_unit("only_a_group_that_gives_it"),),
        "the shop sells at the school's cost",
    ),
    Mutant(
        VERDICT,
        "tap.credential is CredentialKind.CODE and group.gives_courtesy",
        "group.gives_courtesy",
        (_unit("not_by_chip_and_not_by_emergency_code"),),
        "a chip that somebody found gets meals",
    ),
    Mutant(
        VERDICT,
        "    if known.courtesy is None or meals == NO_COURTESY:\n",
        "    if meals == NO_COURTESY:\n",
        (_unit("who_has_not_looked_gives_nothing"),),
        "meals are given without counting",
    ),
    off(
        VERDICT,
        "if self.courtesy is not None and self.offline is not None:",
        _unit("a_terminal_alone_cannot_even_ask"),
        "a terminal alone gives meals it cannot count",
    ),
    Mutant(
        VERDICT,
        "    if refused:\n        return refused\n    covered =",
        "    if refused and known.courtesy is None:\n        return refused\n    covered =",
        (LIFTS_NOTHING,),
        "a limit is lifted by a meal on the school",
    ),
    Mutant(
        VERDICT,
        "    refused = _check_state(tap)\n    if refused:\n",
        "    refused = _check_state(tap)\n    if refused and known.courtesy is None:\n",
        (LIFTS_NOTHING,),
        "a stolen phone eats on the school",
    ),
    Mutant(
        RULE,
        "0 < charged_fen <= self.payment_fen_max",
        "0 < charged_fen",
        (_unit("no_more_than_it_may_cost_fee_and_all"),),
        "a banquet on the school",
    ),
    Mutant(
        RULE,
        "and given.day < self.day_count_max",
        "",
        (_unit("so_many_a_day_and_so_many_in_seven"),),
        "every meal of a day is on the school",
    ),
    Mutant(
        RULE,
        "and given.seven_days < self.seven_days_count_max",
        "",
        (_unit("so_many_a_day_and_so_many_in_seven"),),
        "one a day for ever",
    ),
    Mutant(
        RULE,
        "and (not self.periods or period_id in self.periods)",
        "",
        (_unit("in_its_meals_and_never_outside_of_them"),),
        "a meal the school does not give",
    ),
    Mutant(
        RULE,
        'and period_id != ""',
        "",
        (_unit("in_its_meals_and_never_outside_of_them"),),
        "a snack at night is on the school",
    ),
    # the books
    Mutant(
        STATE,
        "if first <= day <= today",
        "if first < day <= today",
        (_books("once_a_day_and_twice_in_seven"),),
        "seven days are six",
    ),
    Mutant(
        "backend/domain/set_state.py",
        "            holder.given.count(payment.business_on)\n",
        "            pass\n",
        (_books("in_one_set_the_second_tap_sees_the_first"),),
        "two taps of one set get a meal each",
    ),
    Mutant(
        "backend/domain/payment_reversal.py",
        "            holder.given.count(undo.payment.business_on, -1)\n",
        "            pass\n",
        (_books("undone_at_the_till_it_is_there_again"),),
        "a meal that was never eaten counts",
    ),
    Mutant(
        READS,
        "{STANDS}",
        "",
        (_books("voided_whole_it_goes_back_to_the_school_and_is_there_again"),),
        "a meal that was voided counts",
    ),
    Mutant(
        READS,
        " AND p.reason='{COURTESY_REASON}'",
        "",
        (_books("a_paid_lunch_counts_for_nothing"),),
        "who paid for a meal today is given none",
    ),
    off(
        SET,
        "if payment.is_courtesy:",
        _books("the_merchant_is_owed_in_full_and_the_purse_keeps_what_it_has"),
        "the account of meals on the school is not itemised",
    ),
    Mutant(
        SET,
        "if isinstance(decide(tap, rules, unspent), Approved):",
        "if True:",
        (_books("by_default_no_read_is_added"),),
        "whoever is poor costs a read where nothing is given",
    ),
    # going back
    off(STATE, "if not is_void or amount_fen != charged_fen:", VOID_ONLY),
    off(ASK, "if payment.reason == COURTESY_REASON:", VOID_ONLY, "a refund of it waits for ever"),
    Mutant(
        APPROVE,
        "        writes.settled_suspense[payment.id] = entry_id\n",
        "        pass\n",
        (_books("voided_whole_it_goes_back_to_the_school_and_is_there_again"),),
        "an item stays open for money that came back",
    ),
    Mutant(
        "backend/usecases/ledger/verify_ledger.py",
        "SchoolAccount.RISK, SchoolAccount.COURTESY}",
        "SchoolAccount.RISK}",
        (_books("its_settlement_pays_the_merchant_like_any_other"),),
        "a meal on the school that no item names is not found",
    ),
    Mutant(
        "backend/domain/dispute.py",
        "if dispute.is_courtesy and (dispute.is_undone or not is_wrong_as_a_whole):",
        "if dispute.is_courtesy and dispute.is_undone:",
        (_books("who_was_robbed_of_it_gets_the_count_back"),),
        "a refund is proposed that the ledger refuses",
    ),
    Mutant(
        "backend/api/admin/books.py",
        "items = items.exclude(account_id=int(SchoolAccount.COURTESY))",
        "pass",
        (f"{HTTP}::test_meals_on_the_school_are_listed_when_asked_for_and_wait_for_nobody",),
        "what a person has to look at is lost among meals",
    ),
    # who is told
    off(
        "backend/tables/outbox.py",
        "if fact.is_private and person.guardian_id:",
        _books("only_the_holder_is_told"),
        "others are told whose purse was empty",
    ),
    Mutant(
        TELLABLE,
        " OR {_IS_COURTESY})",
        ")",
        (_books("only_the_holder_is_told"),),
        "nobody is told",
    ),
    Mutant(
        TELLABLE,
        " AND p.borne_fen=0",
        "",
        (_books("only_the_holder_is_told"),),
        "a refund is told that never came",
    ),
    Mutant(
        "backend/tables/spending.py",
        "CASE WHEN p.borne_fen>0 THEN 0 ELSE",
        "CASE WHEN 1=0 THEN 0 ELSE",
        (_books("a_statement_says_so_and_nothing_was_spent"),),
        "a month's spending falls below nothing",
    ),
)
