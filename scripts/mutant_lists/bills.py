"""Guards over fetching bills, proving a day, settling differences by two, and shipping."""

from scripts.mutant_lists.mutant import Mutant, off

_FETCH = "backend/usecases/bills/fetch_bill.py"
_RECONCILE = "backend/usecases/bills/reconcile_day.py"
_APPROVE = "backend/usecases/bills/approve_difference.py"
_ASK = "backend/usecases/bills/ask_difference.py"
_GIVE = "backend/usecases/bills/give_back.py"
_KEPT = "backend/tables/bills.py"
_BOOKS = "backend/tables/bill_books.py"
_PROOFS = "backend/tables/proofs.py"
_HOLDS = "backend/tables/holds.py"
_RULES = "backend/domain/difference.py"
_DAYS = "backend/domain/bill_day.py"
_SHIP = "backend/usecases/shipments/ship.py"
_VERIFY = "backend/usecases/ledger/verify_ledger.py"


def _bills(name: str) -> str:
    return f"tests/usecases/test_bills.py::test_{name}"


def _settled(name: str) -> str:
    return f"tests/usecases/test_differences.py::test_{name}"


def _shipped(name: str) -> str:
    return f"tests/usecases/test_shipments.py::test_{name}"


FILES = (
    off(_DAYS, "if at < ready_at(day_on):", _bills("before_ten_nothing_is_asked")),
    off(
        _FETCH,
        "if await has_payments(reading.day_on):",
        _bills("no_bill_for_a_day_with_payments_is_not_believed"),
        "an unsigned error wipes a day with payments",
    ),
    off(_FETCH, "if not text:", _bills("an_upload_is_read_as_strictly"), "no file is a bill"),
    Mutant(
        _KEPT,
        "bill = await asyncio.to_thread(reading.read, raw, await digests_seen())",
        "bill = await asyncio.to_thread(reading.read, raw)",
        (_bills("an_upload_is_read_as_strictly"),),
        "a file is taken twice",
    ),
    Mutant(
        _KEPT,
        "        if known.text_hash:\n            raise _other_file(reading.day_on)\n",
        "",
        (_bills("an_upload_is_read_as_strictly"),),
        "a second file overwrites the first one's day",
    ),
    off(
        _KEPT,
        "if digest_of(raw) != row.text_hash:",
        _bills("a_bill_changed_in_the_database_is_not_used"),
    ),
)
PROVING = (
    Mutant(
        _RECONCILE,
        "trade, with_fee(held.books, trade.fee_fen)) if one.is_safe]",
        "trade, with_fee(held.books, trade.fee_fen)) if one.transaction_id]",
        (
            _bills("a_fen_more_in_the_bill_is_found_and_nothing_is_proven_by_it"),
            "tests/usecases/test_bill_weeks.py::test_everything_is_found_and_nothing_invented",
        ),
        "what the bill does not prove posts itself",
    ),
    Mutant(
        _BOOKS,
        "return (number, line.transaction_id, signed_fen) == (\n"
        "            self.number,\n            self.transaction_id,\n            self.signed_fen,\n"
        "        )",
        "return (number, line.transaction_id) == (self.number, self.transaction_id)",
        (_bills("a_fen_more_in_the_bill_is_found_and_nothing_is_proven_by_it"),),
        "an entry is proven by another amount",
    ),
    Mutant(
        _PROOFS,
        "new = [one for one in proven if one.entry_id not in known]",
        "new = list(proven)",
        (_bills("run_again_it_changes_nothing"),),
        "a day that is run again is booked again",
    ),
    Mutant(
        _PROOFS,
        "fee_fen = bill.fee_fen - had_fee_fen",
        "fee_fen = bill.fee_fen",
        (_bills("run_again_it_changes_nothing"),),
        "a day's fee is booked at every run",
    ),
    Mutant(
        _KEPT,
        "            elif key in seen and _came_back(row):",
        "            elif key in seen:",
        (_settled("an_unknown_payment_waits_itemised_and_bill_and_ledger_agree"),),
        "what two people settled is open again",
    ),
    Mutant(
        _VERIFY,
        "    await _compare_transit(books, report)\n",
        "",
        (_bills("verification_sees_a_proof_that_was_never_booked"),),
        "what is in transit is not held against its entries",
    ),
)
SETTLING = (
    off(_APPROVE, "if row.asked_by == actor.label:", _settled("one_person_does_not_settle")),
    Mutant(
        "backend/migrations/0012_difference_by_two.py",
        "\"{row}decided_by = '' OR {row}decided_by <> {row}asked_by\",",
        '"{row}decided_by = {row}decided_by",',
        (_settled("one_person_does_not_settle"),),
        "the database lets one person settle",
    ),
    off(
        _APPROVE,
        "if row.state != DifferenceState.ASKED.value:",
        _settled("one_person_does_not_settle"),
        "what nobody asked for is approved",
    ),
    off(
        _APPROVE,
        "if not applied.is_taken:",
        _settled("the_door_does_not_take_what_was_not_ordered"),
    ),
    Mutant(
        _HOLDS,
        "            return False\n        if (asked_by, way)",
        "            return True\n        if (asked_by, way)",
        (_settled("two_approvals_at_once_book_once"),),
        "two approvals at once book twice",
    ),
    Mutant(
        _HOLDS,
        "writes.suspense.append((entry_id, int(SUSPENSE), holder_id, -part.fen, reason, now, 0))",
        "pass",
        (_settled("an_unknown_payment_waits_itemised_and_bill_and_ledger_agree"),),
        "money waits in suspense and no item names it",
    ),
    off(
        _RULES,
        "if way not in known:",
        _settled("a_way_that_settles_nothing_is_refused_with_the_ways_there_are"),
    ),
    off(_RULES, "if not known:", _settled("what_the_database_forbids_no_clerk_can_settle")),
    off(
        _RULES,
        "if state in {DifferenceState.ASKED, DifferenceState.SETTLED}:",
        _settled("what_was_asked_first_is_what_is_accepted"),
    ),
    off(
        _ASK,
        "if item.amount_fen != row.ours_fen:",
        _settled("a_movement_settles_the_item_it_explains_and_no_other"),
    ),
    off(_ASK, "if item is None:", _settled("a_movement_settles_the_item_it_explains_and_no_other")),
    off(
        _ASK,
        "if row.cause == Cause.AMOUNT.value and item.amount_fen != -(row.bill_fen or 0):",
        _settled("the_rest_of_a_credited_payment_does_not_go_back_alone"),
    ),
    Mutant(
        _RECONCILE,
        "        *_without_purse(trade, held.items),\n",
        "",
        (_settled("money_without_a_purse_goes_back_or_waits_for_its_owner"),),
        "money without a purse is never shown to a clerk",
    ),
    off(
        _ASK,
        "if order.holder_id != holder_id:",
        _settled("only_the_owner_of_an_order_gets_it"),
        "a held order is credited to somebody else",
    ),
    off(
        _GIVE,
        "if not follows.has_left and entry_id:",
        _settled("what_could_not_go_back_is_an_item_again"),
    ),
    Mutant(
        _GIVE,
        "if follows.has_left and not entry_id:",
        "if follows.has_left:",
        (_settled("it_goes_back_to_whoever_paid"),),
        "a surplus leaves suspense each time it is asked about",
    ),
)
SHIPPING = (
    Mutant(
        _SHIP,
        "if row.uploads and await wechat.is_shipped(row.transaction_id):",
        "if False:",
        (_shipped("what_arrived_though_its_answer_was_lost_is_not_repeated"),),
        "a lost answer uses up the only correction",
    ),
    off(
        _SHIP,
        "if account is None:",
        _shipped("a_payment_that_no_phone_ordered_has_nobody_to_be_told_of"),
    ),
    off(
        "backend/jobs.py",
        "if not parts.config.ships:",
        "tests/api/test_bills.py::test_shipping_is_behind_its_switch",
    ),
)
BILLS = (*FILES, *PROVING, *SETTLING, *SHIPPING)
