"""Guards of the finance office: commissions, remittances, closed days, totals a day."""

from scripts.mutant_lists.mutant import Mutant, off

_TESTS = "tests/api/test_finance.py::"
_SENT = f"{_TESTS}test_the_school_keeps_its_part_and_two_people_send_the_rest"
_APART = f"{_TESTS}test_the_database_keeps_the_two_apart"
_CLOSED = f"{_TESTS}test_a_day_is_closed_once_with_its_missing_terminals_seen"
_DECIDE = "backend/usecases/remittances/decide_remittance.py"
_MIGRATION = "backend/migrations/0019_finance.py"

FINANCE = (
    off(
        _DECIDE,
        "if row.made_by == actor.label:",
        _SENT,
        "one person asks for a remittance and approves it",
    ),
    off(_DECIDE, "if decision == APPROVED:", _SENT, "an approval that is repeated is no answer"),
    Mutant(
        _DECIDE,
        "        if decision:\n            raise decided_already(decision)\n        entry_id",
        "        entry_id",
        (f"{_TESTS}test_a_rejected_remittance_lets_its_settlements_go",),
        "what was rejected is sent all the same",
    ),
    Mutant(
        _DECIDE,
        "update(standing_id=None)",
        "update(amount_fen=0)",
        (f"{_TESTS}test_a_rejected_remittance_lets_its_settlements_go",),
        "a rejected remittance keeps its settlements for ever",
    ),
    Mutant(
        _MIGRATION,
        " AND {row}decided_by <> {row}made_by",
        "",
        (_APART,),
        "the database lets one person stand for both",
    ),
    Mutant(
        _MIGRATION,
        "{row}basis_points BETWEEN 0 AND 3000",
        "{row}basis_points >= 0",
        (_APART,),
        "the database lets the school keep everything",
    ),
    Mutant(
        "backend/domain/commission.py",
        "if begins_on <= settled_on:",
        "if False:",
        (_SENT,),
        "a rate is set for days that are settled",
    ),
    Mutant(
        "backend/usecases/settlements/settle_day.py",
        "paid_fen = int(settled[0][1]) + int(kept[0][0])",
        "paid_fen = int(settled[0][1])",
        ("tests/usecases/test_settlements.py::test_a_commission_is_kept_once",),
        "a commission is owed to the merchant again on the next day",
    ),
    off("backend/domain/day_close.py", "if now < picture.ends_at:", _CLOSED),
    off(
        "backend/domain/day_close.py",
        "if len(picture.missing) != missing:",
        _CLOSED,
        "a day is closed on a picture nobody has seen",
    ),
    Mutant(
        "backend/domain/day_close.py",
        "is_behind = self.waiting > 0 or self.highest_sequence > self.confirmed_sequence",
        "is_behind = self.waiting > 0",
        (f"{_TESTS}test_a_terminal_that_has_delivered_is_not_missing",),
        "a terminal that is behind counts as delivered",
    ),
    off(
        "backend/usecases/payments/reject_correction.py",
        "if row.decision == REJECTED:",
        f"{_TESTS}test_a_refund_is_refused_twice",
    ),
    Mutant(
        "backend/usecases/payments/approve_correction.py",
        'if decision == "rejected":',
        "if False:",
        (f"{_TESTS}test_a_refund_is_refused_or_approved_by_another",),
        "a refund that was refused is paid",
    ),
    Mutant(
        "backend/tables/day_totals.py",
        "        if mark.through_id != after_id:\n            return int(mark.through_id)\n",
        "",
        ("tests/usecases/test_day_totals.py::test_rollers_at_once_add_each_entry_once",),
        "two rollers add the same entries twice",
    ),
    Mutant(
        "backend/api/admin/reports.py",
        "if not (actor.reach.is_whole_school or kind in BY_MERCHANT or has_book):",
        "if False:",
        ("tests/api/test_reports.py::test_a_file_of_payments_ends_at_somebodys_place",),
        "a canteen's manager reads the whole school's report",
    ),
    Mutant(
        "backend/api/admin/reports.py",
        "has_book = book_id is not None and actor.reach.has_place(book_id)",
        "has_book = book_id is not None",
        ("tests/api/test_books.py::test_whoever_is_at_a_campus_sees_its_book_alone",),
        "a campus reads another one's books",
    ),
    Mutant(
        "backend/tables/books.py",
        "if await was_posted_to(account_id):",
        "if False:",
        ("tests/api/test_books.py::test_what_is_not_rolled_up_counts_as_posted",),
        "what was taken on one campus moves into another one's books",
    ),
    Mutant(
        "backend/tables/rollup.py",
        "for _lane_id, after_id, through_id in await lane_ranges():",
        "for _lane_id, after_id, through_id in []:",
        ("tests/api/test_books.py::test_what_is_not_rolled_up_counts_as_posted",),
        "what was posted a moment ago does not count",
    ),
)
