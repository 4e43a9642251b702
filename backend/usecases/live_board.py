"""What happens at this moment, counted once for everybody who looks at this process."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from backend.domain.live import (
    BUSY_SECONDS,
    RATE_MINUTES,
    Alarm,
    Selling,
    Standing,
    Window,
    alarms_of,
)
from backend.domain.visit import is_hall
from backend.tables import live_reads
from backend.tables.alerts import worse_by
from backend.tables.door import DoorRow
from backend.tables.rollouts import running_rollout
from backend.tables.terminal import TerminalRow
from backend.usecases.ports import Clock
from backend.usecases.rules_board import RulesBoard
from campus_code import RulesBundle, business_day, period_at
from campus_code.days import DAY_SECONDS

LOOK_SECONDS = 3.0
"""How old a look may be before somebody who asks causes another."""
BEST_SECONDS = 600.0
"""How long the windows' best minutes are believed."""
MINUTE = 60
CURVE_MINUTES = 180
AHEAD_MINUTES = 60
"""Of last week an hour more is shown: what is to come."""
BEST_DAYS = 7
WEEK_SECONDS = 7 * DAY_SECONDS


@dataclass(frozen=True, slots=True)
class Curve:
    """Payments a minute from `begins_at` on; the last of `now` is the minute that runs.

    `week_ago` is the same time last week and goes on AHEAD_MINUTES further.
    """

    begins_at: int
    now: Sequence[int]
    offline: Sequence[int]
    week_ago: Sequence[int]


@dataclass(frozen=True, slots=True)
class LiveView:
    """One look. `period_names`: zh and en. Top-ups and refusals are the business day's.

    `top_ups` is None where the look is at a part of the school: money is brought in at no place.
    """

    at: int
    business_on: int
    period_id: str
    period_names: tuple[str, str]
    curve: Curve
    day: live_reads.DayTotals
    top_ups: live_reads.TopUps | None
    windows: Sequence[Window]
    selling: Mapping[Selling, int]
    refusals: Sequence[tuple[str, int]]
    alarms: Sequence[Alarm]


@dataclass(frozen=True, slots=True)
class _Part:
    """The part of the school that is looked at; None: whichever merchant, or terminal, it is."""

    merchant_ids: frozenset[int] | None
    terminal_ids: frozenset[int] | None


class LiveBoard:
    """Looks when somebody asks and the last look is too old; who asks meanwhile waits for it.

    The looks are kept by the merchants they are at: all who see the same see one look.
    """

    def __init__(self, clock: Clock, rules: RulesBoard) -> None:
        self._clock = clock
        self._rules = rules
        self._looking = asyncio.Lock()
        self._views: dict[frozenset[int] | None, LiveView] = {}
        self._best: Mapping[int, int] = {}
        self._best_at = 0.0
        self.looks = 0
        self.listeners = 0

    async def look(self, merchant_ids: frozenset[int] | None) -> LiveView:
        """What happens now at these merchants (None: in the school), at most LOOK_SECONDS old.

        UnavailableError while there are no rules.
        """
        async with self._looking:
            at = self._clock()
            fresh = {
                whose: view
                for whose, view in self._views.items()
                if 0 <= at - view.at < LOOK_SECONDS
            }
            if merchant_ids not in fresh:
                fresh[merchant_ids] = await self._look(int(at), merchant_ids)
                self.looks += 1
            self._views = fresh
            return fresh[merchant_ids]

    async def _look(self, at: int, merchant_ids: frozenset[int] | None) -> LiveView:
        rules = self._rules.bundle
        minute_at = at - at % MINUTE
        if not 0 <= at - self._best_at < BEST_SECONDS:
            self._best = await live_reads.best_minutes(at - BEST_DAYS * DAY_SECONDS)
            self._best_at = at
        business_on, period = business_day(at, rules), period_at(at, rules)
        stands = await live_reads.read_stands()
        if merchant_ids is None:
            part = _Part(None, None)
        else:
            part = _Part(merchant_ids, await live_reads.terminals_of(merchant_ids))
        windows = await self._windows(rules, stands, part, at)
        top_ups = None
        if merchant_ids is None:
            top_ups = await live_reads.top_ups_since(_day_begins(at, rules))
        return LiveView(
            at=at,
            business_on=business_on,
            period_id=period.id if period else "",
            period_names=(period.zh, period.en) if period else ("", ""),
            curve=await _curve(minute_at, part),
            day=await live_reads.totals_of(
                business_on, stands if merchant_ids is None else merchant_ids
            ),
            top_ups=top_ups,
            windows=windows,
            selling=_count(windows, at),
            refusals=await live_reads.refusals_on(business_on, part.terminal_ids),
            alarms=alarms_of(windows, await _standing(at, part), at),
        )

    async def _windows(
        self,
        rules: RulesBundle,
        stands: Mapping[int, live_reads.Stand],
        part: _Part,
        at: int,
    ) -> list[Window]:
        """The terminals that sell: neither doors nor kiosks of the hall."""
        doors = {row.terminal_id for row in await DoorRow.all()}
        recent_until = at - at % MINUTE
        recent_at = recent_until - RATE_MINUTES * MINUTE
        taken = await live_reads.taken_since(at - BUSY_SECONDS, recent_at, recent_until)
        windows = []
        rows = TerminalRow.filter(revoked_at=None)
        if part.merchant_ids is not None:
            rows = rows.filter(merchant_id__in=sorted(part.merchant_ids))
        for row in await rows.order_by("merchant_id", "id"):
            if row.id in doors or is_hall(rules, row.group_id):
                continue
            window = _window(row, stands.get(row.merchant_id, live_reads.NO_STAND))
            if row.id in taken:
                lately = taken[row.id]
                window = replace(
                    window,
                    taken=lately.payments,
                    taken_offline=lately.offline_payments,
                    recent=lately.recent,
                )
            windows.append(replace(window, best=self._best.get(row.id, 0)))
        return windows


def _window(row: TerminalRow, stand: live_reads.Stand) -> Window:
    return Window(
        terminal_id=row.id,
        name=row.name,
        merchant_id=row.merchant_id,
        merchant=stand.merchant,
        canteen=stand.canteen,
        group_id=row.group_id,
        seen_at=None if row.seen_at is None else int(row.seen_at.timestamp()),
        clock_skew_seconds=row.clock_skew_seconds,
        journal_depth=row.journal_depth,
        readiness=row.readiness,
    )


def _count(windows: Sequence[Window], at: int) -> dict[Selling, int]:
    counts = dict.fromkeys(Selling, 0)
    for window in windows:
        counts[window.selling(at)] += 1
    return counts


def _day_begins(at: int, rules: RulesBundle) -> int:
    """When the business day of `at` began."""
    shift = rules.utc_offset_seconds - rules.day_starts_minute * MINUTE
    return at - (at + shift) % DAY_SECONDS


async def _curve(minute_at: int, part: _Part) -> Curve:
    begins_at = minute_at - (CURVE_MINUTES - 1) * MINUTE
    before_at = begins_at - WEEK_SECONDS
    now, offline, week_ago = (
        [0] * CURVE_MINUTES,
        [0] * CURVE_MINUTES,
        [0] * (CURVE_MINUTES + AHEAD_MINUTES),
    )
    whose = part.terminal_ids
    for one in await live_reads.minutes_between(begins_at, minute_at + MINUTE, whose):
        place = (one.minute_at - begins_at) // MINUTE
        now[place], offline[place] = one.payments, one.offline_payments
    ends_at = before_at + len(week_ago) * MINUTE
    for one in await live_reads.minutes_between(before_at, ends_at, whose):
        week_ago[(one.minute_at - before_at) // MINUTE] = one.payments
    return Curve(begins_at, now, offline, week_ago)


async def _standing(at: int, part: _Part) -> Standing:
    quarantined = await live_reads.quarantined_count(part.terminal_ids)
    disputes = await live_reads.dispute_count(part.merchant_ids)
    drill_id = await live_reads.running_drill(at)
    if part.merchant_ids is not None:  # the rest is told to whoever answers for the school
        return Standing(quarantined=quarantined, disputes=disputes, drill_id=drill_id)
    running = await running_rollout()
    return Standing(
        quarantined=quarantined,
        disputes=disputes,
        rollout_version=0 if running is None else running.version,
        rollout_worse_per_mille=None if running is None else await worse_by(running.id),
        drill_id=drill_id,
        keys_end_at=await live_reads.keys_end_at(),
        has_worker=await live_reads.has_worker(at),
    )
