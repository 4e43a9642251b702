"""The lunch's own parts: the plan, the cable, the scanner, the roster, the price list."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import random

import httpx
import pytest

from simulators.lunch.cable import Cable
from simulators.lunch.campus import Person
from simulators.lunch.people import invent, write_roster
from simulators.lunch.phones import Phone
from simulators.lunch.plan import PEOPLE_MIN, Plan, Story, TooFewError, make_plan
from simulators.lunch.prices import charge_fen, meal_at
from simulators.lunch.scanner import Scanner, draw, read
from tests.e2e.test_lunch import ROOT, RULES

CODE = "9072024001301040897646836818487666"
NOON = 1_767_240_000  # 2026-01-01 12:00 in Shanghai


async def plan_for(people: int, roster: int) -> Plan:
    async with httpx.AsyncClient() as http:
        phones = [
            Phone(
                Person(f"S{n}", "甲", "", 1 + n % 3, f"{n:08}", "", 0 if n % 20 == 0 else 9000, 0),
                n,
                http,
            )
            for n in range(1, roster + 1)
        ]
        return make_plan(phones, people, random.Random(people))


@pytest.mark.parametrize("people", [PEOPLE_MIN, 31, 60, 109, 110, 220, 600])
async def test_as_many_people_come_as_were_asked_for_and_each_once(people: int) -> None:
    plan = await plan_for(people, people + people // 8 + 20)
    visits = [visit for queue in plan.queues for visit in queue if visit.phone is not None]
    assert plan.people == len(visits) == people
    assert len({id(visit.phone) for visit in visits}) == people
    played = {visit.story for queue in plan.queues for visit in queue}
    assert set(Story) - played == {Story.IS_LATE, Story.LENDS}  # they come of others
    if people >= 220:
        assert max(plan.turns) - min(plan.turns) <= people // 20


async def test_a_window_is_cut_for_a_third_of_its_queue() -> None:
    plan = await plan_for(220, 270)
    stories = [visit.story for visit in plan.queues[0]]
    cut, plug = stories.index(Story.CUT_CABLE), stories.index(Story.PLUG_CABLE)
    assert abs((plug - cut) - len(stories) / 3) <= 2


@pytest.mark.parametrize("people, roster", [(PEOPLE_MIN - 1, 100), (60, 50)])
async def test_too_few_people_are_refused(people: int, roster: int) -> None:
    with pytest.raises(TooFewError):
        await plan_for(people, roster)


def test_the_shipped_roster_is_what_its_program_makes() -> None:
    out = io.StringIO()
    write_roster(invent(252), out)
    shipped = (ROOT / "simulators" / "roster.csv").read_text(encoding="utf-8")
    assert out.getvalue() == shipped


def test_a_scanner_types_what_it_reads_in_the_picture() -> None:
    scanner = Scanner()
    far = os.open(scanner.path, os.O_RDONLY | os.O_NOCTTY)
    try:
        scanner.scan(CODE)
        assert os.read(far, 100) == CODE.encode() + b"\r\n"
    finally:
        os.close(far)
        scanner.unplug()


@pytest.mark.parametrize("text", [CODE, "134567890123456789", "2024001334161410"])
def test_what_is_drawn_is_read(text: str) -> None:
    assert read(draw(text)) == text


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(100):
            writer.write(data)
    writer.close()


async def test_a_cut_cable_breaks_what_was_open_and_takes_nothing_new() -> None:
    async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
        cable = Cable(server.sockets[0].getsockname()[1])
        await cable.plug()
        port = cable.port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"hello")
        assert await reader.read(100) == b"hello"
        await cable.cut()
        assert await reader.read(100) == b"", "the connection should have ended"
        writer.close()
        await writer.wait_closed()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        await cable.plug()
        assert cable.port == port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"again")
        assert await reader.read(100) == b"again"
        writer.close()
        await writer.wait_closed()
        await cable.cut()
        await asyncio.sleep(0.1)  # the far ends notice


def test_prices_are_worked_out_in_whole_fen() -> None:
    assert meal_at(RULES, NOON) == "lunch"
    assert charge_fen(RULES, "buffet", 1, 1250, NOON) == (1250, 0)
    assert charge_fen(RULES, "buffet", 2, 1255, NOON) == (1067, 0)  # 85 % is 1066.75
    assert charge_fen(RULES, "set_meal", 2, None, NOON) == (1322, 0)  # 1321.75
    assert charge_fen(RULES, "set_meal", 3, None, NOON) == (2171, 283)  # 1888 and 283.2
    assert charge_fen(RULES, "noodles", 1, None, NOON - 6 * 3600 + 300) == (500, 0)
