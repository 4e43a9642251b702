"""A school at lunch for the office's eyes: canteens, windows in every state, minutes, refusals."""

from __future__ import annotations

from dataclasses import dataclass, field

from backend.domain.times import utc
from backend.tables.accounts import open_payable
from backend.tables.merchant import MerchantRow, PeriodTotalRow
from backend.tables.place import PlaceRow
from backend.tables.pulse import PulseRow
from backend.tables.terminal import RefusalCountRow, TerminalRow
from tests.rig.office import Office

MINUTE = 60
DAY = 86_400
WEEK_MINUTES = 7 * 24 * 60
CURVE_MINUTES = 240
READY = {
    "trust": "fresh", "keyring": True, "rules": True, "clock": True, "writes": True, "room": True,
    "faults": [], "readers_away": [], "training": False, "paused": None, "journal": "agrees",
    "score": 100, "worst": "keys",
}  # fmt: skip
NAMES = ("自选", "面馆", "套餐", "清真", "小炒", "麻辣烫")
REFUSALS = (("insufficient_funds", 41), ("expired", 17), ("too_soon", 12), ("day_limit", 3))


@dataclass
class BusySchool:
    """What stands in it."""

    terminal_ids: list[int] = field(default_factory=list)


async def fill_school(office: Office) -> BusySchool:
    """Two canteens of six windows; in each one is silent, one offline, one to be mended."""
    school, at = BusySchool(), office.at
    campus = await PlaceRow.create(parent_id=0, kind="campus", name="东校区")
    for canteen_name in ("一食堂", "二食堂"):
        canteen = await PlaceRow.create(parent_id=campus.id, kind="canteen", name=canteen_name)
        for place, name in enumerate(NAMES):
            merchant = await MerchantRow.create(name=f"{canteen_name}{name}", place_id=canteen.id)
            await open_payable(merchant.id)
            school.terminal_ids.append(await _window(merchant, place, at))
    await _minutes(school, at)
    for terminal_id in school.terminal_ids[:4]:
        await RefusalCountRow.bulk_create(
            [
                RefusalCountRow(
                    terminal_id=terminal_id, business_on=20260101, reason=reason, count=count
                )
                for reason, count in REFUSALS
            ]
        )
    return school


async def _window(merchant: MerchantRow, place: int, at: int) -> int:
    is_silent, is_weak = place == len(NAMES) - 1, place == 1
    told = {**READY, "score": 62, "worst": "denylist"} if is_weak else dict(READY)
    row = await TerminalRow.create(
        name=f"{place + 1} 号机",
        merchant_id=merchant.id,
        group_id="canteen",
        signing_key=f"{merchant.id:064}",
        sealing_key="0" * 64,
        enrolled_at=utc(at - 30 * 86_400),
        seen_at=utc(at - (600 if is_silent else 0)),
        clock_skew_seconds=-47 if is_weak else place - 2,
        journal_depth=12 if place == 2 else 0,
        rules_version=1,
        denylist_version=0,
        keyring_version=1,
        software="qr_terminals 1.4.0",
        readiness=told,
    )
    terminal_id: int = row.id
    return terminal_id


async def _minutes(school: BusySchool, at: int) -> None:
    """Lunch rises and falls; a week ago it was a little less, and none of it offline."""
    now = at - at % MINUTE
    rows = []
    for back in range(CURVE_MINUTES):
        for place, terminal_id in enumerate(school.terminal_ids):
            rush = max(1, 9 - abs(back - 40) // 8) - place % 4
            if rush > 0 and not (place % len(NAMES) == len(NAMES) - 1 and back < 10):
                offline = rush if place % len(NAMES) == 2 and back < 30 else 0
                rows.append(_pulse(now - back * MINUTE, terminal_id, rush, offline))
            before = max(1, 8 - abs(back - 100) // 9) - place % 4
            week_ago = now + 60 * MINUTE - (back + WEEK_MINUTES) * MINUTE
            if before > 0:
                rows.append(_pulse(week_ago, terminal_id, before, 0))
    await PulseRow.bulk_create(rows, batch_size=500)
    for terminal in await TerminalRow.filter(id__in=school.terminal_ids):
        today = [
            row for row in rows if row.terminal_id == terminal.id and row.minute_at > now - DAY
        ]
        await PeriodTotalRow.create(
            merchant_id=terminal.merchant_id,
            business_on=20260101,
            period_id="lunch",
            payments=sum(row.payments for row in today),
            offline_payments=sum(row.offline_payments for row in today),
            charged_fen=sum(row.charged_fen for row in today),
        )


def _pulse(minute_at: int, terminal_id: int, payments: int, offline: int) -> PulseRow:
    return PulseRow(
        minute_at=minute_at,
        terminal_id=terminal_id,
        payments=payments,
        offline_payments=offline,
        charged_fen=1_250 * payments,
    )
