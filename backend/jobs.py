"""What the worker does by the clock: each job a function, and the schedule.

Every job may be run again at any time: should a leader be so slow that its lease ends under it, a
second run does no harm.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.config import Config
from backend.domain.errors import ConflictError, UnavailableError
from backend.domain.message import Channel
from backend.domain.wechat_pay import BillKind
from backend.schedule import Job
from backend.tables.bills import Reading
from backend.tables.ledger import Ledger
from backend.tables.top_ups import SYSTEM
from backend.usecases.access.expire_secrets import expire_secrets
from backend.usecases.audits.seal_audits import seal_audits
from backend.usecases.benefits.post_batches import post_batches
from backend.usecases.bills.fetch_bill import fetch_bill
from backend.usecases.bills.find_due_days import find_due_days
from backend.usecases.bills.give_back import give_back
from backend.usecases.bills.reconcile_day import reconcile_day
from backend.usecases.cardholders.forget_changes import forget_changes
from backend.usecases.cases.watch_risk import watch_risk
from backend.usecases.chips.open_chip_kinds import open_chip_kinds
from backend.usecases.chips.watch_chips import watch_chips
from backend.usecases.doors.expire_passages import expire_passages
from backend.usecases.endings.end_holders import end_holders
from backend.usecases.endings.warn_holders import warn_holders
from backend.usecases.epochs.open_epochs import open_epochs
from backend.usecases.messages.note_decisions import note_decisions
from backend.usecases.messages.note_entries import note_entries
from backend.usecases.messages.note_low_balances import note_low_balances
from backend.usecases.messages.send_messages import Sending, send_messages
from backend.usecases.order_desk import OrderDesk
from backend.usecases.ports import Bus, Carrier, Clock, Randomness, Vault, Wechat, WechatPay
from backend.usecases.refunds.do_refunds import do_refunds
from backend.usecases.rules_board import RulesBoard
from backend.usecases.settlements.expire_pulse import expire_pulse
from backend.usecases.settlements.roll_up import roll_up
from backend.usecases.settlements.settle_day import settle_day, unsettled_days
from backend.usecases.shipments.ship import ship
from backend.usecases.top_ups.ask_orders import ask_orders
from campus_code import business_day

log = logging.getLogger("xiaoma.worker")

DAY_SECONDS = 86_400


@dataclass(slots=True)
class WorkerParts:
    """What a job may need."""

    config: Config
    clock: Clock
    randomness: Randomness
    vault: Vault
    bus: Bus
    ledger: Ledger
    rules: RulesBoard
    wechat: Wechat
    pay: WechatPay
    carriers: Mapping[Channel, Carrier] = field(default_factory=dict)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)


async def _open_epochs(parts: WorkerParts) -> object:
    opened = await open_epochs(parts.vault, parts.randomness, parts.clock(), parts.bus)
    return f"opened {opened}" if opened else "nothing to open"


async def _open_chip_kinds(parts: WorkerParts) -> object:
    await parts.rules.refresh()
    if not parts.rules.version:
        return "no rules yet"
    opened = await open_chip_kinds(
        parts.rules.bundle,
        vault=parts.vault,
        randomness=parts.randomness,
        clock=parts.clock,
        bus=parts.bus,
    )
    return f"opened {', '.join(opened)}" if opened else "nothing to open"


async def _watch_chips(parts: WorkerParts) -> object:
    return f"{await watch_chips(int(parts.clock()), parts.bus)} ended"


async def _expire_secrets(parts: WorkerParts) -> object:
    return await expire_secrets(parts.clock())


async def _warn_holders(parts: WorkerParts) -> object:
    return f"{await warn_holders(int(parts.clock()))} warned"


async def _end_holders(parts: WorkerParts) -> object:
    return f"{await end_holders(int(parts.clock()), parts.bus)} ended"


async def _expire_passages(parts: WorkerParts) -> object:
    return await expire_passages(parts.clock())


async def _expire_pulse(parts: WorkerParts) -> object:
    return f"{await expire_pulse(int(parts.clock()))} minutes gone"


async def _forget_changes(parts: WorkerParts) -> object:
    return f"{await forget_changes(parts.clock())} forgotten"


async def _post_benefits(parts: WorkerParts) -> object:
    return f"{await post_batches(parts.ledger, parts.clock)} given"


async def _roll_up(_parts: WorkerParts) -> object:
    return f"{await roll_up()} rolls"


async def _settle(parts: WorkerParts) -> object:
    """Settle every business day that is over; what arrives later goes with the next one."""
    await parts.rules.refresh()
    if not parts.rules.version:
        return "no rules yet"
    today = business_day(int(parts.clock()), parts.rules.bundle)
    days = await unsettled_days(parts.ledger, today)
    for merchant_id, business_on in days:
        await settle_day(parts.ledger, parts.clock, merchant_id, business_on)
    return f"{len(days)} settled"


async def _note_entries(parts: WorkerParts) -> object:
    return f"{await note_entries(int(parts.clock()))} noted"


async def _note_decisions(parts: WorkerParts) -> object:
    return f"{await note_decisions(int(parts.clock()))} noted"


async def _note_low_balances(parts: WorkerParts) -> object:
    await parts.rules.refresh()
    if not parts.rules.version:
        return "no rules yet"
    return f"{await note_low_balances(parts.rules.bundle, int(parts.clock()))} noted"


async def _send_messages(parts: WorkerParts) -> object:
    if not parts.wechat.template_ids and not parts.carriers:
        return "no messages"
    await parts.rules.refresh()
    if not parts.rules.version:
        return "no rules yet"
    sending = Sending(
        wechat=parts.wechat,
        vault=parts.vault,
        randomness=parts.randomness,
        clock=parts.clock,
        utc_offset_seconds=parts.rules.bundle.utc_offset_seconds,
        school=parts.config.school,
        carriers=parts.carriers,
    )
    ended = await send_messages(sending)
    return ", ".join(f"{count} {delivery}" for delivery, count in ended.items() if count) or "none"


async def _do_refunds(parts: WorkerParts) -> object:
    if parts.config.pay is None:
        return "no WeChat Pay"
    ended = await do_refunds(parts.ledger, parts.pay, parts.clock)
    return ", ".join(f"{count} {state}" for state, count in sorted(ended.items())) or "none"


async def _ask_orders(parts: WorkerParts) -> object:
    """Ask WeChat Pay about orders it told nothing of, and close those nobody paid."""
    desk = OrderDesk(
        pay=parts.pay,
        merchant=parts.config.pay,
        ledger=parts.ledger,
        vault=parts.vault,
        clock=parts.clock,
        randomness=parts.randomness,
        amount_fen_max=parts.config.top_up_fen_max,
    )
    asked = await ask_orders(desk)
    return ", ".join(f"{count} {word}" for word, count in asked.items()) or "none"


async def _fetch_bills(parts: WorkerParts) -> object:
    """Fetch the bills of days that are over, oldest first, and hold every due day against them.

    One day that fails is told and does not keep the others from being looked at.
    """
    account = parts.config.pay
    if account is None:
        return "no WeChat Pay"
    due = await find_due_days(int(parts.clock()))
    done = 0
    for day_on in (*due.fetch, *due.revisit):
        readings = [Reading(kind, day_on, account) for kind in BillKind]
        try:
            for reading in readings:
                await fetch_bill(parts.pay, reading, by=SYSTEM, at=int(parts.clock()))
            await reconcile_day(parts.ledger, parts.clock, readings[0], by=SYSTEM)
        except (ConflictError, UnavailableError) as error:
            log.warning("bills of %s: %s", day_on, error)
            continue
        done += 1
    return f"{done} of {len(due.fetch) + len(due.revisit)} days"


async def _give_back(parts: WorkerParts) -> object:
    if parts.config.pay is None:
        return "no WeChat Pay"
    return f"{await give_back(parts.ledger, parts.clock, parts.pay)} ended"


async def _ship(parts: WorkerParts) -> object:
    if not parts.config.ships:
        return "not wanted"
    told = await ship(parts.ledger, parts.wechat, parts.vault, at=int(parts.clock()))
    return f"{told} told"


async def _seal_audits(parts: WorkerParts) -> object:
    return f"{await seal_audits(parts.vault)} sealed"


async def _watch_risk(parts: WorkerParts) -> object:
    await parts.rules.refresh()
    if not parts.rules.version:
        return "no rules yet"
    now = int(parts.clock())
    days = [business_day(at, parts.rules.bundle) for at in (now - DAY_SECONDS, now)]
    return f"{await watch_risk(days, now)} alerts"


JOBS: tuple[Job[WorkerParts], ...] = (
    Job("roll up", 5, _roll_up),
    Job("settle", 300, _settle),
    Job("post benefits", 2, _post_benefits),
    Job("note entries", 2, _note_entries),
    Job("note decisions", 60, _note_decisions),
    Job("note low balances", 5, _note_low_balances),
    Job("send messages", 2, _send_messages),
    Job("do refunds", 5, _do_refunds),
    Job("ask about orders", 5, _ask_orders),
    Job("fetch bills", 600, _fetch_bills),
    Job("give back", 15, _give_back),
    Job("ship", 30, _ship),
    Job("seal audits", 5, _seal_audits),
    Job("watch risk", 30, _watch_risk),
    Job("open epochs", 60, _open_epochs),
    Job("open chip kinds", 60, _open_chip_kinds),
    Job("warn holders", 60, _warn_holders),
    Job("end holders", 15, _end_holders),
    Job("watch chips", 5, _watch_chips),
    Job("expire secrets", 3600, _expire_secrets),
    Job("expire passages", 3600, _expire_passages),
    Job("expire pulse", 3600, _expire_pulse),
    Job("forget roster changes", 3600, _forget_changes),
)
"""The schedule. A new job is one line here and a function above."""
