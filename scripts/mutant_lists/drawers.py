"""Guards over leavings and cash drawers, and the checks of their books."""

from scripts.mutant_lists.mutant import Mutant, off

_LEAVINGS = "backend/tables/leavings.py"
_DRAWERS = "backend/tables/drawers.py"
_LEAVE = "backend/usecases/leavings/leave.py"
_ASK_LEAVING = "backend/usecases/leavings/ask_leaving.py"
_DECIDE_LEAVING = "backend/usecases/leavings/decide_leaving.py"
_CREDIT = "backend/usecases/ledger/credit_by_hand.py"
_OPEN = "backend/usecases/drawers/open_drawer.py"
_CLOSE = "backend/usecases/drawers/close_drawer.py"
_APPROVE_DRAWER = "backend/usecases/drawers/approve_drawer.py"
_ASK_OUT = "backend/usecases/drawers/ask_cash_out.py"
_OUT = "backend/usecases/drawers/decide_cash_out.py"
_BOOKS = "backend/tables/counter_books.py"
_VERIFY = "backend/usecases/ledger/verify_ledger.py"
_GUARDS = "backend/migrations/0009_leavings.py"


def _refunds(name: str) -> str:
    return f"tests/usecases/test_refunds.py::test_{name}"


def _leavings(name: str) -> str:
    return f"tests/usecases/test_leavings.py::test_{name}"


def _drawers(name: str) -> str:
    return f"tests/usecases/test_drawers.py::test_{name}"


def _found(name: str = "what_was_changed_is_found") -> str:
    return f"tests/usecases/test_counter_books.py::test_{name}"


LEAVING = (
    off(_LEAVE, "if leaving is None:", _leavings("only_while_a_leaving_is_open")),
    Mutant(
        _LEAVE,
        "if standing or decision != APPROVED or ended_at:",
        "if decision != APPROVED or ended_at:",
        (_leavings("a_repeated_tap_takes_nothing_more"),),
    ),
    off(
        _LEAVE,
        "if disputes or purse.owed_fen:",
        _leavings("not_while_something_is_owed_or_contested"),
    ),
    Mutant(
        _LEAVE,
        "if disputes or purse.owed_fen:",
        "if purse.owed_fen:",
        (_leavings("not_while_something_is_owed_or_contested"),),
        "who contests a payment leaves before it is decided",
    ),
    Mutant(
        _LEAVINGS,
        "        decision=APPROVED,\n        ended_at=0,\n",
        "        ended_at=0,\n",
        (_leavings("only_while_a_leaving_is_open"),),
        "one person alone lets a cohort go",
    ),
    Mutant(
        _LEAVINGS,
        "        ended_at=0,\n        opens_at__lte=at,\n",
        "        opens_at__lte=at,\n",
        (_leavings("only_while_a_leaving_is_open"),),
        "a leaving that was ended goes on",
    ),
    Mutant(
        _LEAVINGS,
        "        opens_at__lte=at,\n",
        "",
        (_leavings("only_while_a_leaving_is_open"),),
    ),
    Mutant(
        _LEAVINGS,
        "        closes_at__gt=at,\n",
        "",
        (_leavings("only_while_a_leaving_is_open"),),
    ),
    off(
        _DECIDE_LEAVING,
        "if row.made_by == actor.label:",
        _leavings("two_people_open_a_leaving_and_one_ends_it"),
    ),
    off(
        _DECIDE_LEAVING,
        "if row.decision:",
        _leavings("two_people_open_a_leaving_and_one_ends_it"),
        "a decision is turned round",
    ),
    off(
        _ASK_LEAVING,
        "if asked.class_id is None and not asked.department and not asked.numbers:",
        _leavings("what_is_no_leaving_is_named"),
        "a leaving without a cohort is everybody",
    ),
    off(
        _ASK_LEAVING,
        "if asked.numbers and len(found) != len(set(asked.numbers)):",
        _leavings("what_is_no_leaving_is_named"),
    ),
    off(
        _ASK_LEAVING,
        "if said != (asked.name, asked.opens_at, asked.closes_at, actor.label):",
        _leavings("a_cohort_is_who_was_in_it_when_it_was_asked_for"),
    ),
)

COUNTER = (
    off(
        _CREDIT,
        "if is_cash and not drawers:",
        _drawers("a_difference_needs_a_note_and_another_person"),
        "cash is taken into no drawer",
    ),
    Mutant(
        _DRAWERS,
        'f"open_by={int(staff_id)}", lock)',
        'f"open_by={int(staff_id)}")',
        (_drawers("nothing_slips_into_a_closing_drawer"),),
    ),
    off(
        _OPEN,
        "if type(opened_fen) is not int or not 0 <= opened_fen <= DRAWER_FEN_MAX:",
        _drawers("one_person_has_one_open_drawer"),
    ),
    Mutant(
        _CLOSE,
        ' AND staff_id={int(actor.id)}"',
        '"',
        (_drawers("only_the_owner_closes_a_drawer"),),
    ),
    off(
        _CLOSE,
        "if closed_at and (counted_fen == expected_fen or approved_by):",
        _drawers("what_must_be_there_is_what_went_through_it"),
        "a drawer that was settled is counted anew",
    ),
    off(
        _CLOSE,
        "if type(count.counted_fen) is not int or not 0 <= count.counted_fen <= DRAWER_FEN_MAX:",
        _drawers("only_the_owner_closes_a_drawer"),
    ),
    off(
        _APPROVE_DRAWER,
        "if staff_id == actor.id:",
        _drawers("a_difference_needs_a_note_and_another_person"),
    ),
    off(
        _APPROVE_DRAWER,
        "if approved_by:",
        _drawers("a_difference_needs_a_note_and_another_person"),
        "a difference is booked twice",
    ),
    off(
        _APPROVE_DRAWER,
        "if not closed_at or not difference_fen:",
        _drawers("what_must_be_there_is_what_went_through_it"),
    ),
    off(_OUT, "if row.made_by == actor.label:", _drawers("nobody_pays_himself_out")),
    off(_OUT, "if not drawers:", _drawers("a_cash_out_comes_from_the_askers_open_drawer")),
    off(_OUT, "if standing:", _drawers("a_rejected_cash_out_is_not_paid")),
    off(
        _OUT,
        "if standing == decision:",
        _drawers("a_cash_out_comes_from_the_askers_open_drawer"),
    ),
    off(_OUT, "if len(parts) > LEGS_MAX:", _drawers("many_small_lots_are_paid_in_steps")),
    off(
        _ASK_OUT,
        "if said != (asked.holder_id, asked.amount_fen, asked.reason, actor.label):",
        _drawers("a_key_asks_once"),
    ),
    off(
        _ASK_OUT,
        "if type(asked.amount_fen) is not int or asked.amount_fen < 1:",
        _drawers("a_key_asks_once"),
    ),
)


def _unchecked(source: str, why: str) -> Mutant:
    """A check of the books that finds nothing."""
    return Mutant(_BOOKS, source, source.replace(" IS NULL", " IS NULL AND 0"), (_found(),), why)


BOOKS_OF_REFUNDS = (
    _unchecked('r.state IN ({_BOOKED})) AND t.id IS NULL"', "a refund says otherwise"),
    _unchecked('p.kind IN ({sql.words(RETURN_KINDS)}) AND t.id IS NULL"', "a return is gone"),
    _unchecked("\"p.kind='cash_out' AND c.id IS NULL\"", "a cash-out is gone"),
    _unchecked('"c.drawer_id>0 AND l.id IS NULL"', "cash that was brought in is no lot"),
    _unchecked('"d.entry_id>0 AND p.id IS NULL"', "a difference says otherwise"),
    _unchecked("\"p.kind='drawer' AND d.id IS NULL\"", "a difference belongs to no drawer"),
    Mutant(
        _BOOKS,
        "(r.state IN ({_UNDONE}))<>(t.id IS NOT NULL)",
        "0",
        (_found(),),
        "a refund that was undone is called done",
    ),
    Mutant(
        _BOOKS,
        '"COALESCE(s.fen,0)<>c.amount_fen"',
        '"0"',
        (_found(),),
        "a cash-out says another amount",
    ),
    Mutant(
        _BOOKS,
        "d.closed_at>0 AND d.expected_fen",
        "0 AND d.expected_fen",
        (_found(),),
        "a drawer was closed on another sum",
    ),
    Mutant(
        _VERIFY,
        '            sql.select("t.id", f"{came} {into} {own}", "a.id IS NULL", few),',
        '            sql.select("t.id", f"{came} {into} {own}", "0", few),',
        (_found(),),
        "a lot says otherwise than its posting",
    ),
    Mutant(
        _VERIFY,
        '            sql.select("t.id", f"{went} {out_of} {own}", "a.id IS NULL", few),',
        '            sql.select("t.id", f"{went} {out_of} {own}", "0", few),',
        (_found(),),
        "a return says otherwise than its posting",
    ),
    Mutant(
        _VERIFY,
        '"l.id IS NULL OR s.net_fen<0 OR s.net_fen>l.amount_fen"',
        '"l.id IS NULL OR s.net_fen<0"',
        (_found(),),
        "more of a lot went back than it was",
    ),
    Mutant(
        _VERIFY,
        "\"p.kind='top_up' AND l.id IS NULL\"",
        '"0"',
        (_found(),),
        "a top-up has no lot",
    ),
    Mutant(
        _GUARDS,
        "BY_TWO = \"({row}decided_by = '' OR {row}decided_by <> {row}made_by)\"",
        'BY_TWO = "1 = 1"',
        (
            _leavings("two_people_open_a_leaving_and_one_ends_it"),
            _drawers("the_database_wants_two_people_and_an_open_drawer"),
        ),
        "the database lets one person decide alone",
    ),
    Mutant(
        _GUARDS,
        "{row}settled_by = '' OR {row}settled_by <> {row}made_by",
        "1 = 1",
        (_refunds("an_abnormal_one_is_settled_by_another_person"),),
        "the database lets one person settle alone",
    ),
    Mutant(
        _GUARDS,
        "id = NEW.drawer_id AND open_by IS NOT NULL",
        "id = NEW.drawer_id",
        (_drawers("the_database_wants_two_people_and_an_open_drawer"),),
        "the database lets cash into a closed drawer",
    ),
)

CASH: tuple[Mutant, ...] = (*LEAVING, *COUNTER, *BOOKS_OF_REFUNDS)
