"""Messages found in the books: each once, whoever looks, whenever records arrive."""

from __future__ import annotations

import asyncio
from collections import Counter

from backend.domain.accounts import SchoolAccount, purse_account
from backend.domain.guardian import Sees
from backend.domain.message import OVER_FEN, Template
from backend.domain.times import utc
from backend.tables.account import LaneRow, LinkRow, PostingRow
from backend.tables.card import CardRow
from backend.tables.cardholder import TallyRow
from backend.tables.database import DatabaseUrl, transaction
from backend.tables.drawer import CashOutRow, DrawerRow
from backend.tables.guardian import GuardianRow, GuardianshipRow
from backend.tables.lanes import Part, parts_behind
from backend.tables.ledger import Ledger
from backend.tables.message import (
    AddressRow,
    ConsentRow,
    MessageMarkRow,
    OutboxRow,
)
from backend.tables.outbox import note_freeze
from backend.tables.payment import DisputeRow, PaymentRow
from backend.tables.retrying import retried
from backend.tables.store import make_store
from backend.tables.top_up import LotReturnRow, LotRow, RefundRow, TopUpRow
from backend.usecases.ledger.credit_purse import credit_purse
from backend.usecases.messages.note_decisions import note_decisions
from backend.usecases.messages.note_entries import IDS_AT_ONCE, note_entries
from backend.usecases.messages.note_entries import _note as note_entries_of
from campus_code import step_at
from campus_code.directory import CardState
from tests.rig.campus import NOON, Campus

DAY = 86_400
HOUR = 3600
NEW_YEAR = 20260101


async def wants_letters(holder_id: int = 0, guardian_id: int = 0, at: int = 0) -> None:
    """An e-mail address that was confirmed at a time."""
    await AddressRow.create(
        holder_id=holder_id,
        guardian_id=guardian_id,
        channel="mail",
        sealed="sealed",
        shown="l***@example.com",
        language="zh",
        made_at=1,
        agreed_at=at or 1,
    )


async def guardian(campus: Campus, holder_id: int, sees: str, wechat_id: int) -> int:
    """A guardian who sees so much of an adult and wants letters."""
    row = await GuardianRow.create(wechat_id=wechat_id, created_at=utc(NOON))
    await GuardianshipRow.create(
        guardian_id=row.id,
        holder_id=holder_id,
        name="妈妈",
        sees=sees,
        bound_at=utc(NOON),
    )
    await wants_letters(guardian_id=row.id)
    guardian_id: int = row.id
    return guardian_id


async def noted() -> Counter[str]:
    """How many messages of each kind there are."""
    return Counter(row.template for row in await OutboxRow.all())


async def pay(campus: Campus, till: int, holder_id: int, fen: int, times: int = 1) -> None:
    """Online payments, each with the next code."""
    for _ in range(times):
        campus.now += 15
        (outcome,) = await campus.post(campus.tap(till, holder_id, fen))
        assert outcome.word == "posted", outcome


async def test_each_thing_in_the_books_is_told_once(audited: Campus) -> None:
    campus = audited
    holder = await campus.holder(cash_fen=10_000)
    await wants_letters(holder)
    till = await campus.terminal("清真窗口")
    await pay(campus, till, holder, 1_205)
    await credit_purse(campus.ledger, "benefit", SchoolAccount.BENEFIT_SOURCE, [(holder, 500)])
    await campus.post(campus.undo(till, 1))
    at = int(campus.now)
    looks = await asyncio.gather(*(note_entries(at) for _ in range(2)))
    assert sum(looks) == 3
    assert await note_entries(at) == 0
    assert await noted() == {"payment": 1, "benefit": 1, "refund": 1}
    rows = {row.template: row.body for row in await OutboxRow.all()}
    assert rows["payment"] == {
        "merchant": "清真窗口", "charged_fen": "1205", "occurred_at": str(at),
    }  # fmt: skip
    assert (rows["benefit"]["amount_fen"], rows["refund"]["step"]) == ("500", "reversed")


async def test_what_was_before_the_yes_is_not_told(audited: Campus) -> None:
    campus = audited
    holder = await campus.holder()
    till = await campus.terminal()
    await pay(campus, till, holder, 100)
    await wants_letters(holder, at=int(campus.now) + 1)
    assert await note_entries(int(campus.now) + 60) == 0
    campus.now += 60
    await pay(campus, till, holder, 100)
    assert await note_entries(int(campus.now)) == 1


async def test_a_guardian_hears_no_more_than_he_sees(audited: Campus) -> None:
    campus = audited
    holder = await campus.holder(cash_fen=100_000)
    sees_all = await guardian(campus, holder, Sees.ALL.value, 11)
    sees_balance = await guardian(campus, holder, Sees.BALANCE.value, 12)
    await guardian(campus, holder, Sees.STATE.value, 13)
    till = await campus.terminal()
    await pay(campus, till, holder, 10_000, times=6)
    await note_entries(int(campus.now))
    told = Counter((row.guardian_id, row.template) for row in await OutboxRow.all())
    assert told == {(sees_all, "payment"): 6, (sees_all, "over"): 1, (sees_balance, "over"): 1}
    assert {row.body["who"] for row in await OutboxRow.all()} == {"Person 1"}
    await GuardianshipRow.filter(guardian_id=sees_all).update(ended_at=utc(NOON))
    await pay(campus, till, holder, 100)
    assert await note_entries(int(campus.now)) == 0


async def test_over_500_is_told_once_a_day_however_late_and_disordered_records_are(
    audited: Campus,
) -> None:
    campus = audited
    holder, other = [await campus.holder(cash_fen=300_000) for _ in range(2)]
    for one in (holder, other):
        await wants_letters(one)
    till, late = await campus.terminal(), await campus.terminal("Rice")
    await pay(campus, till, holder, 10_000, times=5)
    await note_entries(int(campus.now))
    assert (await noted())["over"] == 0, "500 yuan are not more than 500 yuan"
    campus.now = NOON + 2 * DAY  # two days later a terminal without a network comes back
    await pay(campus, till, holder, 100)  # and the tally has gone on
    records = [
        campus.record(late, one, 5_000, at=at, step=step_at(at))
        for at in range(NOON + 9 * HOUR, NOON + 9 * HOUR - 12 * 60, -60)
        for one in (holder, other)
    ]
    for start in (12, 0, 6, 18):  # not in order
        await campus.post(*records[start : start + 6])
        await note_entries(int(campus.now))
        await note_entries(int(campus.now))
    over = await OutboxRow.filter(template=Template.OVER.value)
    assert [row.topic for row in over] == [f"over:{holder}:{NEW_YEAR}", f"over:{other}:{NEW_YEAR}"]
    assert all(int(row.body["amount_fen"]) > OVER_FEN for row in over)
    await OutboxRow.all().delete()  # long afterwards, when messages are forgotten
    at = NOON + 8 * HOUR
    await campus.post(campus.record(late, holder, 100, at=at, step=step_at(at)))
    await note_entries(int(campus.now))
    assert await noted() == {"payment": 1}


async def test_marks_of_lanes_miss_nothing_and_history_is_not_told(
    audited: Campus, migrated_url: str
) -> None:
    campus = audited
    holder = await campus.holder()
    await wants_letters(holder)
    till = await campus.terminal()
    await pay(campus, till, holder, 100)
    lane = await LaneRow.all().order_by("-id").first()
    assert lane is not None
    assert await note_entries(int(campus.now)) == 1
    mark = await MessageMarkRow.get(name=f"lane:{lane.id}")
    await MessageMarkRow.filter(name=mark.name).update(value=lane.id << 32)
    assert await note_entries(int(campus.now)) == 0, "a mark that was lost tells nobody twice"
    assert (await MessageMarkRow.get(name=mark.name)).value == mark.value
    first = campus.ledger
    campus.ledger = Ledger(make_store(DatabaseUrl.parse(migrated_url)), campus.clock, "another")
    await campus.ledger.open()
    await pay(campus, till, holder, 200)
    await campus.ledger.close()
    campus.ledger = first
    await pay(campus, till, holder, 300)
    assert await note_entries(int(campus.now)) == 2
    assert await MessageMarkRow.filter(name__startswith="lane:").count() == 2


async def test_a_stock_is_used_up_and_no_further(audited: Campus) -> None:
    campus = audited
    holder = await campus.holder()
    await guardian(campus, holder, Sees.ALL.value, 21)
    await AddressRow.all().delete()
    stock = await ConsentRow.create(
        wechat_id=21, template="payment", messages_left=2, agreed_at=NOON
    )
    till = await campus.terminal()
    await pay(campus, till, holder, 100, times=5)
    await asyncio.gather(*(note_entries(int(campus.now)) for _ in range(3)))
    assert await noted() == {"payment": 2}
    await stock.refresh_from_db()
    assert stock.messages_left == 0
    await ConsentRow.filter(id=stock.id).update(is_long_term=True)
    await pay(campus, till, holder, 100, times=3)
    assert await note_entries(int(campus.now)) == 3
    await ConsentRow.filter(id=stock.id).update(refused_at=int(campus.now))
    await pay(campus, till, holder, 100)
    assert await note_entries(int(campus.now)) == 0


async def test_notes_at_once_use_a_stock_up_once(campus: Campus) -> None:
    """Freezes of two children at once, and one yes of their mother's."""
    first, second = [await campus.holder() for _ in range(2)]
    mother = await guardian(campus, first, Sees.ALL.value, 31)
    await GuardianshipRow.create(
        guardian_id=mother, holder_id=second, name="妈妈", sees="all", bound_at=utc(NOON)
    )
    await AddressRow.all().delete()
    await ConsentRow.create(wechat_id=31, template="freeze", messages_left=1, agreed_at=1)

    @retried
    async def frozen(holder_id: int, version: int) -> None:
        async with transaction():
            await note_freeze(holder_id, CardState.FROZEN, version, NOON)
            await asyncio.sleep(0.2)

    await asyncio.gather(frozen(first, 1), frozen(second, 2))
    assert await noted() == {"freeze": 1}
    assert (await ConsentRow.get()).messages_left == 0


async def test_a_mark_never_goes_back(campus: Campus) -> None:
    holder = await campus.holder()
    await wants_letters(holder)
    till = await campus.terminal()
    await pay(campus, till, holder, 100, times=3)
    ((mark, after_id, last_id),) = await parts_behind("lane:", IDS_AT_ONCE)
    await note_entries(int(campus.now))
    await OutboxRow.all().delete()
    late = await note_entries_of(Part(mark, after_id, last_id - 8), int(campus.now))
    assert (late, await noted()) == (0, {}), "a worker that was slow notes nothing again"
    assert (await MessageMarkRow.get(name=mark)).value == last_id


async def test_a_day_of_exactly_500_is_not_over(campus: Campus) -> None:
    holder = await campus.holder(cash_fen=100_000)
    await wants_letters(holder)
    till = await campus.terminal()
    await pay(campus, till, holder, 10_000, times=5)
    await pay(campus, till, holder, 1)
    await campus.post(campus.undo(till, 6))
    await TallyRow.filter(holder_id=holder).update(day_fen=OVER_FEN + 1)
    await note_entries(int(campus.now))
    assert (await noted())["over"] == 0


async def test_what_the_school_bears_is_not_told_as_paid(campus: Campus) -> None:
    holder = await campus.holder()
    await wants_letters(holder)
    till = await campus.terminal()
    await CardRow.filter(holder_id=holder).update(state=CardState.FROZEN, frozen_at=NOON - 60)
    await campus.post(campus.record(till, holder, 700))
    assert (await PaymentRow.get()).borne_fen == 700
    await note_entries(int(campus.now))
    assert await noted() == {}


LANE = 77
FIRST = LANE << 32


async def entry(number: int, kind: str, source: int, target: int, fen: int) -> int:
    """An entry of a lane of its own, as some other process would have posted it."""
    entry_id = FIRST + number * 8
    await PostingRow.create(
        id=entry_id, kind=kind, source_id=source, target_id=target, amount_fen=fen, corrects_id=0
    )
    return entry_id


async def test_money_that_comes_in_and_goes_back_is_told_step_by_step(campus: Campus) -> None:
    holder = await campus.holder()
    await wants_letters(holder)
    payer = await guardian(campus, holder, Sees.STATE.value, 41)
    purse, transit = purse_account(holder, "cash"), int(SchoolAccount.WECHAT_IN_TRANSIT)
    drawer = int(SchoolAccount.CASH_DRAWER)
    paid = await entry(1, "top_up", transit, purse, 5000)
    await LotRow.create(
        id=paid, holder_id=holder, origin="wechat", reference="tu-1", transaction_id="420-1",
        amount_fen=5000, paid_at=NOON, posted_at=NOON,
    )  # fmt: skip
    await TopUpRow.create(
        out_trade_no="tu-1", request_key="k", holder_id=holder, payer=f"guardian:{payer}",
        wechat_id=41, app_id="a", mchid="m", amount_fen=5000, state="paid",
        transaction_id="420-1", entry_id=paid, started_at=NOON, expires_at=NOON + 60,
    )  # fmt: skip
    back = await entry(2, "top_up_back", purse, transit, 300)
    kept = await entry(3, "top_up_kept", transit, purse, 300)
    for entry_id, undoes_id in ((back, 0), (kept, back)):
        await LotReturnRow.create(
            id=entry_id, lot_id=paid, holder_id=holder, reference="rf-1", undoes_id=undoes_id,
            amount_fen=300, posted_at=NOON,
        )  # fmt: skip
    out = await entry(4, "cash_out", purse, drawer, 200)
    await LotReturnRow.create(
        id=out, lot_id=0, holder_id=holder, reference="co-1", undoes_id=0, amount_fen=200,
        posted_at=NOON,
    )  # fmt: skip
    till = await DrawerRow.create(staff_id=1, open_by=1, opened_at=NOON, opened_fen=0)
    await CashOutRow.create(
        id=out, request_key="co-1", holder_id=holder, amount_fen=200, drawer_id=till.id,
        made_by="staff:1", approved_by="staff:2", reason="离校", posted_at=NOON,
    )  # fmt: skip
    await LaneRow.create(id=LANE, opened_at=NOON, opened_by="x", opening_heads="", opening_hash="")
    await LinkRow.create(
        id=FIRST + 1, lane_id=LANE, after_id=FIRST, last_id=out + 7, hash="", posted_at=NOON
    )
    await note_entries(NOON)
    rows = await OutboxRow.all().order_by("id")
    steps = Counter((row.guardian_id, row.template, row.body.get("step", "")) for row in rows)
    assert steps == {
        (0, "top_up", ""): 1,
        (payer, "top_up", ""): 1,
        (0, "refund", "started"): 1,
        (0, "refund", "failed"): 1,
        (0, "refund", "in_cash"): 1,
    }, "who paid is told of it, however little he sees"
    await RefundRow.create(
        out_refund_no="rf-2", request_key="r2", top_up_id=1, lot_id=paid, holder_id=holder,
        amount_fen=400, reason="", made_by="staff:1", made_at=NOON, state="done", ended_at=NOON,
    )  # fmt: skip
    assert [await note_decisions(NOON + 1), await note_decisions(NOON + 2)] == [1, 0]
    year = 365 * DAY
    assert await note_decisions(NOON + year - 31 * DAY) == 0
    looks = [await note_decisions(NOON + year - 29 * DAY + more) for more in (0, 60, DAY)]
    assert looks == [1, 0, 0]
    lot = await OutboxRow.get(template="lot")
    assert (lot.body["amount_fen"], lot.body["at"]) == ("5000", str(NOON + year))


async def test_an_answered_dispute_is_told_once(audited: Campus) -> None:
    campus = audited
    holder = await campus.holder()
    await wants_letters(holder)
    till = await campus.terminal("面馆")
    await pay(campus, till, holder, 700)
    paid = await PaymentRow.get()
    await DisputeRow.create(
        id=paid.id, first_payment_id=0, card_id=paid.card_id, reason="not_me",
        opened_at=NOON, made_by="student:1",
    )  # fmt: skip
    at = int(campus.now)
    assert await note_decisions(at) == 0
    await DisputeRow.filter(id=paid.id).update(decision="upheld", decided_at=at)
    assert [await note_decisions(at + more) for more in (1, 2, 700)] == [1, 0, 0]
    row = await OutboxRow.get(template="dispute")
    assert row.body == {"merchant": "面馆", "decision": "upheld", "at": str(at)}
