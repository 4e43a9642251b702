"""Who may call what. MATRIX is the whole of it: a route without a row fails, and so does a row
without a route.

A new route gets its row in access_rows.py. Everybody who is not in the row must be
answered 401 or 403, before anything of the request is looked at.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import re
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import pytest
from sanic import Sanic

from backend.api.app import AUDIENCES
from backend.domain.access import Role
from backend.domain.terminal import session_context
from backend.domain.times import utc
from backend.domain.tokens import token_hash
from backend.tables.terminal import TerminalRow, TerminalSessionRow
from tests.api.access_rows import (
    CHECKED_ELSEWHERE,
    MATRIX,
    STAFF,
    STUDENTS,
    Caller,
    Row,
    Target,
)
from tests.rig.guardians import new_guardian
from tests.rig.office import Office

_numbers = itertools.count(1)


def routes() -> set[tuple[str, str]]:
    """Every method and path that the router knows."""
    app: Sanic[Any, Any] = Sanic(f"matrix-{next(_numbers)}", configure_logging=False)
    for audience in AUDIENCES:
        app.blueprint(audience.blueprint)
    found = {(method, f"/{one.path}") for one in app.router.routes for method in one.methods}
    Sanic.unregister_app(app)
    return found


def rows() -> list[Row]:
    """The matrix as a list."""
    return list(MATRIX)


@dataclass
class Callers:
    """Sessions of everybody, and how each of them signs a request."""

    office: Office
    headers: dict[Caller, dict[str, str]]
    terminal_key: bytes
    terminal_id: int

    async def fresh(self, caller: Caller) -> dict[str, str]:
        """A session of its own, for calls that end it."""
        if caller in STUDENTS:
            return (await self.office.student()).headers
        if caller is Caller.GUARDIAN:
            return (await new_guardian("a fresh one", self.office.at)).headers
        return await self.office.staff(Role(caller.value))

    async def send(
        self, row: Row, target: Target, caller: Caller, own: dict[str, str] | None = None
    ) -> httpx.Response:
        """One call of a row by a caller."""
        path = row.path
        for name in ("request_id", "payment_id", "guardian_id", "invitation_id"):
            path = path.replace(f"<{name}:int>", "1")
        path = path.replace("<number:str>", "tu-none").replace("<word:str>", "mail")
        path = path.replace("<day_on:int>", "20260101").replace("<version:int>", "1")
        path = path.replace("<business_on:int>", "1")
        path = path.replace("<kind:str>", "none").replace("<figure:str>", "none")
        path = path.replace("<name:str>", "none")
        for name in ("card_id", "holder_id", "staff_id", "terminal_id"):
            path = path.replace(f"<{name}:int>", str(getattr(target, name)))
        path = re.sub(r"<\w+:int>", "999", path)  # what is not there
        content = b""
        if row.method in {"POST", "PUT"}:
            body = row.body()
            content = body if isinstance(body, bytes) else orjson.dumps(body)
        headers = dict(own or self.headers[caller])
        if caller is Caller.TERMINAL:
            signed = f"{row.method}\n{path}\n".encode() + content
            mac = hmac.new(self.terminal_key, signed, hashlib.sha256)
            headers["x-mac"] = mac.hexdigest()
        return await self.office.http.request(row.method, path, content=content, headers=headers)


async def gather(office: Office) -> Callers:
    """Open a session for each kind of caller."""
    headers: dict[Caller, dict[str, str]] = {Caller.NOBODY: {}}
    for role in Role:
        headers[Caller(role.value)] = await office.staff(role)
    headers[Caller.STUDENT] = (await office.student()).headers
    headers[Caller.OTHER_STUDENT] = (await office.student()).headers
    # of a holder whom no row of the matrix names
    headers[Caller.GUARDIAN] = (await new_guardian("matrix", office.at)).headers
    terminal = await TerminalRow.create(
        name="窗口", merchant_id=1, group_id="canteen", signing_key="0" * 64,
        sealing_key="0" * 64, enrolled_at=utc(office.at),
    )  # fmt: skip
    key, token = bytes(range(32)), base64.b64encode(bytes(24)).decode()
    await TerminalSessionRow.create(
        token_hash=token_hash(token),
        terminal_id=terminal.id,
        sealed_key=office.parts.vault.seal(key, session_context(terminal.id)),
        opened_at=utc(office.at),
        expires_at=utc(office.at + 3600),
    )
    headers[Caller.TERMINAL] = {"x-terminal": token}
    return Callers(office, headers, key, terminal.id)


async def new_target(office: Office, row: Row) -> Target:
    """What the row's path names, freshly made."""
    card_id = holder_id = staff_id = 0
    if "card_id" in row.path or "holder_id" in row.path:
        holder_id = (await office.holder()).id
        card_id = (await office.card(holder_id)).id
    if "staff_id" in row.path:
        staff_id, _ = await office.hire(Role.AUDITOR)
    return Target(card_id, holder_id, staff_id)


def test_every_route_has_one_row_and_every_row_a_route() -> None:
    written = [(row.method, row.path) for row in rows()]
    assert len(written) == len(set(written))
    assert set(written) == routes()


def test_a_new_route_without_a_row_is_found() -> None:
    known = {(row.method, row.path) for row in rows()}
    assert ("GET", "/admin/everything") not in known
    assert len(known) > 40


@pytest.mark.timeout(180)
async def test_nobody_else_gets_in(office: Office) -> None:
    callers = await gather(office)
    holder = await office.holder()
    card = await office.card(holder.id)
    target = Target(card.id, holder.id, 1, callers.terminal_id)
    got_in = []
    for row, caller in itertools.product(rows(), Caller):
        if caller in row.may:
            continue
        answer = await callers.send(row, target, caller)
        is_known_staff = caller in STAFF and row.path.startswith(("/staff", "/admin", "/merchant"))
        if answer.status_code != (403 if is_known_staff else 401):
            got_in.append(f"{row.method} {row.path} by {caller}: {answer.status_code}")
    assert got_in == []


@pytest.mark.timeout(180)
async def test_those_who_may_are_served(office: Office) -> None:
    callers = await gather(office)
    turned_away = []
    for row, caller in itertools.product(MATRIX, Caller):
        if caller not in row.may or row.answer == CHECKED_ELSEWHERE:
            continue
        ends = row.method == "DELETE" and row.path.endswith("/sessions")
        own = await callers.fresh(caller) if ends else None
        answer = await callers.send(row, await new_target(office, row), caller, own)
        if answer.status_code != row.answer:
            said = f"{answer.status_code} {answer.text}"
            turned_away.append(f"{row.method} {row.path} by {caller}: {said}")
    assert turned_away == []


async def test_no_student_is_told_anything_of_another(office: Office) -> None:
    one, other = await office.student(), await office.student()
    secrets = {
        one.card_number, one.name, one.number,
        *(base64.b64encode(secret.terminal_secret).decode() for secret in one.secrets),
    }  # fmt: skip
    for row in MATRIX:
        if row.may != STUDENTS or row.method != "GET":
            continue
        own = await office.http.get(row.path, headers=one.headers)
        others = await office.http.get(row.path, headers=other.headers)
        assert (own.status_code, others.status_code) == (200, 200)
        assert not [secret for secret in secrets if secret in others.text], row.path


async def test_a_session_of_one_kind_opens_nothing_of_another(office: Office) -> None:
    student, admin = await office.student(), await office.staff(Role.ADMIN)
    for path, headers in (
        ("/student/card", admin),
        ("/admin/staff", student.headers),
        ("/student/card", {"authorization": student.session}),
        ("/student/card", {"authorization": f"Bearer {student.session}x"}),
        ("/student/card", {"authorization": f"Bearer {token_hash(student.session)}"}),
        ("/student/card", {"authorization": "Bearer"}),
        ("/student/card", {"authorization": "Bearer " + "a" * 5000}),
    ):
        answer = await office.http.get(path, headers=headers)
        assert answer.status_code == 401, path
        assert answer.json()["error"] == "no_session"
