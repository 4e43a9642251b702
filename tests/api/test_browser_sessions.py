"""A browser's session: a cookie no script reads, which counts for our own pages only."""

from __future__ import annotations

from http.cookies import Morsel, SimpleCookie

import httpx
import pytest

from backend.api.browser import OWN_PAGE_HEADER
from backend.domain.access import PERMISSIONS, Role, may
from backend.tables.staff import SessionRow
from backend.usecases.staff.log_in import STAFF_SESSION_SECONDS
from tests.rig.office import PASSWORD, Office

OWN = {OWN_PAGE_HEADER: "1", "sec-fetch-site": "same-origin"}
LOGIN = "finance_1"


async def log_in(office: Office, *, kept: str = "") -> httpx.Response:
    """Log in as a browser does."""
    body = {"login": LOGIN, "password": PASSWORD, "totp": await office.totp(LOGIN)}
    headers = {**OWN, **({"cookie": kept} if kept else {})}
    return await office.http.post("/staff/browser-sessions", json=body, headers=headers)


def cookie_of(answer: httpx.Response) -> Morsel[str]:
    """The one cookie of an answer."""
    (cookie,) = SimpleCookie(answer.headers["set-cookie"]).values()
    return cookie


async def enter(office: Office) -> str:
    """A member of staff who is logged in: what the browser sends."""
    await office.hire(Role.FINANCE, LOGIN)
    cookie = cookie_of(await log_in(office))
    office.http.cookies.clear()  # each test says itself what is sent
    return f"{cookie.key}={cookie.value}"


async def test_the_session_is_a_cookie_that_no_script_reads(office: Office) -> None:
    await office.hire(Role.FINANCE, LOGIN)
    answer = await log_in(office)
    cookie = cookie_of(answer)
    assert (answer.status_code, answer.json()) == (201, {})
    assert cookie["httponly"]
    assert cookie["path"] == "/"
    assert cookie["samesite"] == "Strict"
    assert int(cookie["max-age"]) == STAFF_SESSION_SECONDS


async def test_the_page_learns_who_is_logged_in_and_what_the_role_may_do(office: Office) -> None:
    cookie = await enter(office)
    body = (await office.http.get("/staff/sessions", headers={"cookie": cookie, **OWN})).json()
    assert body["role"] == "finance"
    assert body["verbs"] == sorted(verb for verb in PERMISSIONS if may(Role.FINANCE, verb))


@pytest.mark.parametrize(
    "said",
    [
        {},  # a form of a foreign page, with an old browser
        {OWN_PAGE_HEADER: "1", "sec-fetch-site": "cross-site"},
        {OWN_PAGE_HEADER: "1", "sec-fetch-site": "same-site"},
        {OWN_PAGE_HEADER: "1", "sec-fetch-site": "none"},
        {OWN_PAGE_HEADER: "1", "origin": "https://evil.example"},
        {OWN_PAGE_HEADER: "1", "origin": "null"},
    ],
)
async def test_a_foreign_page_changes_nothing(office: Office, said: dict[str, str]) -> None:
    cookie = await enter(office)
    answer = await office.http.delete("/staff/sessions", headers={"cookie": cookie, **said})
    assert (answer.status_code, answer.json()["error"]) == (403, "foreign_page")
    assert (await office.http.get("/staff/sessions", headers={"cookie": cookie})).is_success


async def test_a_foreign_page_reads_nothing(office: Office) -> None:
    headers = {"cookie": await enter(office), "sec-fetch-site": "cross-site"}
    assert (await office.http.get("/staff/sessions", headers=headers)).status_code == 403


async def test_a_session_that_somebody_planted_is_not_taken_over(office: Office) -> None:
    planted = await enter(office)
    office.clock.now += 60
    fresh = cookie_of(await log_in(office, kept=planted))
    assert f"{fresh.key}={fresh.value}" != planted
    assert await SessionRow.all().count() == 2


async def test_after_logging_out_the_cookie_opens_nothing(office: Office) -> None:
    cookie = await enter(office)
    answer = await office.http.delete("/staff/sessions", headers={"cookie": cookie, **OWN})
    assert cookie_of(answer)["max-age"] == "0"
    office.http.cookies.clear()
    assert (await office.http.get("/staff/sessions", headers={"cookie": cookie})).status_code == 401


@pytest.mark.parametrize("path", ["/student/card", "/guardian/children"])
async def test_the_cookie_is_for_the_office_only(office: Office, path: str) -> None:
    cookie = await enter(office)
    assert (await office.http.get(path, headers={"cookie": cookie, **OWN})).status_code == 401


async def test_a_header_that_is_no_session_is_not_helped_by_a_cookie(office: Office) -> None:
    headers = {"cookie": await enter(office), "authorization": "Bearer nothing"}
    assert (await office.http.get("/staff/sessions", headers=headers)).status_code == 401
