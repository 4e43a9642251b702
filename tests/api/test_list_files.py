"""Lists as files out of what their routes tell: the same rows, the same reach, two people."""

from __future__ import annotations

import csv
import io

import httpx
import pytest
from sanic import Blueprint, Request
from typing_extensions import TypedDict

from backend.api import list_files
from backend.api.described import DescriptionError
from backend.api.list_files import ListFile, Named, file_of
from backend.api.paging import PageShape
from backend.domain.access import Role
from backend.domain.sheet import BOM, PERSONAL_ROWS_MAX, Column
from backend.tables.card_request import CardRequestRow
from backend.tables.risk import AlertRow
from backend.tables.staff import AuditRow
from tests.api.access_rows import FILED, MATRIX
from tests.rig.office import Office
from tests.rig.places import make_campus
from tests.rig.shop import Shop
from tests.rig.tills import refused


def rows_of(answer: httpx.Response) -> list[list[str]]:
    """The cells of a CSV, without its head."""
    assert answer.status_code == 200, answer.text
    text = answer.content.decode()
    assert text.startswith(BOM)
    return list(csv.reader(io.StringIO(text.removeprefix(BOM), newline="")))[1:]


async def test_a_file_holds_every_page_of_its_list_and_is_noted(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_files, "PAGE_ROWS_MAX", 2)
    headers = await shop.office.staff(Role.ADMIN)
    tills = [await shop.till(f"窗口{n}") for n in range(5)]
    http = shop.office.http
    rows = rows_of(await http.get("/admin/terminals/export", headers=headers))
    assert [int(row[0]) for row in rows] == [one.terminal_id for one in tills]
    assert rows[0][1:3] == ["窗口0", "窗口0"]
    path = "/admin/terminals/export?text=窗口3&format=csv"
    (row,) = rows_of(await http.get(path, headers=headers))
    assert row[1] == "窗口3"
    noted = await AuditRow.filter(verb="exports.make").order_by("-id").first()
    assert noted is not None
    assert (noted.subject, noted.detail["rows"]) == ("export:terminals", 1)


@pytest.mark.parametrize(
    "path", ["/admin/terminals", "/admin/alerts", "/staff/corrections", "/staff/drawers"]
)
async def test_a_file_ends_where_the_right_does(shop: Shop, path: str) -> None:
    east, west = await make_campus(shop, "东校区"), await make_campus(shop, "西校区")
    local, admin = await east.staff(shop, Role.ADMIN), await shop.office.staff(Role.ADMIN)
    own = rows_of(await shop.office.http.get(f"{path}/export", headers=local))
    every = rows_of(await shop.office.http.get(f"{path}/export", headers=admin))
    assert east.place_id != west.place_id
    assert (len(own), len(every)) == (1, 2)
    assert own[0] in every


async def test_every_list_that_says_so_leaves_as_both_files(office: Office) -> None:
    headers = await office.staff(Role.ADMIN)
    for path in FILED:
        for kind, begins in (("csv", BOM.encode()), ("xlsx", b"PK")):
            answer = await office.http.get(f"{path}/export?format={kind}", headers=headers)
            assert (answer.status_code, answer.content[: len(begins)]) == (200, begins), path
    assert {row.path for row in MATRIX if row.path.endswith("/export")} >= {
        f"{path}/export" for path in FILED
    }


async def test_names_stand_in_the_place_of_labels(shop: Shop) -> None:
    campus = await make_campus(shop, "东校区")
    headers = await shop.office.staff(Role.ADMIN)
    (row,) = rows_of(await shop.office.http.get("/staff/corrections/export", headers=headers))
    assert campus.payment_id == int(row[3])
    assert "1.00" in row
    (till,) = rows_of(await shop.office.http.get("/admin/terminals/export", headers=headers))
    assert till[6] == "silent"
    await AlertRow.all().update(evidence={"reason": "=1+1"})
    (alert,) = rows_of(await shop.office.http.get("/admin/alerts/export", headers=headers))
    assert alert[7] == '{"reason":"=1+1"}'


async def test_much_personal_data_takes_two(office: Office) -> None:
    headers = await office.staff(Role.ADMIN)
    await CardRequestRow.bulk_create(
        [
            CardRequestRow(
                request_key=f"second-{n}", kind="secondary", office="外事处", asked_on=20260101,
                name="访客", class_id=1, reason="开会", asked_by="staff:1", asked_at=1,
            )
            for n in range(PERSONAL_ROWS_MAX + 1)
        ]
    )  # fmt: skip
    path = "/staff/card-requests/export"
    refused(await office.http.get(path, headers=headers), 403, "export_needs_approval")
    body = {"request_key": "many-guests", "what": "card_requests", "filters": {}, "reason": "核对"}
    made = await office.http.post("/admin/exports", json=body, headers=headers)
    assert (made.status_code, made.json()["rows"]) == (201, PERSONAL_ROWS_MAX + 1)
    # a page's filters are texts, as they stand in its address
    for days, status in (("90", 201), (90, 201), ("x", 400), ("9" * 40, 400)):
        asked = {"request_key": f"inactive-{days}"[:60], "what": "inactive_cards", "reason": "核对"}
        body = {**asked, "filters": {"days": days}}
        made = await office.http.post("/admin/exports", json=body, headers=headers)
        assert made.status_code == status, (days, made.text)


class _RowTold(TypedDict):
    name: str


class _Told(TypedDict):
    rows: list[_RowTold]
    next: str | None


async def _page(_request: Request, _query: PageShape) -> _Told:
    return {"rows": [], "next": None}


def test_a_column_that_no_row_has_is_refused_when_the_server_is_built() -> None:
    columns = {"name": Column("名称", "Name"), "nmae": Column("名称", "Name")}
    given = ListFile(Named("x", "x", "x", "audit.read"), PageShape, _page, "rows", columns)
    with pytest.raises(DescriptionError, match="nmae"):
        file_of(Blueprint("x"), "/x/export", given)
