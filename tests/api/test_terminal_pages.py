"""Terminals as the office finds and reads them."""

from __future__ import annotations

from typing import Any

from backend.domain.access import Role
from backend.domain.times import utc
from backend.tables.merchant import MerchantRow
from backend.tables.place import PlaceRow
from backend.tables.pulse import PulseRow
from backend.tables.terminal import RefusalCountRow, TerminalRow
from tests.rig.office import Office
from tests.rig.tills import refused, terminal

Json = dict[str, Any]


async def found(office: Office, headers: dict[str, str], query: str = "") -> Json:
    answer = await office.http.get(f"/admin/terminals{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


async def rows(office: Office, count: int) -> None:
    """Terminals of one merchant, the second half not heard of for a day."""
    merchant = await MerchantRow.create(name="面馆")
    for place in range(count):
        back = 0 if place < count // 2 else 86_400
        await TerminalRow.create(
            name=f"窗口{place:02}", merchant_id=merchant.id, group_id="canteen",
            signing_key=f"{place:064}", sealing_key="0" * 64, enrolled_at=utc(office.at),
            seen_at=utc(office.at - back),
            readiness={"score": 100} if place % 2 else {"score": 30},
        )  # fmt: skip


async def test_pages_by_cursor(office: Office) -> None:
    headers = await office.staff(Role.AUDITOR)
    await rows(office, 7)
    first = await found(office, headers, "?limit=3")
    second = await found(office, headers, f"?limit=3&after={first['next']}")
    third = await found(office, headers, f"?limit=3&after={second['next']}")
    told = [one["name"] for page in (first, second, third) for one in page["terminals"]]
    assert told == [f"窗口{place:02}" for place in range(7)]
    assert third["next"] is None
    assert first["terminals"][0]["merchant"] == "面馆"
    bad = await office.http.get("/admin/terminals?after=AAAA", headers=headers)
    refused(bad, 400, "invalid_input")


async def test_filters(office: Office) -> None:
    headers = await office.staff(Role.AUDITOR)
    await rows(office, 6)
    one = (await found(office, headers, "?text=口03"))["terminals"]
    assert [row["name"] for row in one] == ["窗口03"]
    by_id = (await found(office, headers, f"?text={one[0]['terminal_id']}"))["terminals"]
    assert one[0] in by_id
    assert len((await found(office, headers, "?standing=heard"))["terminals"]) == 3
    silent = (await found(office, headers, "?standing=silent"))["terminals"]
    assert {row["standing"] for row in silent} == {"silent"}
    bad = await found(office, headers, "?readiness=bad&limit=2")
    rest = await found(office, headers, f"?readiness=bad&limit=2&after={bad['next']}")
    names = [row["name"] for page in (bad, rest) for row in page["terminals"]]
    assert names == ["窗口00", "窗口02", "窗口04"]
    assert (await found(office, headers, "?readiness=unknown"))["terminals"] == []
    assert (await found(office, headers, "?merchant_id=999"))["terminals"] == []
    assert (await found(office, headers, "?group_id=none"))["terminals"] == []
    place = await PlaceRow.create(parent_id=0, kind="campus", name="东校区")
    at_place = f"?place_id={place.id}"
    assert (await found(office, headers, at_place))["terminals"] == []
    await MerchantRow.filter(name="面馆").update(place_id=place.id)
    shown = (await found(office, headers, at_place))["terminals"]
    assert [one["canteen"] for one in shown] == ["东校区"] * 6
    await TerminalRow.filter(name="窗口01").update(revoked_at=utc(office.at))
    (gone,) = (await found(office, headers, "?standing=revoked"))["terminals"]
    assert (gone["name"], gone["standing"]) == ("窗口01", "revoked")


async def test_a_page_tells_the_whole_story(office: Office) -> None:
    device = await terminal(office)
    for _ in range(2):  # what it took at the first sync it tells at the second
        await device.sync(office.http, office.at)
    admin = await office.staff(Role.ADMIN)
    await PulseRow.create(
        minute_at=office.at - office.at % 60, terminal_id=device.terminal_id, payments=3
    )
    await RefusalCountRow.create(
        terminal_id=device.terminal_id, business_on=20260101, reason="too_soon", count=4
    )
    path = f"/admin/terminals/{device.terminal_id}"
    told = (await office.http.get(path, headers=admin)).json()
    assert told["terminal"]["kind"] == "till"
    assert told["terminal"]["versions"]["rules"] == told["versions"]["rules"] == 1
    assert not told["is_on_trial"]
    assert (len(told["hours"]), told["hours"][-1]["payments"]) == (24, 3)
    assert told["refusals"] == [{"reason": "too_soon", "count": 4}]
    assert [one["verb"] for one in told["deeds"]] == ["terminals.enrolled", "terminals.enrol"]
    assert told["theft"] is None
    body = {"stolen_at": office.at - 60, "overlap_seconds": 0, "reason": "柜台被撬"}
    assert (await office.http.post(f"{path}/thefts", json=body, headers=admin)).status_code == 201
    after = (await office.http.get(path, headers=admin)).json()
    assert after["terminal"]["standing"] == "stolen"
    assert after["theft"]["stolen_at"] == office.at - 60
    assert after["deeds"][0]["verb"] == "terminals.stolen"
    stolen = await found(office, admin, "?standing=stolen")
    assert [one["terminal_id"] for one in stolen["terminals"]] == [device.terminal_id]
    refused(await office.http.get("/admin/terminals/999", headers=admin), 404, "unknown_terminal")
