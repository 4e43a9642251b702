"""Lists as files: what is in them, and who lets much personal data out."""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from backend.domain.access import Role
from backend.domain.export import VALID_SECONDS
from backend.domain.sheet import BOM, PERSONAL_ROWS_MAX
from backend.tables.account import AccountRow
from backend.tables.cardholder import CardholderRow
from backend.tables.export import ExportRow
from backend.tables.staff import AuditRow
from tests.rig.campus import STUDENT
from tests.rig.office import Office
from tests.rig.raw_sql import RefusedSqlError, execute

LIST = "/staff/cardholders/exports"
ASK = "/admin/exports"
EVIL = ("=cmd|'/c calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＠x", "a;=1+1")
CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

_numbers = itertools.count(1)


async def people(names: list[str] | int) -> None:
    """Cardholders by these names, or so many."""
    if isinstance(names, int):
        names = ["某人"] * names
    await CardholderRow.bulk_create(
        [
            CardholderRow(
                number=f"X{next(_numbers):07}",
                name=name,
                class_id=STUDENT,
                created_at="2026-01-01T00:00:00+00:00",
            )
            for name in names
        ]
    )


def rows_of(answer: httpx.Response) -> list[list[str]]:
    """The cells of a CSV."""
    text = answer.content.decode()
    assert text.startswith(BOM)
    return list(csv.reader(io.StringIO(text.removeprefix(BOM), newline="")))


async def ask(office: Office, headers: dict[str, str], **changes: Any) -> httpx.Response:
    """Ask for the file of everybody."""
    key = f"export-{next(_numbers):08}"
    body = {"request_key": key, "what": "cardholders", "filters": {}, "reason": "年度核对"}
    return await office.http.post(ASK, headers=headers, json={**body, **changes})


async def test_a_csv_has_heads_in_both_languages_and_harmless_cells(office: Office) -> None:
    admin = await office.staff(Role.ADMIN)
    await people(list(EVIL))
    answer = await office.http.post(LIST, headers=admin, json={})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    disposition = answer.headers["content-disposition"]
    assert disposition == 'attachment; filename="cardholders-20260101.csv"'
    head, *rows = rows_of(answer)
    assert head[:2] == ["学工号 · Number", "姓名 · Name"]
    assert len(rows) == len(EVIL)
    starts = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
    assert [cell for row in rows for cell in row if cell.lstrip().startswith(starts)] == []
    assert {row[1].replace("'", "") for row in rows} == {name.replace("'", "") for name in EVIL}


async def test_in_a_workbook_a_text_is_a_text_and_nothing_is_a_formula(office: Office) -> None:
    admin = await office.staff(Role.ADMIN)
    names = [*EVIL, "https://example.com/", "0012", "控\x01制"]
    await people(names)
    answer = await office.http.post(LIST, headers=admin, json={"format": "xlsx"})
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 - our own
        assert not [name for name in book.namelist() if "external" in name or "rels/sheet" in name]
    cells = list(sheet.iter(f"{CELL}c"))
    assert list(sheet.iter(f"{CELL}f")) == []
    texts = ["".join(one.itertext()) for one in cells if one.get("t") == "inlineStr"]
    assert {"学工号 · Number", "0012", "https://example.com/", *EVIL[:2]} <= set(texts)
    kinds = {one.get("r", "")[:1]: one.get("t") for one in cells[7:]}
    assert kinds == {
        "A": "inlineStr", "B": "inlineStr", "C": "inlineStr", "D": None,
        "E": "inlineStr", "F": None, "G": "inlineStr",
    }  # fmt: skip


async def test_a_file_leaves_a_line_that_names_filters_and_no_words(office: Office) -> None:
    admin = await office.staff(Role.ADMIN)
    await people(["王小明", "李小红"])
    answer = await office.http.post(LIST, headers=admin, json={"text": "王小明"})
    assert [row[1] for row in rows_of(answer)[1:]] == ["王小明"]
    (line,) = await AuditRow.filter(verb="exports.make")
    assert line.subject == "export:cardholders"
    assert line.detail == {"rows": 1, "format": "csv", "filters": ["text"]}


async def test_above_the_bound_one_person_alone_gets_nothing(office: Office) -> None:
    admin = await office.staff(Role.ADMIN)
    await people(PERSONAL_ROWS_MAX)
    answer = await office.http.post(LIST, headers=admin, json={})
    assert (answer.status_code, len(rows_of(answer))) == (200, PERSONAL_ROWS_MAX + 1)
    await people(1)
    refused = await office.http.post(LIST, headers=admin, json={})
    assert (refused.status_code, refused.json()["error"]) == (403, "export_needs_approval")
    assert refused.json()["evidence"] == {"rows": 501, "limit": 500}
    assert await AuditRow.filter(verb="exports.make").count() == 1


async def test_two_people_let_it_out_and_it_is_taken_once(office: Office) -> None:
    asker, other = await office.staff(Role.CARD_OFFICE), await office.staff(Role.ADMIN)
    await people(PERSONAL_ROWS_MAX + 100)
    asked = await ask(office, asker, filters={"membership": "active"}, format="csv")
    assert (asked.status_code, asked.json()["state"], asked.json()["rows"]) == (201, "waiting", 600)
    path = f"{ASK}/{asked.json()['export_id']}"
    early = await office.http.post(f"{path}/downloads", headers=asker)
    assert (early.status_code, early.json()["error"]) == (403, "export_needs_approval")
    own = await office.http.post(f"{path}/approvals", headers=asker)
    assert (own.status_code, own.json()["error"]) == (403, "two_people")
    approved = await office.http.post(f"{path}/approvals", headers=other)
    assert (approved.status_code, approved.json()["state"]) == (201, "approved")
    not_his = await office.http.post(f"{path}/downloads", headers=other)
    assert not_his.status_code == 404
    taken = await office.http.post(f"{path}/downloads", headers=asker)
    assert (taken.status_code, len(rows_of(taken))) == (200, 601)
    again = await office.http.post(f"{path}/downloads", headers=asker)
    assert (again.status_code, again.json()["error"]) == (409, "downloaded_already")
    lines = await AuditRow.filter(verb__startswith="exports.").order_by("id").values_list("verb")
    assert lines == [("exports.ask",), ("exports.approved",), ("exports.download",)]
    listed = await office.http.get(ASK, headers=other)
    assert [one["state"] for one in listed.json()["exports"]] == ["downloaded"]


async def test_a_rejected_file_is_not_let_out_later(office: Office) -> None:
    asker, other = await office.staff(Role.CARD_OFFICE), await office.staff(Role.ADMIN)
    path = f"{ASK}/{(await ask(office, asker)).json()['export_id']}"
    assert (await office.http.post(f"{path}/rejections", headers=other)).status_code == 201
    later = await office.http.post(f"{path}/approvals", headers=other)
    assert (later.status_code, later.json()["error"]) == (409, "decided_already")
    assert (await office.http.post(f"{path}/downloads", headers=asker)).status_code == 403


async def test_what_was_approved_is_good_for_a_week(office: Office) -> None:
    asked_by, other_login = await office.hire(Role.CARD_OFFICE), await office.hire(Role.ADMIN)
    asker = await office.log_in(asked_by[1])
    other = await office.log_in(other_login[1])
    path = f"{ASK}/{(await ask(office, asker)).json()['export_id']}"
    assert (await office.http.post(f"{path}/approvals", headers=other)).status_code == 201
    office.clock.now += VALID_SECONDS + 60
    asker = await office.log_in(asked_by[1])
    late = await office.http.post(f"{path}/downloads", headers=asker)
    assert (late.status_code, late.json()["error"]) == (409, "export_over")
    other = await office.log_in(other_login[1])
    waiting = f"{ASK}/{(await ask(office, asker)).json()['export_id']}"
    office.clock.now += VALID_SECONDS + 60
    other = await office.log_in(other_login[1])
    too_late = await office.http.post(f"{waiting}/approvals", headers=other)
    assert (too_late.status_code, too_late.json()["error"]) == (409, "export_over")


async def test_a_repeat_is_the_first_request_and_another_content_a_conflict(office: Office) -> None:
    asker = await office.staff(Role.CARD_OFFICE)
    first = await ask(office, asker, request_key="export-again")
    again = await ask(office, asker, request_key="export-again")
    other = await ask(office, asker, request_key="export-again", reason="另一个理由")
    assert first.json() == again.json()
    assert (other.status_code, other.json()["error"]) == (409, "key_used")
    assert await ExportRow.all().count() == 1


@pytest.mark.parametrize(
    "changes, status",
    [
        ({"what": "everything"}, 404),
        ({"filters": {"text": 1}}, 400),
        ({"filters": {"unknown": "x"}}, 400),
        ({"reason": ""}, 400),
    ],
)
async def test_what_nobody_can_export_is_refused(
    office: Office, changes: dict[str, Any], status: int
) -> None:
    asker = await office.staff(Role.CARD_OFFICE)
    assert (await ask(office, asker, **changes)).status_code == status


ROW = (
    "INSERT INTO export (request_key, what, format, filters, `rows`, reason, asked_by, asked_at,"
    " decision, approved_by, approved_at, downloaded_at) VALUES"
)


@pytest.mark.parametrize(
    "statement",
    [
        f"{ROW} ('a', 'x', 'csv', '{{}}', 1, '', 'staff:1', 1, 'approved', 'staff:1', 1, 0)",
        f"{ROW} ('a', 'x', 'csv', '{{}}', 1, '', 'staff:1', 1, '', '', 0, 5)",
        f"{ROW} ('a', 'x', 'csv', '{{}}', 1, '', 'staff:1', 1, 'rejected', 'staff:2', 1, 5)",
        "UPDATE export SET approved_by = asked_by",
        "UPDATE export SET asked_by = 'staff:9'",
        "UPDATE export SET filters = '{}x'",
        "UPDATE export SET downloaded_at = 7",
        "UPDATE export SET downloaded_at = 0",
        "UPDATE export SET decision = 'rejected'",
    ],
)
async def test_the_database_itself_refuses_one_person_and_a_second_download(
    office: Office, migrated_url: str, statement: str
) -> None:
    execute(
        migrated_url,
        f"{ROW} ('k', 'x', 'csv', '{{}}', 1, '', 'staff:1', 1, 'approved', 'staff:2', 1, 5)",
    )
    with pytest.raises(RefusedSqlError):
        execute(migrated_url, statement)
    assert await AccountRow.all().count() > 0  # the server goes on
