"""The dashboard over HTTP: figures as they stand, one look for many, ended with the session."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import orjson

from backend.api.admin import live
from backend.domain.access import Role
from backend.domain.times import utc
from backend.tables.payment import QuarantineRow
from backend.tables.pulse import PulseRow
from backend.tables.rollup import lane_ranges, roll
from backend.tables.staff import StaffRow
from backend.tables.terminal import RefusalCountRow, TerminalRow
from backend.usecases.live_board import LOOK_SECONDS, WEEK_SECONDS
from backend.usecases.settlements.expire_pulse import PULSE_DAYS_KEPT, expire_pulse
from tests.rig.office import Office
from tests.rig.places import make_campus
from tests.rig.shop import Book, Shop
from tests.rig.tills import refused

Json = dict[str, Any]


async def rolled() -> None:
    """The worker's roll-up, once."""
    for lane_id, after_id, through_id in await lane_ranges():
        await roll(lane_id, after_id, through_id)


async def look(office: Office, headers: dict[str, str], query: str = "") -> Json:
    office.clock.now += 10  # a look is believed for some seconds
    answer = await office.http.get(f"/admin/live/now{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


async def test_what_was_taken_is_in_its_minute(shop: Shop) -> None:
    office, till = shop.office, await shop.till()
    admin = await office.staff(Role.ADMIN)
    week_ago = office.at - office.at % 60 - WEEK_SECONDS
    await PulseRow.create(minute_at=week_ago, terminal_id=till.terminal_id, payments=7)
    student = await shop.student()
    assert (await shop.pay(till, shop.code(student), 250))["outcome"] == "approved"
    await TerminalRow.filter(id=till.terminal_id).update(seen_at=utc(office.at))
    await rolled()
    await rolled()  # what is rolled up is not rolled up again
    told = await look(office, admin)
    curve = told["curve"]
    place = (office.at - office.at % 60 - curve["begins_at"]) // 60
    assert (sum(curve["now"]), sum(curve["offline"]), sum(curve["week_ago"])) == (1, 0, 7)
    assert curve["week_ago"][place] == 7
    assert told["day"]["payments"] == 1
    assert told["day"]["charged_fen"] == 250
    (window,) = told["windows"]
    assert (window["selling"], window["taken"], window["merchant"]) == ("online", 1, "Noodles")
    assert told["selling"] == {"online": 1, "offline": 0, "ready": 0, "paused": 0, "silent": 0}


async def test_what_was_taken_offline_fills_in_when_it_comes(shop: Shop) -> None:
    office, till = shop.office, await shop.till()
    admin = await office.staff(Role.ADMIN)
    student = await shop.student()
    book = Book(shop, till)
    for back in (40, 80, 300):
        book.pay(student, 100, office.at - back)
    assert (await book.upload(book.signed())).status_code == 200
    await TerminalRow.filter(id=till.terminal_id).update(seen_at=utc(office.at))
    await rolled()
    told = await look(office, admin)
    assert (sum(told["curve"]["now"]), sum(told["curve"]["offline"])) == (3, 3)
    assert told["windows"][0]["selling"] == "offline"
    assert told["day"]["offline_payments"] == 3


async def test_what_to_look_at(shop: Shop) -> None:
    office, till = shop.office, await shop.till()
    admin = await office.staff(Role.ADMIN)
    readiness = {"score": 35, "worst": "disk", "journal": "set_back"}
    await TerminalRow.filter(id=till.terminal_id).update(
        seen_at=utc(office.at + 5), readiness=readiness, clock_skew_seconds=-90
    )
    await RefusalCountRow.create(
        terminal_id=till.terminal_id, business_on=20260101, reason="too_soon", count=4
    )
    await QuarantineRow.create(
        terminal_id=1, sequence=1, reason="x", body="", body_hash="0", received_at=office.at
    )
    told = await look(office, admin)
    found = {alarm["kind"]: alarm for alarm in told["alarms"]}
    assert set(found) == {"no_worker", "journal", "readiness", "skew", "quarantine"}
    assert found["readiness"]["figures"] == {"score": 35, "worst": "disk"}
    assert (found["skew"]["severity"], found["skew"]["terminal_id"]) == ("soon", till.terminal_id)
    order = [alarm["severity"] for alarm in told["alarms"]]
    assert order == sorted(order, key=["now", "soon", "know"].index)
    assert told["refusals"] == [{"reason": "too_soon", "count": 4}]
    office.clock.now += 3600
    silent = await look(office, admin)
    assert silent["selling"]["silent"] == 1
    await QuarantineRow.all().delete()


async def test_minutes_are_forgotten_when_nobody_compares_with_them_any_more(
    office: Office,
) -> None:
    kept = office.at - PULSE_DAYS_KEPT * 86_400
    for minute_at in (kept - 60, kept):
        await PulseRow.create(minute_at=minute_at, terminal_id=1, payments=1)
    assert await expire_pulse(office.at) == 1
    assert [row.minute_at for row in await PulseRow.all()] == [kept]


async def test_a_place_is_looked_at_alone(shop: Shop) -> None:
    east, west = await make_campus(shop, "东校区"), await make_campus(shop, "西校区")
    office = shop.office
    student = await shop.student()
    assert (await shop.pay(east.till, shop.code(student), 700))["outcome"] == "approved"
    for terminal_id, count in ((east.terminal_id, 4), (west.terminal_id, 5)):
        await RefusalCountRow.create(
            terminal_id=terminal_id, business_on=20260101, reason="expired", count=count
        )
    await QuarantineRow.create(
        terminal_id=west.terminal_id, sequence=1, reason="x", body="", body_hash="0",
        received_at=office.at,
    )  # fmt: skip
    await rolled()
    admin, manager = await office.staff(Role.ADMIN), await east.staff(shop, Role.FINANCE)
    whole = await look(office, admin)
    own = await look(office, manager)
    canteen = await look(office, admin, f"?place_id={east.canteen_id}")
    assert [one["terminal_id"] for one in own["windows"]] == [east.terminal_id]
    assert {**canteen, "at": own["at"]} == own
    assert (whole["day"]["payments"], own["day"]["payments"]) == (3, 2)
    assert (whole["day"]["charged_fen"], own["day"]["charged_fen"]) == (3_200, 1_950)
    assert (sum(whole["curve"]["now"]), sum(own["curve"]["now"])) == (3, 2)
    assert whole["day"]["top_ups"] == {"count": 0, "amount_fen": 0}
    assert own["day"]["top_ups"] is None
    assert (whole["refusals"][0]["count"], own["refusals"][0]["count"]) == (9, 4)
    counted = [
        {one["kind"]: one["figures"].get("count") for one in told["alarms"]}
        for told in (whole, own)
    ]
    assert counted[0]["quarantine"] == 1
    assert counted[0]["disputes"] == 2
    assert "no_worker" in counted[0]
    assert counted[1] == {"unheard": None, "disputes": 1}
    await QuarantineRow.all().delete()


async def test_a_place_beyond_reach_is_no_place(shop: Shop) -> None:
    east, west = await make_campus(shop, "东校区"), await make_campus(shop, "西校区")
    http, manager = shop.office.http, await east.staff(shop, Role.FINANCE)
    for path in ("/admin/live/now", "/admin/live"):
        foreign = await http.get(f"{path}?place_id={west.canteen_id}", headers=manager)
        refused(foreign, 404, "unknown_place")
        refused(await http.get(f"{path}?place_id=999", headers=manager), 404, "unknown_place")


async def test_a_stream_ends_with_the_right(shop: Shop) -> None:
    east = await make_campus(shop, "东校区")
    office = shop.office
    staff_id, login = await office.hire(Role.FINANCE, place_id=east.place_id)
    headers = await office.log_in(login)
    async with watching(office, headers) as heard, asyncio.timeout(3 * LOOK_SECONDS):
        name, told = await heard.get()
        assert (name, [one["terminal_id"] for one in told["windows"]]) == (
            "look",
            [east.terminal_id],
        )
        await StaffRow.filter(id=staff_id).update(role=Role.CASHIER.value)
        assert await heard.get() == ("ended", {})
        assert await heard.get() is None


@asynccontextmanager
async def watching(office: Office, headers: dict[str, str]) -> AsyncIterator[asyncio.Queue[Any]]:
    """Somebody with the dashboard open; each event comes as (name, data), None ends it."""
    heard: asyncio.Queue[Any] = asyncio.Queue()

    async def follow(answer: httpx.Response) -> None:
        name = ""
        with suppress(httpx.HTTPError):
            async for line in answer.aiter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    heard.put_nowait((name, orjson.loads(line.removeprefix("data: "))))
        heard.put_nowait(None)

    async with office.http.stream("GET", "/admin/live", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        task = asyncio.create_task(follow(answer))
        try:
            yield heard
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def test_many_watch_and_one_look_is_enough(office: Office) -> None:
    admin, clerk = await office.staff(Role.ADMIN), await office.staff(Role.FINANCE)
    before = office.parts.live.looks
    async with watching(office, admin) as one, watching(office, clerk) as other:
        async with asyncio.timeout(3):
            (name, first), (_, second) = await one.get(), await other.get()
    assert name == "look"
    assert first == second
    assert office.parts.live.looks == before + 1


async def test_it_ends_with_the_session(office: Office) -> None:
    admin = await office.staff(Role.ADMIN)
    async with watching(office, admin) as heard, asyncio.timeout(3 * LOOK_SECONDS):
        assert (await heard.get())[0] == "look"
        assert (await office.http.delete("/staff/sessions", headers=admin)).status_code == 200
        assert await heard.get() == ("ended", {})
        assert await heard.get() is None


async def test_so_many_and_no_more(office: Office) -> None:
    admin = await office.staff(Role.ADMIN)
    office.parts.live.listeners = live.LISTENERS_MAX
    refused(await office.http.get("/admin/live", headers=admin), 503, "too_many_listeners")
    office.parts.live.listeners = 0
