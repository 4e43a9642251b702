"""How far a long request is: it grows, ends at the whole, and is told to whoever sent it."""

from __future__ import annotations

import asyncio

import pytest

from backend.api import watching
from backend.domain.access import Role
from backend.tables.progress import KEPT_SECONDS, ProgressRow
from tests.rig.campus import STUDENT
from tests.rig.office import Office
from tests.rig.tills import refused

LINES = 3_000
KEY = "a-roster-of-three-thousand"
PATH = "/admin/rosters?dry_run=0"


def roster(lines: int) -> bytes:
    """A file of so many new people."""
    head = "number,name,department,class\n"
    return (head + "".join(f"W{n:05},某人,理学院,{STUDENT}\n" for n in range(lines))).encode()


async def test_a_roster_tells_how_far_it_is(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "TELL_SECONDS", 0.01)
    headers, other = await office.staff(Role.ADMIN), await office.staff(Role.ADMIN)
    sent = {**headers, "content-type": "text/csv", "x-watch": KEY}
    task = asyncio.create_task(office.http.post(PATH, content=roster(LINES), headers=sent))
    seen = []
    while not task.done():
        told = await office.http.get(f"/admin/progress/{KEY}", headers=headers)
        if told.status_code == 200:
            seen.append(told.json()["done"])
        await asyncio.sleep(0.01)
    assert (await task).json()["added"] == LINES
    assert seen == sorted(seen)
    assert len(set(seen)) > 1
    last = (await office.http.get(f"/admin/progress/{KEY}", headers=headers)).json()
    assert (last["done"], last["total"], last["ended_at"]) == (LINES, LINES, office.at)
    foreign = await office.http.get(f"/admin/progress/{KEY}", headers=other)
    refused(foreign, 404, "unknown_progress")
    (row,) = (await office.http.get("/admin/rosters", headers=headers)).json()["imports"]
    undo = f"/admin/rosters/{row['import_id']}/undos"
    sent = {**headers, "x-watch": "taken-back"}
    answer = await office.http.post(undo, json={"reason": "错了"}, headers=sent)
    assert answer.status_code == 201
    last = (await office.http.get("/admin/progress/taken-back", headers=headers)).json()
    assert (last["done"], last["total"]) == (LINES, LINES)


async def test_nobody_takes_anothers_key(office: Office) -> None:
    one, other = await office.staff(Role.ADMIN), await office.staff(Role.ADMIN)
    for headers, lines in ((one, 3), (other, 2)):
        sent = {**headers, "content-type": "text/csv", "x-watch": KEY}
        answer = await office.http.post(PATH, content=roster(lines), headers=sent)
        assert answer.status_code == 200
    told = (await office.http.get(f"/admin/progress/{KEY}", headers=one)).json()
    assert told["total"] == 3
    sent = {**one, "content-type": "text/csv", "x-watch": "no key at all"}
    refused(await office.http.post(PATH, content=roster(1), headers=sent), 400, "invalid_input")


async def test_what_is_long_over_is_forgotten(office: Office) -> None:
    headers = await office.staff(Role.ADMIN)
    sent = {**headers, "content-type": "text/csv", "x-watch": KEY}
    await office.http.post(PATH, content=roster(1), headers=sent)
    office.clock.now += KEPT_SECONDS + 1
    headers = await office.staff(Role.ADMIN)
    sent = {**headers, "content-type": "text/csv", "x-watch": "another-one"}
    await office.http.post(PATH, content=roster(1), headers=sent)
    assert [row.watch_key for row in await ProgressRow.all()] == ["another-one"]
