"""Send what the outbox holds: claimed, tried, marked; twice only when a worker dies in between.

Nothing is locked while a partner is asked. A message is claimed by moving its due time, so that
two workers do not send the same one; a worker that dies after sending leaves it claimed, and when
the claim is over it is sent again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from backend.domain.letter import (
    ADDRESS_CONTEXT,
    AddressRefusedError,
    CarrierAwayError,
    CarrierFaultError,
    CarrierOffError,
)
from backend.domain.message import (
    CONFIRM,
    PAUSE_SECONDS,
    Channel,
    Delivery,
    Language,
    Template,
    Tried,
    next_try,
)
from backend.domain.message_text import compose, compose_letter
from backend.domain.wechat import (
    OPENID_CONTEXT,
    MessageRefusedError,
    WechatAwayError,
    WechatFaultError,
    WechatOffError,
)
from backend.tables.addresses import address_for
from backend.tables.message import AddressRow, OutboxRow
from backend.tables.outbox import another_way, end_message, forget_consent
from backend.tables.wechat import WechatRow
from backend.usecases.ports import Carrier, Clock, Randomness, Vault, Wechat

log = logging.getLogger("xiaoma.messages")

MESSAGES_MAX = 80
"""Messages of one channel that a run sends: the other jobs of the worker wait for it."""
AT_ONCE_MAX = 4
RUN_SECONDS_MAX = 20
"""A run that a slow partner makes longer ends here; the next one goes on."""
CLAIM_SECONDS = 120
"""How long a message is one worker's; longer than any call takes."""
UNKNOWN = "unknown"
"""The fault of a message that is being tried: if it still stands, nobody knows what came of it."""
TIMEOUT = "timeout"
FAULT_LENGTH_MAX = 64

Answer = tuple[Tried, str]


@dataclass(frozen=True, slots=True)
class Sending:
    """What messages are sent with."""

    wechat: Wechat
    vault: Vault
    randomness: Randomness
    clock: Clock
    utc_offset_seconds: int
    school: str
    carriers: Mapping[Channel, Carrier] = field(default_factory=dict)

    @property
    def at(self) -> int:
        """Unix seconds."""
        return int(self.clock())


async def send_messages(sending: Sending) -> dict[Delivery, int]:
    """Send what is due; how many ended in which way. While a channel is away its messages wait."""
    ended = dict.fromkeys(Delivery, 0)
    for told in await asyncio.gather(*(_send_by(channel, sending) for channel in Channel)):
        for delivery in told:
            ended[delivery] += 1
    return ended


async def _send_by(channel: Channel, sending: Sending) -> list[Delivery]:
    began = sending.at
    due = OutboxRow.filter(state=Delivery.WAITING, channel=channel, due_at__lte=began)
    rows = await due.order_by("due_at", "id").limit(MESSAGES_MAX)
    ended: list[Delivery] = []
    # the first goes alone: when the partner is away nobody else need wait for that
    for wave in _waves(rows):
        told = await asyncio.gather(*(_send(row, sending) for row in wave))
        ended += [delivery for delivery, _ in told if delivery is not None]
        if any(is_away for _, is_away in told):
            await due.update(due_at=sending.at + PAUSE_SECONDS)
            break
        if sending.at > began + RUN_SECONDS_MAX:
            break
    return ended


def _waves(rows: Sequence[OutboxRow]) -> list[Sequence[OutboxRow]]:
    if not rows:
        return []
    starts = range(1, len(rows), AT_ONCE_MAX)
    return [rows[:1], *(rows[start : start + AT_ONCE_MAX] for start in starts)]


async def _send(row: OutboxRow, sending: Sending) -> tuple[Delivery | None, bool]:
    """Send one; how it ended (None: another worker has it), and whether the partner is away."""
    claim = OutboxRow.filter(id=row.id, state=Delivery.WAITING, due_at=row.due_at, tries=row.tries)
    until = sending.at + CLAIM_SECONDS
    if not await claim.update(due_at=until, tries=row.tries + 1, fault=UNKNOWN):
        return None, False
    may_have_come = row.fault in (UNKNOWN, TIMEOUT)
    row.tries += 1
    tried, fault = await _try(row, sending)
    if tried is Tried.REFUSED and row.channel == Channel.WECHAT:
        await forget_consent(row.wechat_id, Template(row.template), sending.at)
        if may_have_come:  # the acceptance was used by the try whose answer nobody heard
            tried = Tried.SENT
    return await _end(row, tried, fault[:FAULT_LENGTH_MAX], sending), tried is Tried.AWAY


async def _end(row: OutboxRow, tried: Tried, fault: str, sending: Sending) -> Delivery:
    at = sending.at
    if tried is Tried.SENT:
        return await end_message(row, Delivery.SENT, fault, at)
    if tried in (Tried.REFUSED, Tried.FAULT):
        if await another_way(row, fault, at):
            return Delivery.WAITING
        is_no = tried is Tried.REFUSED
        return await end_message(row, Delivery.REFUSED if is_no else Delivery.DROPPED, fault, at)
    due_at = next_try(row.tries, at, sending.randomness(1)[0])
    if due_at is None:
        return await end_message(row, Delivery.DROPPED, fault, at)
    await OutboxRow.filter(id=row.id).update(due_at=due_at, fault=fault)
    return Delivery.WAITING


async def _try(row: OutboxRow, sending: Sending) -> Answer:
    try:
        if row.channel == Channel.WECHAT:
            return await _by_wechat(row, sending)
        return await _by_letter(row, Channel(row.channel), sending)
    except (KeyError, ValueError) as error:  # facts that make no message: never again
        return Tried.FAULT, f"unreadable:{type(error).__name__}"
    except Exception as error:  # one broken message must not hold up the others
        log.exception("message %d could not be tried", row.id)
        return Tried.LATER, type(error).__name__


async def _by_wechat(row: OutboxRow, sending: Sending) -> Answer:
    template = Template(row.template)
    account = await WechatRow.get(id=row.wechat_id)
    openid = sending.vault.open(account.sealed_openid, OPENID_CONTEXT).decode()
    body = compose(template, row.body, sending.utc_offset_seconds)
    try:
        await sending.wechat.send(openid, template, body)
    except MessageRefusedError:
        return Tried.REFUSED, "43101"
    except WechatOffError:
        return Tried.FAULT, "no_template"
    except WechatFaultError as error:
        return (Tried.FAULT if error.is_lasting else Tried.LATER), str(error.errcode)
    except WechatAwayError as error:
        return Tried.AWAY, str(error.evidence["how"])
    return Tried.SENT, ""


async def _by_letter(row: OutboxRow, channel: Channel, sending: Sending) -> Answer:
    address = await address_for(row, channel)
    carrier = sending.carriers.get(channel)
    if address is None:
        return Tried.REFUSED, "no_address"
    if carrier is None:
        return Tried.FAULT, CarrierOffError().word
    letter = compose_letter(
        row.template,
        row.body,
        sending.utc_offset_seconds,
        language=Language(address.language),
        school=sending.school,
    )
    plain = sending.vault.open(address.sealed, ADDRESS_CONTEXT).decode()
    try:
        await carrier.send(plain, letter, f"m-{row.id}")
    except AddressRefusedError as error:
        if row.template != CONFIRM:
            await AddressRow.filter(id=address.id).update(failed_at=sending.at)
        return Tried.REFUSED, error.how
    except CarrierFaultError as error:
        return Tried.FAULT, error.how
    except CarrierAwayError as error:
        return (Tried.AWAY if error.is_for_all else Tried.LATER), error.how
    return Tried.SENT, ""
