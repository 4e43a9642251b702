"""Guards of the machinery under the books: locks, retries, the lane, SQL texts, the wire."""

from scripts.mutant_lists.mutant import Mutant, off

_STORE = "backend/tables/store.py"
_LEDGER = "backend/tables/ledger.py"
_READS = "backend/tables/payment_reads.py"
_SQL = "backend/tables/sql.py"
_RACES = "tests/faults/test_races.py::"
_FAULTS = "tests/faults/test_database_faults.py::"

POSTING = (
    Mutant(
        _STORE,
        '"mysql": " FOR UPDATE"',
        '"mysql": ""',
        (f"{_RACES}test_fifty_spends_of_one_purse",),
        "two processes spend the same balance",
    ),
    Mutant(
        _READS,
        '" ORDER BY c.number" + lock',
        '" ORDER BY c.number"',
        (f"{_RACES}test_fifty_spends_of_one_purse",),
        "two terminals spend the same balance in two processes",
    ),
    off(
        _STORE,
        "if number in ASKS_FOR_RETRY and tries < TRIES_MAX:",
        f"{_FAULTS}test_whatever_asks_for_another_try_gets_it",
        "a deadlock refuses a payment",
    ),
    Mutant(
        _STORE,
        "elif number not in LOST:",
        "elif True:",
        (f"{_FAULTS}test_a_set_survives_its_cable",),
        "a lost connection refuses a payment that may stand",
    ),
    off(
        _LEDGER,
        "if previous in tries:",
        f"{_FAULTS}test_a_credit_is_never_given_twice",
        "a credit whose answer was lost is given twice",
    ),
    off(
        _LEDGER,
        "if not head:",
        "tests/usecases/test_payment_chain.py::test_a_lane_that_is_gone_posts_nothing",
        "a process posts in a lane that does not exist",
    ),
    Mutant(
        _LEDGER,
        'return statement.replace("INSERT", f"INSERT {keep_first}", 1)',
        "return statement",
        (
            "tests/usecases/test_payment_chain.py::test_an_edited_journal_is_set_aside_from_there_on",
        ),
        "a record sent again from quarantine stops its set",
    ),
    Mutant(
        _LEDGER,
        "hash_text = link_hash(previous, (",
        'hash_text = link_hash("", (',
        ("tests/usecases/test_verify_ledger.py::test_right_books_have_no_findings",),
        "links do not hold on to each other",
    ),
    Mutant(
        _READS,
        'f"code_key IN ({sql.numbers(spent)})"',
        '"code_key IN (NULL)"',
        ("tests/usecases/test_payment_records.py::test_a_code_used_twice_is_charged_once",),
        "a code used in an earlier set pays again",
    ),
    Mutant(
        _READS,
        "is_corrected=undo.payment.id in are_corrected",
        "is_corrected=False",
        ("tests/usecases/test_corrections.py::test_a_refunded_payment_cannot_be_reversed_too",),
        "refunded and reversed: more goes back than was paid",
    ),
    off(
        _SQL,
        "if _PLAIN.fullmatch(text) is None:",
        "tests/unit/backend/test_sql.py::test_what_is_no_plain_word_never_becomes_sql",
        "a text somebody typed becomes SQL",
    ),
    Mutant(
        _SQL,
        "return f\"CAST(X'{value.encode().hex()}' AS CHAR)\"",
        "return f\"'{value}'\"",
        ("tests/unit/backend/test_sql.py::test_what_was_typed_travels_as_digits",),
        "a reason typed by a cashier becomes SQL",
    ),
    off(
        "backend/api/terminal/records.py",
        "if records.terminal_id != terminal.terminal_id:",
        "tests/api/test_records.py::test_only_the_tills_own_signature_counts",
        "one terminal writes another's journal",
    ),
    off(
        "backend/api/terminal/payments.py",
        "if refusal is not None:",
        "tests/api/test_payments.py::test_pins",
        "any PIN counts as the right one",
    ),
    Mutant(
        "backend/api/terminal/payments.py",
        "asked_fen: Annotated[int, Field(ge=1, le=AMOUNT_FEN_MAX)] | None = None",
        "asked_fen: int | None = None",
        ("tests/api/test_payments.py::test_what_is_no_amount_is_refused",),
        "amounts out of any bound reach the rule",
    ),
    Mutant(
        "backend/api/terminal/payments.py",
        "sequence: Annotated[int, Field(ge=1, le=VERSION_MAX)]",
        "sequence: int",
        ("tests/api/test_payments.py::test_what_is_no_amount_is_refused",),
        "sequences out of any bound reach the books",
    ),
    off(
        "backend/usecases/payments/payment_queue.py",
        "if self._is_drained or waiting >= WAITING_MAX:",
        "tests/unit/backend/test_payment_queue.py::test_a_stopping_server_takes_no_payment",
        "a server that stops takes payments it will not post",
    ),
)
