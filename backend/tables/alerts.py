"""Finding and keeping alerts. Readers lock nothing: money never waits for the watch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.domain.risk import FORGED, Alert, AlertKind, Tapped, cloned_chips, fast_cards
from backend.domain.rollout import TrialVerdict, judge_trial
from backend.domain.setting import (
    RISK_DAY_FEN,
    RISK_FAST_PAYMENTS,
    RISK_FAST_SECONDS,
)
from backend.tables import sql
from backend.tables.days_over import days_over
from backend.tables.payment import PaymentRow, QuarantineRow
from backend.tables.risk import AlertRow
from backend.tables.rollouts import running_rollout
from backend.tables.terminal import RefusalCountRow, TerminalRow
from backend.tables.trial_counts import sides_of

QUARANTINE_LOOK_BACK = 1_000
"""Numbers are given before they are committed: so far behind the newest one is looked again."""
QUARANTINED_AT_ONCE = 4_000
"""Far more than is looked at again, so that one run after the other comes to the end."""

_COLUMNS = (
    "id,card_id,holder_id,merchant_id,terminal_id,business_on,occurred_at,credential,reason,"
    "charged_fen,borne_fen"
)


async def find_in_part(after_id: int, through_id: int, settings: dict[str, int]) -> list[Alert]:
    """What the payments of one part of a lane show, with what stood before them."""
    rows = await _rows(
        sql.select(_COLUMNS, "payment", f"id>{int(after_id)} AND id<={int(through_id)}")
    )
    if not rows:
        return []
    days = {(row["holder_id"], row["business_on"]) for row in rows if row["holder_id"]}
    alerts = [_forged(row) for row in rows if row["reason"] in FORGED]
    alerts += await _days_over(days, settings[RISK_DAY_FEN])
    taps = await _taps_of(sorted(days))
    wanted = settings[RISK_FAST_PAYMENTS], settings[RISK_FAST_SECONDS]
    alerts += [*fast_cards(taps, *wanted), *cloned_chips(taps)]
    return alerts + await _double_uses(after_id, through_id)


async def find_wrong_codes(days: Sequence[int], counted: int) -> list[Alert]:
    """Terminals that turned so many forged codes and chips away on one of these days."""
    terminals = await TerminalRow.filter(revoked_at=None).only("id", "merchant_id")
    merchants = {row.id: row.merchant_id for row in terminals}
    rows = await RefusalCountRow.filter(
        terminal_id__in=list(merchants), business_on__in=list(days), reason__in=sorted(FORGED)
    )
    sums: dict[tuple[int, int], dict[str, int]] = {}
    for row in rows:
        sums.setdefault((row.terminal_id, row.business_on), {})[row.reason] = row.count
    return [
        Alert(
            AlertKind.WRONG_CODES,
            f"{terminal_id}:{business_on}",
            merchant_id=merchants[terminal_id],
            terminal_id=terminal_id,
            business_on=business_on,
            evidence=dict(reasons),
        )
        for (terminal_id, business_on), reasons in sums.items()
        if sum(reasons.values()) >= counted
    ]


async def find_quarantined(after_id: int) -> tuple[list[Alert], int]:
    """What was quarantined since, and how far that was read."""
    rows = (
        await QuarantineRow.filter(id__gt=max(0, after_id - QUARANTINE_LOOK_BACK))
        .order_by("id")
        .limit(QUARANTINED_AT_ONCE)
        .only("id", "terminal_id", "reason", "sequence")
    )
    terminals = await TerminalRow.filter(id__in={row.terminal_id for row in rows})
    merchants = {row.id: row.merchant_id for row in terminals}
    alerts = [
        Alert(
            AlertKind.QUARANTINED,
            str(row.id),
            merchant_id=merchants.get(row.terminal_id, 0),
            terminal_id=row.terminal_id,
            evidence={"reason": row.reason, "sequence": row.sequence},
        )
        for row in rows
    ]
    return alerts, max((row.id for row in rows), default=after_id)


async def find_worse_trial() -> list[Alert]:
    """The trial of rules that runs, if it does worse and nobody was told; counted until then."""
    row = await running_rollout()
    if row is None or await worse_by(row.id) is not None:
        return []
    canary, others = await sides_of(row)
    verdict, more = judge_trial(canary, others)
    if verdict is not TrialVerdict.WORSE:
        return []
    evidence: dict[str, object] = {
        "version": row.version,
        "more_per_mille": more,
        "canary_per_mille": canary.refused_per_mille,
        "others_per_mille": others.refused_per_mille,
        "taps": sum(canary),
    }
    return [Alert(AlertKind.TRIAL_WORSE, str(row.id), evidence=evidence)]


async def worse_by(rollout_id: int) -> int | None:
    """By how many of a thousand taps a trial was found to refuse more; None while it was not."""
    row = await AlertRow.get_or_none(kind=AlertKind.TRIAL_WORSE.value, topic=str(rollout_id))
    evidence: dict[str, Any] = {} if row is None else row.evidence
    return evidence.get("more_per_mille")


async def keep_alerts(alerts: Sequence[Alert], at: int) -> int:
    """Keep those that were not found before; how many. Call it inside a transaction."""
    kept = 0
    topics: dict[AlertKind, set[str]] = {}
    for alert in alerts:
        topics.setdefault(alert.kind, set()).add(alert.topic)
    known: set[tuple[str, str]] = set()
    for kind, own in topics.items():
        rows = await AlertRow.filter(kind=kind.value, topic__in=sorted(own)).only("kind", "topic")
        known |= {(row.kind, row.topic) for row in rows}
    for alert in alerts:
        key = (alert.kind.value, alert.topic)
        if key in known:
            continue
        known.add(key)
        await AlertRow.create(
            kind=alert.kind.value,
            topic=alert.topic,
            merchant_id=alert.merchant_id,
            terminal_id=alert.terminal_id,
            card_id=alert.card_id,
            holder_id=alert.holder_id,
            payment_id=alert.payment_id,
            business_on=alert.business_on,
            evidence=alert.evidence,
            found_at=at,
        )
        kept += 1
    return kept


def _forged(row: dict[str, Any]) -> Alert:
    return Alert(
        AlertKind.FORGED,
        str(row["id"]),
        merchant_id=row["merchant_id"],
        terminal_id=row["terminal_id"],
        card_id=row["card_id"],
        holder_id=row["holder_id"],
        payment_id=row["id"],
        business_on=row["business_on"],
        evidence={"reason": row["reason"], "charged_fen": row["charged_fen"]},
    )


async def _days_over(days: set[tuple[int, int]], over_fen: int) -> list[Alert]:
    return [
        Alert(
            AlertKind.DAY_SPENT,
            f"{holder_id}:{business_on}",
            holder_id=holder_id,
            business_on=business_on,
            evidence={"spent_fen": fen, "over_fen": over_fen},
        )
        for (holder_id, business_on), fen in (await days_over(days, over_fen)).items()
    ]


async def _taps_of(days: Sequence[tuple[int, int]]) -> list[Tapped]:
    """All payments of these holders on these days: what a card did a moment before counts too."""
    if not days:
        return []
    holders = sql.numbers(sorted({holder_id for holder_id, _ in days}))
    on = sql.numbers(sorted({business_on for _, business_on in days}))
    rows = await _rows(
        sql.select(_COLUMNS, "payment", f"holder_id IN ({holders}) AND business_on IN ({on})")
    )
    return [
        Tapped(
            id=row["id"],
            card_id=row["card_id"],
            holder_id=row["holder_id"],
            merchant_id=row["merchant_id"],
            terminal_id=row["terminal_id"],
            business_on=row["business_on"],
            occurred_at=row["occurred_at"],
            is_chip=row["credential"] == "card",
        )
        for row in rows
    ]


async def _double_uses(after_id: int, through_id: int) -> list[Alert]:
    joined = "dispute d JOIN payment p ON p.id=d.id"
    part = f"d.id>{int(after_id)} AND d.id<={int(through_id)} AND d.first_payment_id>0"
    columns = (
        "p.id,p.merchant_id,p.terminal_id,p.card_id,p.holder_id,p.business_on,p.charged_fen,"
        "d.first_payment_id"
    )
    return [
        Alert(
            AlertKind.DOUBLE_USE,
            str(row["id"]),
            merchant_id=row["merchant_id"],
            terminal_id=row["terminal_id"],
            card_id=row["card_id"],
            holder_id=row["holder_id"],
            payment_id=row["id"],
            business_on=row["business_on"],
            evidence={
                "first_payment_id": row["first_payment_id"],
                "charged_fen": row["charged_fen"],
            },
        )
        for row in await _rows(sql.select(columns, joined, part))
    ]


async def _rows(statement: str) -> list[dict[str, Any]]:
    """Run a finished SELECT: only numbers came into it."""
    connection = PaymentRow._meta.db  # noqa: SLF001 - the engine's own connection
    return list(await connection.execute_query_dict(statement))
