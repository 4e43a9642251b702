"""Guards over records a terminal approved alone: who bears what, what cannot be true."""

from scripts.mutant_lists.mutant import Mutant, off

_RECORD = "backend/domain/payment_record.py"
_TESTS = "tests/usecases/test_payment_"


def _records(name: str) -> str:
    return f"{_TESTS}records.py::{name}"


def _reversals(name: str) -> str:
    return f"{_TESTS}reversals.py::{name}"


RECORDS = (
    off(
        _RECORD,
        "if attempt.fault is not None:",
        _records("test_a_forged_credential_is_borne_by_the_school"),
        "a forged record is charged to a person",
    ),
    off(
        _RECORD,
        "if attempt.code_key in state.spent:",
        _records("test_a_code_used_twice_is_charged_once"),
        "a code shown at two terminals is charged twice",
    ),
    off(
        _RECORD,
        "if card.state is CardState.CLOSED:",
        _records("test_a_closed_card_waits_in_suspense"),
        "a closed account is charged",
    ),
    Mutant(
        _RECORD,
        "attempt.at >= card.issue_raised_at:",
        "attempt.at > card.issue_raised_at:",
        (_records("test_the_old_phone_pays_up_to_the_new_one"),),
        "the old phone pays in the second it was replaced",
    ),
    off(
        _RECORD,
        "if is_code and attempt.issue != card.issue and attempt.at >= card.issue_raised_at:",
        _records("test_the_old_phone_pays_up_to_the_new_one"),
        "a replaced phone is charged to its holder",
    ),
    Mutant(
        _RECORD,
        "attempt.at >= card.frozen_at:",
        "attempt.at > card.frozen_at:",
        (_records("test_after_the_freeze_the_loss_is_the_schools"),),
        "the second of the freeze is the student's loss",
    ),
    off(
        _RECORD,
        "if card.state is not CardState.ACTIVE and attempt.at >= card.frozen_at:",
        _records("test_after_the_freeze_the_loss_is_the_schools"),
        "what a thief eats after the freeze is the student's loss",
    ),
    off(
        _RECORD,
        "if past.begins_at <= attempt.at < past.ends_at:",
        _records("test_a_loss_while_it_was_frozen_stays_the_schools"),
        "what a thief ate becomes the student's loss when the card is found",
    ),
    off(
        _RECORD,
        "if state.is_reversed(attempt.terminal_id, attempt.sequence):",
        _reversals("test_a_late_arrival_of_what_was_undone_is_refused"),
        "a voided record is charged when it arrives late",
    ),
    off(
        _RECORD,
        "if terminal.is_revoked:",
        _records("test_a_revoked_terminal_posts_nothing"),
        "a stolen terminal's journal is paid out",
    ),
    off(
        _RECORD,
        "if attempt.at > state.now + FUTURE_SECONDS_MAX:",
        _records("test_a_record_from_another_time_is_set_aside"),
        "records of tomorrow are believed",
    ),
    off(
        _RECORD,
        "if attempt.at < state.now - PAST_SECONDS_MAX:",
        _records("test_a_record_from_another_time_is_set_aside"),
        "records of any age are believed",
    ),
    Mutant(
        _RECORD,
        "if group is None or amounts.nominal_fen > group.amount_fen_max:",
        "if group is None:",
        (_records("test_an_amount_no_window_takes_is_set_aside"),),
        "a stolen terminal takes any amount",
    ),
    off(
        _RECORD,
        "if amounts.charged_fen > CHARGED_TIMES_MAX * group.amount_fen_max:",
        _records("test_an_amount_no_window_takes_is_set_aside"),
        "a surcharge takes any amount",
    ),
    off(
        _RECORD,
        "if not 0 <= amounts.fee_fen <= amounts.charged_fen:",
        _records("test_an_amount_no_window_takes_is_set_aside"),
        "one record with more fee than charge stops the ledger",
    ),
    off(
        _RECORD,
        "if attempt.business_on not in neighbours:",
        _records("test_a_record_of_another_day_is_set_aside"),
        "a record chooses the day it is settled on",
    ),
    Mutant(
        _RECORD,
        'return "" if PERIOD_ID.fullmatch(attempt.period_id) else "unknown_period"',
        'return ""',
        (_records("test_a_period_that_is_no_word_is_set_aside"),),
        "a terminal's text reaches the SQL",
    ),
    Mutant(
        _RECORD,
        "same_credential and same_card and standing.amounts == attempt.amounts",
        "same_credential and same_card",
        (_records("test_same_sequence_other_content_is_a_conflict"),),
        "an amount edited after the fact passes as a repeat",
    ),
    Mutant(
        _RECORD,
        "same_credential and same_card and standing",
        "same_card and standing",
        (_records("test_same_sequence_other_content_is_a_conflict"),),
        "another code under the same number passes as a repeat",
    ),
    Mutant(
        _RECORD,
        "        code_key=None,\n",
        "        code_key=attempt.code_key,\n",
        (_records("test_a_forgery_leaves_the_true_code_to_its_holder"),),
        "a forgery uses up the true code",
    ),
    Mutant(
        _RECORD,
        "SchoolAccount.OFFLINE_SUSPENSE if reason is Refusal.CLOSED else SchoolAccount.RISK",
        "SchoolAccount.RISK",
        (_records("test_a_closed_card_waits_in_suspense"),),
        "what a closed account owes is written off at once",
    ),
    Mutant(
        _RECORD,
        "    state.itemise(payment, account, attempt.amounts.charged_fen, reason.value)\n",
        "",
        (_records("test_an_unknown_card_is_borne_by_the_school"),),
        "the school bears losses that no item names",
    ),
    Mutant(
        _RECORD,
        "borne=((SchoolAccount.OFFLINE_SUSPENSE, short_fen),) if short_fen else (),",
        "borne=(),",
        (_records("test_what_the_purses_cannot_cover_waits_in_suspense"),),
        "a shortfall has no bearer",
    ),
    Mutant(
        "backend/usecases/payments/read_records.py",
        "return None if shown == said else Refusal.WRONG_CODE",
        "return None",
        (
            "tests/api/test_records.py::test_a_record_that_names_somebody_else_is_borne_by_the_school",
        ),
        "a terminal charges whom it likes with anybody's code",
    ),
    Mutant(
        "campus_code/verify.py",
        "    _verify_tac(code, verified.step, issuer_keyring, at)\n",
        "",
        ("tests/api/test_payments.py::test_a_forged_code_is_declined",),
        "the keys of one stolen terminal make codes that pay",
    ),
)
