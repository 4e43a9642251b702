"""Reports whose figures are the books', lists that add up to them, and the tree behind a fen."""

from __future__ import annotations

from typing import Any

import pytest

from backend.domain.access import Role
from backend.domain.accounts import merchant_account, purse_account
from backend.domain.report import ReportKind
from backend.tables.cardholder import CardholderRow
from backend.tables.payment import SuspenseRow
from backend.tables.staff import AuditRow
from backend.usecases.settlements.roll_up import roll_up
from tests.rig.office import Office
from tests.rig.places import make_campus
from tests.rig.shop import Book, Shop

NEW_YEAR = 20260101
SPAN = "first_on=20260101&last_on=20260101"
Headers = dict[str, str]


async def get(office: Office, path: str, who: Headers) -> Any:
    answer = await office.http.get(path, headers=who)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def a_day(shop: Shop) -> tuple[Headers, list[int]]:
    """Three lunches at two windows, one refunded in part; answers finance and the payments."""
    office = shop.office
    noodles, rice = await shop.till("面馆"), await shop.till("米饭")
    student, other = await shop.student(), await shop.student()
    await CardholderRow.filter(id=student.holder_id).update(department="物理学院")
    paid = []
    for till, who, fen in ((noodles, student, 500), (rice, other, 700), (rice, student, 900)):
        office.clock.now += 30
        paid.append((await shop.pay(till, shop.code(who), fen))["payment_id"])
    first, second = await office.staff(Role.FINANCE), await office.staff(Role.FINANCE)
    asked = {"request_key": "refund-0001", "payment_id": paid[0], "amount_fen": 200, "reason": "冷"}
    one = await office.http.post("/staff/refunds", json=asked, headers=first)
    path = f"/staff/corrections/{one.json()['request_id']}/approvals"
    assert (await office.http.post(path, headers=second)).status_code == 201
    await roll_up()
    return first, paid


async def test_every_report_is_made_and_each_line_adds_up_to_its_list(shop: Shop) -> None:
    finance, _ = await a_day(shop)
    office = shop.office
    for kind in ReportKind:
        told = await get(office, f"/admin/reports/{kind.value}?{SPAN}", finance)
        keys = {column["key"] for column in told["columns"]}
        assert all(keys <= set(line["cells"]) for line in told["lines"]), kind
        for line in told["lines"]:
            trace = line["trace"]
            if trace["list"] != "payments" or "payments" not in line["cells"]:
                continue
            query = "&".join(f"{name}={value}" for name, value in trace["filters"].items())
            listed = (await get(office, f"/admin/payments?{query}", finance))["payments"]
            assert len(listed) == line["cells"]["payments"], (kind, query)
            charged = sum(one["charged_fen"] for one in listed)
            assert charged == line["cells"]["charged_fen"], (kind, query)


@pytest.mark.parametrize(
    "kind, names",
    [
        ("merchants", {"面馆": (1, 500, 200), "米饭": (2, 1_600, 0)}),
        ("terminals", {"面馆": (1, 500, 200), "米饭": (2, 1_600, 0)}),
        ("departments", {"物理学院": (2, 1_400, 200), "（无院系）": (1, 700, 0)}),
    ],
)
async def test_figures_are_those_of_the_day(
    shop: Shop, kind: str, names: dict[str, tuple[int, int, int]]
) -> None:
    finance, _ = await a_day(shop)
    told = await get(shop.office, f"/admin/reports/{kind}?{SPAN}", finance)
    found = {
        line["cells"]["name"]: (
            line["cells"]["payments"],
            line["cells"]["charged_fen"],
            line["cells"]["corrected_fen"],
        )
        for line in told["lines"]
    }
    assert found == names
    assert told["totals"]["net_fen"] == 1_900


async def test_a_trial_balance_balances_and_drills_to_postings(shop: Shop) -> None:
    finance, _ = await a_day(shop)
    office = shop.office
    told = await get(office, f"/admin/reports/trial-balance?{SPAN}", finance)
    totals = told["totals"]
    assert totals["debit_fen"] == totals["credit_fen"] > 0
    assert totals["closing_debit_fen"] == totals["closing_credit_fen"] > 0
    assert totals["opening_debit_fen"] == totals["opening_credit_fen"] == 0
    for line in told["lines"]:
        filters = line["trace"]["filters"]
        query = "&".join(f"{name}={value}" for name, value in filters.items())
        page = await get(office, f"/admin/postings?{query}&limit=1", finance)
        listed = list(page["postings"])
        while page["next"]:
            page = await get(
                office, f"/admin/postings?{query}&limit=1&after={page['next']}", finance
            )
            listed += page["postings"]
        assert len(listed) == line["cells"]["postings"], line
        assert len({one["posting_id"] for one in listed}) == len(listed)
    own = purse_account(1, "cash")
    mine = await get(office, f"/admin/postings?account_id={own}&{SPAN}", finance)
    kinds = sorted(one["kind"] for one in mine["postings"])
    assert kinds == ["correction", "credit", "payment", "payment"]


async def test_pages_of_payments_meet_each_other(shop: Shop) -> None:
    finance, paid = await a_day(shop)
    found: list[int] = []
    path = f"/admin/payments?{SPAN}&limit=2"
    page = await get(shop.office, path, finance)
    found += [one["payment_id"] for one in page["payments"]]
    page = await get(shop.office, f"{path}&after={page['next']}", finance)
    found += [one["payment_id"] for one in page["payments"]]
    assert (sorted(found), page["next"]) == (sorted(paid), None)
    refunded = await get(shop.office, f"/admin/payments?{SPAN}&only=refund", finance)
    assert [one["payment_id"] for one in refunded["payments"]] == [paid[0]]
    assert refunded["payments"][0]["returned_fen"] == 200


@pytest.mark.parametrize(
    "query, field",
    [
        ("first_on=20260102&last_on=20260101", "last_on"),
        ("first_on=20260230&last_on=20260301", "first_on"),
        ("first_on=20240101&last_on=20260101", "first_on"),
    ],
)
async def test_a_span_that_is_none_is_named(office: Office, query: str, field: str) -> None:
    finance = await office.staff(Role.FINANCE)
    answer = await office.http.get(f"/admin/reports/days?{query}", headers=finance)
    assert (answer.status_code, answer.json()["evidence"]["field"]) == (400, field)


async def test_a_report_of_no_merchant_refuses_one(office: Office) -> None:
    finance = await office.staff(Role.FINANCE)
    path = "/admin/reports/departments?merchant_id=1"
    answer = await office.http.get(path, headers=finance)
    assert (answer.status_code, answer.json()["evidence"]["field"]) == (400, "merchant_id")


def whats(node: dict[str, Any]) -> set[str]:
    return {node["what"]}.union(*(whats(one) for one in node["because"]))


async def test_a_fen_is_explained_from_posting_to_code(shop: Shop) -> None:
    finance, paid = await a_day(shop)
    office = shop.office
    tree = await get(office, f"/admin/explanations/payments/{paid[0]}", finance)
    assert {"entry", "posting", "link", "record", "code", "terminal", "rules", "correction"} <= (
        whats(tree)
    )
    code = next(one for one in tree["because"] if one["what"] == "code")
    assert code["facts"]["step"] * 15 == code["facts"]["shown_at"]
    assert office.at - 3600 < code["facts"]["shown_at"] <= office.at
    posting = await get(office, f"/admin/explanations/postings/{paid[0]}", finance)
    assert "payment" in whats(posting)
    account = merchant_account(1)
    balance = await get(office, f"/admin/explanations/accounts/{account}", finance)
    assert balance["facts"]["balance_fen"] == 300
    unknown = await office.http.get("/admin/explanations/payments/1", headers=finance)
    assert (unknown.status_code, unknown.json()["error"]) == (404, "unknown_figure")


async def test_what_waits_is_told_by_age(shop: Shop) -> None:
    office = shop.office
    till, student = await shop.till(), await shop.student(100)
    book = Book(shop, till)
    book.pay(student, 900, office.at)
    assert (await book.upload(book.signed())).status_code == 200
    item = await SuspenseRow.get()
    finance = await office.staff(Role.FINANCE)
    for days, age in ((1, "0-1"), (2, "2-7"), (7, "2-7"), (8, "8-30"), (30, "8-30"), (31, "31-")):
        office.clock.now = item.opened_at + days * 86_400 + 3_600
        finance = await office.staff(Role.FINANCE)
        (told,) = (await get(office, "/admin/suspense/ages", finance))["ages"]
        assert (told["age"], told["items"], told["amount_fen"]) == (age, 1, 800), days
        (line,) = (await get(office, f"/admin/suspense?age={age}", finance))["items"]
        assert (line["days"], line["item_id"]) == (days, item.id)
    told = await get(office, "/admin/suspense?age=0-1", finance)
    assert told["items"] == []


async def test_a_merchant_sees_its_own_day_and_no_other(shop: Shop) -> None:
    finance, paid = await a_day(shop)
    office = shop.office
    cashier = await office.staff(Role.CASHIER)
    stranger = await get(office, "/merchant/today", cashier)
    assert (stranger["payments"], stranger["charged_fen"]) == (0, 0)
    assert (await get(office, "/merchant/payments?merchant_id=1", cashier))["payments"] == []
    assert (await get(office, "/merchant/refunds?merchant_id=1", cashier))["refunds"] == []
    today = await get(office, "/merchant/today?merchant_id=1", finance)
    assert (today["merchant"], today["payments"], today["net_fen"]) == ("面馆", 1, 300)
    assert [one["charged_fen"] for one in today["terminals"]] == [500]
    (refund,) = (await get(office, "/merchant/refunds?merchant_id=1", finance))["refunds"]
    assert (refund["payment_id"], refund["amount_fen"], refund["state"]) == (
        paid[0],
        200,
        "approved",
    )
    (line,) = (await get(office, "/merchant/payments?merchant_id=1", finance))["payments"]
    assert "holder_id" not in line


async def test_inactive_cards_are_found_by_class(shop: Shop) -> None:
    await a_day(shop)
    office = shop.office
    await office.student()
    office.clock.now += 200 * 86_400
    finance = await office.staff(Role.FINANCE)
    (line,) = (await get(office, "/admin/reports/inactive?days=180", finance))["lines"]
    assert line["cells"]["cards"] == 3
    listed = await get(office, "/admin/inactive-cards?days=180&limit=2", finance)
    assert len(listed["cards"]) == 2
    rest = await get(
        office, f"/admin/inactive-cards?days=180&limit=2&after={listed['next']}", finance
    )
    assert (len(rest["cards"]), rest["cards"][0]["last_at"], rest["next"]) == (1, 0, None)


@pytest.mark.parametrize("kind", list(ReportKind))
async def test_every_report_leaves_as_each_file(shop: Shop, kind: ReportKind) -> None:
    finance, _ = await a_day(shop)
    path = f"/admin/reports/{kind.value}/export?{SPAN}"
    for form, begins in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("pdf", b"%PDF-")):
        answer = await shop.office.http.get(f"{path}&format={form}", headers=finance)
        assert (answer.status_code, answer.content[: len(begins)]) == (200, begins), form
        assert form in answer.headers["content-disposition"]
    lines = await AuditRow.filter(verb="exports.make").order_by("id")
    assert [line.detail["format"] for line in lines] == ["csv", "xlsx", "pdf"]


async def test_a_pdf_can_be_read_in_both_languages(shop: Shop) -> None:
    finance, _ = await a_day(shop)
    path = f"/admin/reports/trial-balance/export?{SPAN}&format=pdf"
    for language in ("zh", "en"):
        answer = await shop.office.http.get(f"{path}&language={language}", headers=finance)
        assert answer.headers["content-type"] == "application/pdf"
        assert b"STSong-Light" in answer.content
        assert len(answer.content) > 2_000


@pytest.mark.parametrize(
    "path, rows",
    [
        (f"payments/export?{SPAN}", 3),
        (f"postings/export?account_id={merchant_account(1)}&{SPAN}", 2),
        ("settlements/export?", 0),
        ("suspense/export?", 0),
    ],
)
async def test_lists_leave_as_files_with_their_filters(shop: Shop, path: str, rows: int) -> None:
    finance, _ = await a_day(shop)
    answer = await shop.office.http.get(f"/admin/{path}&format=csv", headers=finance)
    assert answer.status_code == 200, answer.text
    assert len(answer.text.splitlines()) == rows + 1


async def test_a_file_of_payments_ends_at_somebodys_place(shop: Shop) -> None:
    own, _ = await make_campus(shop, "东校区"), await make_campus(shop, "西校区")
    await roll_up()
    local = await own.staff(shop, Role.FINANCE)
    for path in ("/admin/payments/export?format=csv", "/admin/reports/merchants/export?format=csv"):
        told = (await shop.office.http.get(path, headers=local)).text
        assert "东校区" in told, path
        assert "西校区" not in told, path
    answer = await shop.office.http.get("/admin/reports/departments", headers=local)
    assert (answer.status_code, answer.json()["error"]) == (403, "beyond_reach")
