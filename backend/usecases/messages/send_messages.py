from __future__ import annotations

from backend.domain.message import PAUSE_SECONDS, Delivery, Template, compose, next_try
from backend.domain.wechat import (
    OPENID_CONTEXT,
    MessageRefusedError,
    WechatAwayError,
    WechatFaultError,
    WechatOffError,
)
from backend.tables.wechat import AcceptanceRow, OutboxRow, WechatRow
from backend.usecases.ports import Vault, Wechat

MESSAGES_MAX = 20
"""Messages one run sends: the other jobs of the worker wait for it."""


async def send_messages(
    wechat: Wechat, vault: Vault, *, at: int, utc_offset_seconds: int
) -> dict[Delivery, int]:
    """Send what is due, each at least once; how many ended in which way.

    Nothing is locked while WeChat is asked. A message is marked after it was sent, so a worker
    that dies in between sends it again. While WeChat is away everything waits.
    """
    due = OutboxRow.filter(state=Delivery.WAITING, due_at__lte=at)
    ended = dict.fromkeys(Delivery, 0)
    for row in await due.order_by("due_at", "id").limit(MESSAGES_MAX):
        delivery, is_away = await _send(row, wechat, vault, at, utc_offset_seconds)
        ended[delivery] += 1
        if is_away:
            await due.update(due_at=at + PAUSE_SECONDS)
            break
    return ended


async def _send(
    row: OutboxRow, wechat: Wechat, vault: Vault, at: int, utc_offset_seconds: int
) -> tuple[Delivery, bool]:
    template = Template(row.template)
    account = await WechatRow.get(id=row.wechat_id)
    openid = vault.open(account.sealed_openid, OPENID_CONTEXT).decode()
    try:
        await wechat.send(openid, template, compose(template, row.body, utc_offset_seconds))
    except MessageRefusedError:
        # whatever we believed: there is no acceptance left at WeChat's
        await AcceptanceRow.filter(wechat_id=row.wechat_id, template=template).delete()
        return await _end(row, Delivery.REFUSED, at), False
    except WechatOffError:
        return await _end(row, Delivery.DROPPED, at), False
    except WechatFaultError as error:
        delivery = Delivery.DROPPED if error.is_lasting else Delivery.WAITING
        return await _end(row, delivery, at), False
    except WechatAwayError:
        return await _end(row, Delivery.WAITING, at), True
    return await _end(row, Delivery.SENT, at), False


async def _end(row: OutboxRow, delivery: Delivery, at: int) -> Delivery:
    tries = row.tries + 1
    due_at = next_try(tries, at) if delivery is Delivery.WAITING else None
    if due_at is not None:
        await OutboxRow.filter(id=row.id).update(tries=tries, due_at=due_at)
        return Delivery.WAITING
    if delivery is Delivery.WAITING:
        delivery = Delivery.DROPPED
    await OutboxRow.filter(id=row.id).update(tries=tries, state=delivery, done_at=at)
    return delivery
