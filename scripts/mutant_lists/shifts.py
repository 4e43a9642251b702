"""Guards over cashiers' shifts: counted from the books, final once, named where one works."""

from scripts.mutant_lists.mutant import Mutant

_RECORD = "backend/usecases/terminals/record_shifts.py"
_TABLE = "backend/tables/shifts.py"
_TOLD = "qr_terminals/shifts.py"


def _shifts(name: str) -> tuple[str, ...]:
    return (f"tests/api/test_shifts.py::test_{name}",)


SHIFTS = (
    Mutant(
        _RECORD,
        "if row.is_counted:",
        "if False:",
        _shifts("what_ended_is_never_overwritten"),
        "a terminal rewrites what a cashier counted",
    ),
    Mutant(
        _RECORD,
        "elif confirmed_through >= one.last_sequence:",
        "elif True:",
        _shifts("it_waits_for_its_last_record"),
        "a shift is final while its last payments are on their way",
    ),
    Mutant(
        _RECORD,
        "sums = await sums_of(row.terminal_id, told.first_sequence, told.last_sequence)",
        "sums = (await sums_of(row.terminal_id, 1, 0))._replace(charged_fen=told.stands_fen)",
        _shifts("a_shift_is_counted_from_the_books"),
        "the terminal's own word is believed",
    ),
    Mutant(
        _TABLE,
        "return told.last_sequence >= told.first_sequence and await others.exists()",
        "return False",
        _shifts("two_shifts_of_the_same_records_are_contested"),
        "two cashiers answer for the same payments and nobody sees it",
    ),
    Mutant(
        _TABLE,
        "return {post: staff[post[0]].name for post in posts if post[0] in staff}",
        "return {post: staff[post[0]].name for post in claimed if post[0] in staff}",
        _shifts("who_is_no_cashier_there_has_no_name"),
        "whoever's number is typed is said to have been there",
    ),
    Mutant(
        _TOLD,
        ' if int(name.partition(":")[2]) <= through]',
        "]",
        ("tests/terminals/test_shift_told.py::test_many_wait_and_go_the_oldest_first",),
        "a shift that the server does not have is forgotten",
    ),
)
