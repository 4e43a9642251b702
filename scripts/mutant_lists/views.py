"""Guards behind the phone's views and the office's new verbs: disputes, spending, credits."""

from scripts.mutant_lists.mutant import Mutant, off

_OPEN = "backend/usecases/disputes/open_dispute.py"
_DECIDE = "backend/usecases/disputes/decide_dispute.py"
_DISPUTE = "backend/domain/dispute.py"
_EMERGENCY = "backend/usecases/cards/hand_out_emergency_code.py"
_SPENDING = "backend/tables/spending.py"
_SETTLEMENT = "backend/domain/settlement.py"
_CREDIT = "backend/usecases/ledger/credit_by_hand.py"
_BY_HAND = "tests/usecases/test_credit_by_hand.py"
_ACCESS = "backend/domain/access.py"
_MATRIX = "tests/api/test_access_matrix.py::test_nobody_else_gets_in"


def _disputes(name: str) -> str:
    return f"tests/usecases/test_disputes.py::{name}"


def _spending(name: str) -> str:
    return f"tests/usecases/test_spending.py::{name}"


def _views(name: str) -> str:
    return f"tests/api/test_views.py::{name}"


def _credits(name: str) -> str:
    return f"tests/api/test_credits.py::{name}"


VIEWS = (
    Mutant(
        _OPEN,
        "if card is None or payment is None or payment.holder_id != card.holder_id:",
        "if card is None or payment is None:",
        (_disputes("test_somebody_elses_payment_is_unknown"),),
        "anybody contests, and learns of, anybody's payment",
    ),
    off(
        _OPEN,
        "if await DisputeRow.exists(id=payment_id):",
        _disputes("test_what_the_ledger_contested_is_not_overwritten"),
        "what stands is contested a second time",
    ),
    Mutant(
        _OPEN,
        "        await cards.select_for_update()\n",
        "        await cards\n",
        (_disputes("test_ten_taps_open_one"),),
        "two phones at once: one of them gets a fault",
    ),
    off(
        _DECIDE,
        'if row.decision not in ("", decision.value):',
        _disputes("test_a_decision_stands_and_moves_no_money"),
        "a decision is turned round later",
    ),
    Mutant(
        _DECIDE,
        "if not row.decision:",
        "if True:",
        (_disputes("test_a_decision_stands_and_moves_no_money"),),
        "a repeat claims another's decision",
    ),
    Mutant(
        _DISPUTE,
        "if (dispute.borne_fen and not dispute.is_courtesy) or left_fen <= 0:",
        "if left_fen <= 0:",
        (_disputes("test_what_the_ledger_contested_is_not_overwritten"),),
        "the office is told to give back what no purse paid",
    ),
    Mutant(
        _DISPUTE,
        "if (dispute.borne_fen and not dispute.is_courtesy) or left_fen <= 0:",
        "if dispute.borne_fen:",
        (_disputes("test_a_remedy_is_one_the_ledger_takes"),),
        "the office is told to give back what went back",
    ),
    Mutant(
        _DISPUTE,
        "if is_wrong_as_a_whole and not dispute.returned_fen:",
        "if is_wrong_as_a_whole:",
        (_disputes("test_a_remedy_is_one_the_ledger_takes"),),
        "the remedy is one the ledger refuses",
    ),
    off(
        _EMERGENCY,
        "if card.state != CardState.ACTIVE:",
        _views("test_no_code_for_a_card_that_would_be_refused"),
        "a code is handed out for a card reported lost",
    ),
    off(
        _EMERGENCY,
        "if not rules.emergency.payment_fen_max:",
        _views("test_no_code_where_the_school_takes_none"),
    ),
    Mutant(
        _EMERGENCY,
        '        await note(actor.label, "cards.emergency", f"card:{card_id}", at)\n',
        "",
        (_views("test_the_office_tells_the_days_emergency_code"),),
        "somebody's code is told and leaves no trace",
    ),
    Mutant(
        _SPENDING,
        '_SPENT = "x.charged_fen-x.borne_fen-x.returned_fen"',
        '_SPENT = "x.charged_fen-x.returned_fen"',
        (_spending("test_what_the_school_bears_was_not_spent"),),
        "what the school bears counts as the holder's spending",
    ),
    Mutant(
        _SPENDING,
        "{_REFUNDED}+{_REVERSED} AS returned_fen",
        "{_REFUNDED} AS returned_fen",
        (_spending("test_what_came_back_is_taken_out"),),
        "a reversed payment still counts as spent",
    ),
    Mutant(
        _SPENDING,
        'f"p.holder_id={int(holder_id)} AND {_between(first_on, last_on)}"',
        "_between(first_on, last_on)",
        (_spending("test_every_card_of_the_holder_and_nobody_elses"),),
        "a holder is told what others spend",
    ),
    off(
        _SETTLEMENT,
        "if business_on >= today_on:",
        "tests/api/test_merchants.py::test_a_new_merchant_is_owed_what_it_sells",
        "a day is closed while it still sells",
    ),
    Mutant(
        "backend/tables/rollup.py",
        "        await next_version(ROLLUP)\n",
        "",
        ("tests/usecases/test_settlements.py::test_rollers_at_once_count_each_entry_once",),
        "two rollers at once lose totals",
    ),
    off(
        _CREDIT,
        "if standing:",
        _credits("test_a_repeat_brings_nothing_more"),
        "a repeat is posted again, or answered with a fault",
    ),
    off(
        _CREDIT,
        "if said != [asked.holder_id, asked.purse, asked.amount_fen]:",
        _credits("test_a_key_that_was_used_for_something_else"),
        "somebody is told that money came which did not",
    ),
    off(
        _CREDIT,
        "if type(asked.amount_fen) is not int or not 1 <= asked.amount_fen <= HAND_CREDIT_FEN_MAX:",
        f"{_BY_HAND}::test_what_is_no_amount_is_not_brought_in",
        "one person brings in any amount",
    ),
    off(
        _CREDIT,
        "if not purses:",
        _credits("test_nobody_has_no_purse"),
    ),
    Mutant(
        _CREDIT,
        'sql.select("balance_fen,floor_fen", "account", f"id={target}", ledger.lock),',
        'sql.select("balance_fen,floor_fen", "account", f"id={target}"),',
        (f"{_BY_HAND}::test_a_credit_and_a_payment_of_another_process_lose_nothing",),
        "a payment at the same moment is written over",
    ),
    Mutant(
        "backend/usecases/ledger/verify_ledger.py",
        "    await _compare_credits(books, report)\n",
        "",
        ("tests/usecases/test_verify_ledger.py::test_a_credit_that_says_otherwise_is_found",),
        "who brought in what can be rewritten behind the ledger's back",
    ),
    Mutant(
        _ACCESS,
        '"cards.emergency": _OFFICE,',
        '"cards.emergency": frozenset(Role),',
        (_MATRIX,),
        "everybody on the staff is told anybody's code",
    ),
    Mutant(
        _ACCESS,
        '"merchants.create": _ADMIN,',
        '"merchants.create": _OFFICE,',
        (_MATRIX,),
        "the card office makes merchants",
    ),
)
