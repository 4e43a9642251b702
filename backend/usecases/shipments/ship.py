"""Tell WeChat that paid top-ups were delivered: once each, whatever goes wrong on the way."""

from __future__ import annotations

from typing import Final

from tortoise.exceptions import IntegrityError

from backend.domain.errors import UnavailableError
from backend.domain.shipping import NOT_THERE_YET, TOLD_ALREADY, Shipment, wait_seconds
from backend.domain.wechat import OPENID_CONTEXT, WechatFaultError
from backend.tables import sql
from backend.tables.ledger import Ledger
from backend.tables.shipment import ShipmentRow
from backend.tables.top_up import TopUpRow
from backend.tables.wechat import WechatRow
from backend.usecases.ports import Vault, Wechat

SHIPMENTS_PER_RUN: Final = 50
FAULT_MAX: Final = 64
NOBODY: Final = "no_payer"
"""A payment that a bill brought and that no phone of ours ordered."""


async def ship(ledger: Ledger, wechat: Wechat, vault: Vault, *, at: int) -> int:
    """Tell what is due; answers how many WeChat knows of now. Several may run at once.

    The intent is a row by the top-up's id and WeChat Pay's number. When it is unknown whether a
    report arrived, WeChat is asked what it knows before the report is repeated: a second one would
    use up the only correction there is.
    """
    await _note(ledger, at)
    told = 0
    due = ShipmentRow.filter(state="due", due_at__lte=at).order_by("due_at", "id")
    for row in await due.limit(SHIPMENTS_PER_RUN):
        told += await _tell(wechat, vault, row, at)
    return told


async def _note(ledger: Ledger, at: int) -> None:
    """A row for each paid top-up that has none."""
    joined = "top_up t LEFT JOIN shipment s ON s.id=t.id"
    wanted = "t.state='paid' AND t.credited_at>0 AND t.transaction_id IS NOT NULL AND s.id IS NULL"
    tail = f" ORDER BY t.id LIMIT {SHIPMENTS_PER_RUN}"
    (rows,) = await ledger.read([sql.select("t.id,t.transaction_id", joined, wanted, tail)])
    for top_up_id, transaction_id in rows:
        try:
            await ShipmentRow.create(id=top_up_id, transaction_id=transaction_id, due_at=at)
        except IntegrityError:
            continue  # another process was quicker


async def _tell(wechat: Wechat, vault: Vault, row: ShipmentRow, at: int) -> bool:
    order = await TopUpRow.get(id=row.id)
    account = await WechatRow.get_or_none(id=order.wechat_id)
    if account is None:
        await _end(row, "failed", at, NOBODY)
        return False
    openid = vault.open(account.sealed_openid, OPENID_CONTEXT).decode()
    shipment = Shipment(row.transaction_id, openid, order.credited_at)
    try:
        if row.uploads and await wechat.is_shipped(row.transaction_id):
            await _end(row, "told", at)
            return True
        # counted before it is sent: what happens to it afterwards is not known
        await ShipmentRow.filter(id=row.id).update(uploads=row.uploads + 1)
        await wechat.ship(shipment)
    except WechatFaultError as error:
        if error.errcode in TOLD_ALREADY:
            await _end(row, "told", at)
            return True
        if error.errcode in NOT_THERE_YET:
            await ShipmentRow.filter(id=row.id).update(uploads=row.uploads)  # it took nothing
            await _later(row, at, str(error.errcode))
        else:
            await _end(row, "failed", at, str(error.errcode))
        return False
    except UnavailableError as error:
        await _later(row, at, error.word)
        return False
    await _end(row, "told", at)
    return True


async def _end(row: ShipmentRow, state: str, at: int, fault: str = "") -> None:
    await ShipmentRow.filter(id=row.id, state="due").update(
        state=state, fault=fault[:FAULT_MAX], told_at=at if state == "told" else 0, due_at=0
    )


async def _later(row: ShipmentRow, at: int, fault: str) -> None:
    tries = row.tries + 1
    await ShipmentRow.filter(id=row.id, state="due").update(
        tries=min(tries, 1_000), fault=fault[:FAULT_MAX], due_at=at + wait_seconds(tries)
    )
