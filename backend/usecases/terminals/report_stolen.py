"""A terminal was stolen: turn it away, replace its keys, contest what it took since. One action."""

from __future__ import annotations

from dataclasses import dataclass

from tortoise.expressions import Q, Subquery
from tortoise.functions import Sum
from tortoise.queryset import QuerySet

from backend.domain.access import Actor
from backend.domain.dispute import STOLEN_TERMINAL
from backend.domain.errors import InvalidInputError
from backend.domain.times import utc
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.payment import DisputeRow, PaymentRow, QuarantineRow
from backend.tables.retrying import retried
from backend.tables.terminal import StolenTerminalRow
from backend.tables.turning_away import turn_away
from backend.usecases.key_board import replace_epochs
from backend.usecases.ports import Bus, Randomness, Vault

PAYMENTS_CONTESTED_MAX = 5000
"""At one report; another one goes on where it ended."""


CONTESTED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Theft:
    """What somebody reports: which terminal, since when it has been gone, what happened.

    `overlap_seconds`: how long terminals still take codes of the old epochs.
    """

    terminal_id: int
    stolen_at: int
    overlap_seconds: int
    reason: str


@dataclass(frozen=True, slots=True)
class TheftReport:
    """What was done. `payments`, `charged_fen`: posted by it since the theft; `contested` of them
    wait for a person's decision. `quarantined`: what it sent that was never posted.
    """

    terminal_id: int
    stolen_at: int
    reported_at: int
    reported_by: str
    epochs: tuple[int, ...]
    overlap_ends_at: int
    payments: int
    charged_fen: int
    contested: int
    quarantined: int


async def report_stolen(
    theft: Theft,
    *,
    actor: Actor,
    vault: Vault,
    randomness: Randomness,
    at: float,
    bus: Bus,
) -> TheftReport:
    """Do all of it or nothing, and answer the report; a second time only the report is made anew.

    Raises:
        NotFoundError: no such terminal.
        InvalidInputError: a theft yet to come, or an overlap out of bounds.

    """
    if theft.stolen_at > at:
        raise InvalidInputError("stolen_at", "must not be in the future")
    epochs = await _report(theft, actor, vault, randomness, at)
    if epochs:
        await bus.publish("revoked", {"terminal_id": theft.terminal_id})
        await bus.publish("keyring", {"epochs": epochs})
    return await read_theft(theft.terminal_id)


@retried
async def _report(
    theft: Theft, actor: Actor, vault: Vault, randomness: Randomness, at: float
) -> list[int]:
    """The new epochs; none when it was reported before."""
    epochs: list[int] = []
    async with transaction():
        await turn_away(theft.terminal_id, utc(at))
        if not await StolenTerminalRow.exists(terminal_id=theft.terminal_id):
            epochs = await replace_epochs(theft.overlap_seconds, vault, randomness, at)
            await _record(theft, epochs, actor, int(at))
        await _contest(theft, actor, int(at))
    return epochs


async def read_theft(terminal_id: int) -> TheftReport:
    """The report about a stolen terminal as it stands now."""
    row = await StolenTerminalRow.get(terminal_id=terminal_id)
    since = _payments_since(row)
    (sums,) = await since.annotate(fen=Sum("charged_fen")).values("fen")
    contested = await DisputeRow.filter(id__in=Subquery(since.values("id"))).count()
    return TheftReport(
        terminal_id=terminal_id,
        stolen_at=row.stolen_at,
        reported_at=row.reported_at,
        reported_by=row.reported_by,
        epochs=tuple(int(number) for number in row.epochs.split(",")),
        overlap_ends_at=row.overlap_ends_at,
        payments=await since.count(),
        charged_fen=int(sums["fen"] or 0),
        contested=contested,
        quarantined=await QuarantineRow.filter(terminal_id=terminal_id).count(),
    )


def _payments_since(row: StolenTerminalRow) -> QuerySet[PaymentRow]:
    """What it posted since the theft, or dated after it.

    When a payment happened is the terminal's own word, and whoever has it may write another day.
    """
    since = Q(posted_at__gte=row.stolen_at) | Q(occurred_at__gte=row.stolen_at)
    return PaymentRow.filter(since, terminal_id=row.terminal_id)


async def _record(theft: Theft, epochs: list[int], actor: Actor, at: int) -> None:
    await StolenTerminalRow.create(
        terminal_id=theft.terminal_id,
        stolen_at=theft.stolen_at,
        reported_at=at,
        reported_by=actor.label,
        reason=theft.reason,
        overlap_ends_at=at + theft.overlap_seconds,
        epochs=",".join(str(number) for number in epochs),
    )
    await note(
        actor.label,
        "terminals.stolen",
        f"terminal:{theft.terminal_id}",
        at,
        reason=theft.reason,
        stolen_at=theft.stolen_at,
        overlap_seconds=theft.overlap_seconds,
    )


async def _contest(theft: Theft, actor: Actor, at: int) -> None:
    """Open a dispute about every payment since the theft that somebody would pay for."""
    row = await StolenTerminalRow.get(terminal_id=theft.terminal_id)
    known = Subquery(DisputeRow.all().values("id"))
    payments = await (
        _payments_since(row)
        .filter(card_id__gt=0)
        .exclude(id__in=known)
        .order_by("id")
        .limit(PAYMENTS_CONTESTED_MAX)
    )
    # its holder may contest one at this very moment: then his own words stand
    await DisputeRow.bulk_create(
        [
            DisputeRow(
                id=payment.id,
                first_payment_id=0,
                card_id=payment.card_id,
                reason=STOLEN_TERMINAL,
                opened_at=at,
                made_by=actor.label,
                note="",
            )
            for payment in payments
        ],
        batch_size=CONTESTED_AT_ONCE,
        ignore_conflicts=True,
    )
