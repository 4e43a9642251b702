"""One lunch from the first phone to the last line of the books."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from rich.console import Console

from simulators.lunch.books import Books, read_books
from simulators.lunch.cable import Cable
from simulators.lunch.campus import Handout
from simulators.lunch.phones import Office, Phone, bind_all
from simulators.lunch.plan import CUT, Plan, make_plan
from simulators.lunch.progress import shown_progress
from simulators.lunch.report import print_books
from simulators.lunch.rows import read_rows
from simulators.lunch.serving import Serving, Stage
from simulators.lunch.window import NoAnswerError, Window
from simulators.lunch.witness import Notes, Witness

DRAIN_SECONDS_MAX = 90.0
ROLLUP_SECONDS_MAX = 15.0
HTTP_SECONDS = 20.0
DIRECTORY_SECONDS = 2.5
"""Two syncs: by then every terminal has heard of the phones that were bound and cards frozen."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and how large: the demo's folder, the server, its database, how many people, chance."""

    folder: Path
    server_url: str
    database: str
    people: int
    seed: int
    rules: Mapping[str, Any]


async def play_lunch(setting: Setting, console: Console) -> Books:
    """Play it, wait until everything is uploaded, and read the books."""
    handout = Handout.read(setting.folder)
    witness = Witness()
    chance = random.Random(setting.seed)
    async with (
        httpx.AsyncClient(
            base_url=setting.server_url, timeout=HTTP_SECONDS, trust_env=False
        ) as http,
        _plugged(setting) as cable,
    ):
        phones = [Phone(person, place, http) for place, person in enumerate(handout.people)]
        plan = make_plan(phones, setting.people, chance)
        await _prepare_people(plan, console)
        async with _open_windows(setting, handout, http, cable, witness) as windows:
            await asyncio.sleep(DIRECTORY_SECONDS)
            stage = Stage(windows, cable, witness, setting.rules, chance)
            console.print(f"开饭 · lunch: {plan.people} 人 people, {len(windows)} 窗口 windows")
            begun_at = time.monotonic()
            async with shown_progress(console, windows, plan.turns, witness.notes):
                await Serving(stage, plan).play()
            console.print(f"吃完 · eaten in {time.monotonic() - begun_at:.0f} s, 上传 · uploading")
            for window in windows:
                await _drain(window, witness)
    witness.notes.write(setting.folder)
    return await _read(setting, witness.notes, console)


def read_again(folder: Path, database: str, rules: Mapping[str, Any]) -> Books:
    """Read the books of a lunch once more, with the notes that were kept in its folder."""
    return read_books(read_rows(database), Notes.read(folder), rules)


def read_rules(path: Path) -> dict[str, Any]:
    """The rules' JSON, as plain values."""
    rules: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return rules


async def _prepare_people(plan: Plan, console: Console) -> None:
    visits = [visit for queue in plan.queues for visit in queue if visit.phone is not None]
    phones = [visit.phone for visit in visits if visit.phone is not None]
    begun_at = time.monotonic()
    await bind_all(phones)
    console.print(f"绑定手机 · phones bound: {len(phones)} in {time.monotonic() - begun_at:.1f} s")
    for phone in plan.frozen_before:
        await phone.freeze()
    for visit in visits:
        if visit.phone in plan.dead_phones and visit.phone is not None:
            visit.text = await visit.phone.emergency_code()


async def _drain(window: Window, witness: Witness) -> None:
    try:
        await window.drain(DRAIN_SECONDS_MAX)
    except NoAnswerError as error:
        witness.fault(str(error))  # the books are read all the same, and say what is missing


@contextlib.asynccontextmanager
async def _plugged(setting: Setting) -> AsyncIterator[Cable]:
    port = urlsplit(setting.server_url).port
    if port is None:
        raise ValueError(f"the server's URL names no port: {setting.server_url}")
    cable = Cable(port)
    await cable.plug()
    try:
        yield cable
    finally:
        await cable.cut()


@contextlib.asynccontextmanager
async def _open_windows(
    setting: Setting, handout: Handout, http: httpx.AsyncClient, cable: Cable, witness: Witness
) -> AsyncIterator[tuple[Window, Window, Window]]:
    """Enrol and start the three terminals; end them whatever happens."""
    office = Office(http, handout.admin)
    await office.log_in()
    first, second, third = (
        Window(number, place, setting.folder, witness)
        for number, place in enumerate(handout.places)
    )
    windows = (first, second, third)
    try:
        for window in windows:
            place = window.place
            token = await office.enrolment(place.merchant, place.merchant_id, place.group_id)
            if window.number == CUT:  # its cable is ours
                far = f"http://127.0.0.1:{cable.port}"
                token = token.replace(setting.server_url, far)
            witness.notes.terminals.append(await window.enrol(token))
            witness.notes.groups.append(place.group_id)
            witness.notes.kills.append(0)
        await asyncio.gather(*(window.start() for window in windows))
        yield windows
    finally:
        for window in windows:
            await window.stop()


async def _read(setting: Setting, notes: Notes, console: Console) -> Books:
    """Read the books, waiting a little for the worker's roll-up if one is kept at all."""
    deadline = time.monotonic() + ROLLUP_SECONDS_MAX
    while True:
        raws = read_rows(setting.database)
        books = read_books(raws, notes, setting.rules)
        if books.is_rolled_up or not raws["marks"] or time.monotonic() > deadline:
            break
        await asyncio.sleep(0.5)
    print_books(console, books, raws)
    return books
