"""Guards of the books themselves: credits, verification, settlement, the database."""

from scripts.mutant_lists.mutant import Mutant, off

_VERIFY = "backend/usecases/ledger/verify_ledger.py"


BOOKS = (
    Mutant(
        "backend/migrations/0029_settled_once.py",
        'AGAIN = "OLD.settled_by_id <> 0 AND NEW.settled_by_id <> OLD.settled_by_id"',
        'AGAIN = "OLD.id < 0"',
        ("tests/usecases/test_database_guards.py::test_an_item_in_suspense_is_settled_once",),
        "an item is settled a second time, by another entry",
    ),
    off(
        "backend/usecases/ledger/credit_purse.py",
        "if type(amount_fen) is not int or not 1 <= amount_fen <= CREDIT_FEN_MAX:",
        "tests/usecases/test_credit_purse.py::test_what_is_no_amount_is_not_credited",
        "a credit of any amount, negative ones too",
    ),
    off(
        _VERIFY,
        "if link_hash(previous, frame, inside) != said:",
        "tests/usecases/test_verify_ledger.py::test_each_change_of_the_rows_is_found",
        "a changed row is not found",
    ),
    off(
        _VERIFY,
        "if balance_fen != added:",
        "tests/usecases/test_verify_ledger.py::test_each_change_of_the_rows_is_found",
        "a raised balance is not found",
    ),
    off(
        _VERIFY,
        "if balance + named.get(int(account), 0):",
        "tests/usecases/test_verify_ledger.py::test_each_change_of_the_rows_is_found",
        "a clearing account nobody explains is not found",
    ),
    off(
        _VERIFY,
        'if lane_hash([hashes.get(link_id, "") for link_id in named]) != opening:',
        "tests/usecases/test_verify_ledger.py::test_each_change_of_the_rows_is_found",
        "a lane taken away is not found",
    ),
    Mutant(
        _VERIFY,
        "        for row_id, _ in found:",
        "        for row_id, _ in ():",
        ("tests/usecases/test_verify_ledger.py::test_each_change_of_the_rows_is_found",),
        "an invented posting is not found",
    ),
    Mutant(
        "backend/usecases/settlements/settle_day.py",
        "if not merchant or standing[0][0]:",
        "if not merchant:",
        ("tests/usecases/test_settlements.py::test_a_day_is_settled_once",),
        "a merchant is paid twice for one day",
    ),
    Mutant(
        "backend/migrations/0002_guards.py",
        "{row}kind <> 'purse' OR {row}balance_fen >= {row}floor_fen",
        "1 = 1",
        ("tests/usecases/test_database_guards.py::test_the_database_refuses_it_itself",),
        "the database lets a purse be overdrawn",
    ),
    Mutant(
        "backend/migrations/0002_guards.py",
        "{row}amount_fen > 0 AND {row}made_by <> {row}approved_by",
        "1 = 1",
        ("tests/usecases/test_database_guards.py::test_the_database_refuses_it_itself",),
        "the database lets one person refund alone",
    ),
    Mutant(
        "backend/migrations/0002_guards.py",
        "{row}amount_fen > 0 AND {row}source_id <> {row}target_id",
        "1 = 1",
        ("tests/usecases/test_database_guards.py::test_the_database_refuses_it_itself",),
        "the database takes a posting of nothing, or backwards",
    ),
    Mutant(
        "backend/migrations/0002_guards.py",
        '    "posting",\n    "payment",\n',
        "",
        ("tests/usecases/test_database_guards.py::test_history_is_append_only",),
        "the database lets history be changed",
    ),
)
