from __future__ import annotations

from datetime import UTC, datetime

from backend.domain.forecast import days_left, is_low, seen_since
from backend.domain.message import Fact, Template, channel_for, money_facts
from backend.tables.account import AccountRow
from backend.tables.cardholder import CardholderRow
from backend.tables.database import transaction
from backend.tables.message import LowBalanceRow, MessageMarkRow
from backend.tables.outbox import lock_noting, note_facts
from backend.tables.recipients import recipients_of, stock_of, stocks_of
from backend.tables.retrying import retried
from backend.tables.spending import read_days
from campus_code import RulesBundle, business_day

MARK = "low"
HOLDERS_AT_ONCE = 500
BEGINS_HOUR = 16
"""Local hour of the daily look: lunch is paid, and there is time to top up before tomorrow."""
ENDS_HOUR = 21
_DAY = 1 << 36
"""A mark is the business day and the last holder looked at, in one number."""


async def note_low_balances(rules: RulesBundle, at: int) -> int:
    """Look at the next holders, once a day each; how many are told that tomorrow is not covered.

    Once a dip: until the balance rises above what he was told, a holder is not told again.
    """
    local = datetime.fromtimestamp(at + rules.utc_offset_seconds, UTC)
    if not BEGINS_HOUR <= local.hour < ENDS_HOUR:
        return 0
    today_on = business_day(at, rules)
    mark = await MessageMarkRow.get_or_none(name=MARK)
    begun = mark is not None and mark.value // _DAY == today_on
    after_id = mark.value % _DAY if mark is not None and begun else 0
    holders = CardholderRow.filter(id__gt=after_id, is_active=True).order_by("id")
    ids = [holder.id for holder in await holders.limit(HOLDERS_AT_ONCE).only("id")]
    if not ids:
        return 0
    seen = await _balances(ids, today_on, at)
    return await _note(seen, today_on * _DAY + ids[-1], at)


async def _balances(
    holder_ids: list[int], today_on: int, at: int
) -> dict[int, tuple[int, int | None]]:
    """Holder → balance in fen and days left, of those somebody wants to be told about."""
    people = await recipients_of(holder_ids)
    accounts = {one.wechat_id for some in people.values() for one in some}
    stocks = await stocks_of(accounts, [Template.LOW])
    heard = [
        holder_id
        for holder_id, some in people.items()
        if any(
            channel_for(stock_of(stocks.get((one.wechat_id, Template.LOW))), one.addresses, at)
            for one in some
        )
    ]
    if not heard:
        return {}
    spent = await read_days(heard, seen_since(today_on), today_on)
    balances = dict.fromkeys(heard, 0)
    for purse in await AccountRow.filter(holder_id__in=heard):
        balances[purse.holder_id or 0] += purse.balance_fen
    return {
        holder_id: (balance_fen, days_left(balance_fen, spent[holder_id], today_on))
        for holder_id, balance_fen in balances.items()
    }


@retried
async def _note(seen: dict[int, tuple[int, int | None]], mark: int, at: int) -> int:
    noted = 0
    async with transaction():
        await lock_noting()
        standing = await MessageMarkRow.get_or_none(name=MARK)
        if standing is not None and standing.value >= mark:  # another worker was here
            return 0
        await MessageMarkRow.update_or_create(name=MARK, defaults={"value": mark})
        told = {row.holder_id: row for row in await LowBalanceRow.filter(holder_id__in=list(seen))}
        for holder_id, (balance_fen, left) in seen.items():
            dip = told.get(holder_id)
            if not is_low(left):
                if dip is not None and balance_fen > dip.balance_fen:
                    await dip.delete()
                continue
            if dip is not None:
                dip.balance_fen = min(dip.balance_fen, balance_fen)
                await dip.save(update_fields=["balance_fen"])
            elif await note_facts([_fact(holder_id, balance_fen, left, at)], at):
                await LowBalanceRow.create(holder_id=holder_id, balance_fen=balance_fen, told_at=at)
                noted += 1
    return noted


def _fact(holder_id: int, balance_fen: int, left: int | None, at: int) -> Fact:
    words = money_facts(max(balance_fen, 0), at, left=str(left))
    return Fact(Template.LOW, f"low:{holder_id}:{at}", holder_id, at, words)
