"""Who may call what. MATRIX is the whole of it: a route without a row fails, and so does a row
without a route.

To add a route, add a row: method, path as the router writes it, who may call it, what to send and
the status a permitted call is answered with. `CHECKED_ELSEWHERE` tries the refusals only, for
routes whose success needs more than a row can say. Everybody who is not in the row must be
answered 401 or 403, before anything of the request is looked at.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
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
from tests.rig.guardians import new_guardian
from tests.rig.office import PASSWORD, Office


class Caller(StrEnum):
    """Everybody who can knock."""

    NOBODY = "nobody"
    STUDENT = "student"
    OTHER_STUDENT = "other student"
    GUARDIAN = "guardian"
    ADMIN = Role.ADMIN
    FINANCE = Role.FINANCE
    CARD_OFFICE = Role.CARD_OFFICE
    CASHIER = Role.CASHIER
    AUDITOR = Role.AUDITOR
    TERMINAL = "terminal"


@dataclass(frozen=True)
class Target:
    """What a path may name; made anew for each permitted call."""

    card_id: int = 0
    holder_id: int = 0
    staff_id: int = 0
    terminal_id: int = 0


@dataclass(frozen=True)
class Row:
    """One route."""

    method: str
    path: str
    may: frozenset[Caller]
    answer: int = 200
    body: Callable[[], Any] = dict


CHECKED_ELSEWHERE = 0
ALL = frozenset(Caller)
STUDENTS = frozenset({Caller.STUDENT, Caller.OTHER_STUDENT})
GUARDIANS = frozenset({Caller.GUARDIAN})
STAFF = frozenset(Caller(role.value) for role in Role)
ADMIN = frozenset({Caller.ADMIN})
OFFICE = ADMIN | {Caller.CARD_OFFICE}
READERS = OFFICE | {Caller.FINANCE, Caller.AUDITOR}
AUDIT = ADMIN | {Caller.AUDITOR}
TERMINAL = frozenset({Caller.TERMINAL})
MONEY = ADMIN | {Caller.FINANCE}
DRAWERS = OFFICE | {Caller.FINANCE}
MONEY_READERS = ADMIN | {Caller.FINANCE, Caller.CASHIER, Caller.AUDITOR}

_numbers = itertools.count(1)


def new_colleague() -> dict[str, object]:
    login = f"colleague{next(_numbers)}"
    return {"login": login, "name": "新同事", "role": "auditor", "password": PASSWORD}


def new_merchant() -> dict[str, object]:
    return {"name": f"窗口 {next(_numbers)}"}


def credited() -> dict[str, object]:
    key = f"matrix-{next(_numbers)}"
    return {"request_key": key, "purse": "benefit", "amount_fen": 100, "reason": "补助"}


def parts() -> dict[str, object]:
    return {"parts": ["money", "doors"]}


def pin() -> dict[str, object]:
    return {"pin": "739126"}


def contested() -> dict[str, object]:
    return {"payment_id": 1, "reason": "not_me"}


def decided() -> dict[str, object]:
    return {"decision": "upheld"}


def shared() -> dict[str, object]:
    return {"sees": "all"}


def limited() -> dict[str, object]:
    return {"day_fen": 3000, "weekday_fen": [None] * 7, "kinds": {}}


def agreed() -> dict[str, object]:
    return {"template": "freeze", "accepted": True}


def addressed() -> dict[str, object]:
    return {"channel": "mail", "address": "a@example.com"}


def coded() -> dict[str, object]:
    return {"code": "123456"}


def back() -> dict[str, object]:
    return {"request_key": "matrix-back", "lot_id": 1, "amount_fen": 1, "reason": "退款"}


def settled() -> dict[str, object]:
    return {"note": "已在商户平台处理"}


def asked_way() -> dict[str, object]:
    return {"way": "hold", "note": "待核"}


def leaving() -> dict[str, object]:
    key = f"matrix-leaving-{next(_numbers)}"
    return {"request_key": key, "name": "2027届", "opens_at": 1, "closes_at": 2, "class_id": 1}


def float_fen() -> dict[str, object]:
    return {"opened_fen": 10_000}


def counted() -> dict[str, object]:
    return {"counted_fen": 10_000}


def paid_out() -> dict[str, object]:
    return {"request_key": "matrix-out", "holder_id": 999, "amount_fen": 1, "reason": "离校"}


def tapped() -> dict[str, object]:
    return {"request_key": "matrix-leave"}


def contact() -> dict[str, object]:
    return {"kind": "guardian", "phone": "13800000000"}


def ordered() -> dict[str, object]:
    return {"request_key": f"matrix-{next(_numbers)}", "amount_fen": 100}


def invited() -> dict[str, object]:
    return {"amount_fen_max": 100, "days": 1}


def lookup() -> dict[str, object]:
    return {"number": "S000001"}


CHILD = "/guardian/children/<holder_id:int>"
MATRIX = (
    # who you are does not matter: an empty body is what is wrong with these calls
    Row("GET", "/open/health", ALL),
    Row("GET", "/openapi.json", ALL),
    Row("POST", "/student/bindings", ALL, 400),
    Row("POST", "/student/phone-bindings", ALL, 400),
    Row("POST", "/student/sessions", ALL, 400),
    Row("POST", "/guardian/bindings", ALL, 400),
    Row("POST", "/guardian/phone-bindings", ALL, 400),
    Row("POST", "/guardian/sessions", ALL, 400),
    Row("POST", "/staff/sessions", ALL, 400),
    Row("POST", "/terminal/enrolments", ALL, 400),
    Row("POST", "/terminal/sessions", ALL, 400),
    Row("POST", "/open/invitations/views", ALL, 400),
    Row("POST", "/open/invitations/top-ups", ALL, 400),
    Row("POST", "/open/invitations/checks", ALL, 400),
    # partners are known by their signatures; this school has none
    Row("POST", "/webhooks/wechat-pay/payments", ALL, 503),
    Row("POST", "/webhooks/wechat-pay/refunds", ALL, 503),
    # a student's own things: the session says whose, no path names anybody
    Row("GET", "/student/card", STUDENTS),
    Row("GET", "/student/secrets", STUDENTS),
    Row("GET", "/student/purses", STUDENTS),
    Row("GET", "/student/payments", STUDENTS),
    Row("GET", "/student/trail", STUDENTS),
    Row("GET", "/student/spending", STUDENTS),
    Row("GET", "/student/windows", STUDENTS),
    Row("GET", "/student/disputes", STUDENTS),
    Row("POST", "/student/disputes", STUDENTS, 404, contested),
    Row("GET", "/student/emergency-code", STUDENTS),
    Row("GET", "/student/freezes", STUDENTS),
    Row("DELETE", "/student/freezes", STUDENTS),
    Row("POST", "/student/freezes", STUDENTS, 201, parts),
    Row("DELETE", "/student/sessions", STUDENTS),
    Row("GET", "/student/leaving", STUDENTS),
    Row("POST", "/student/leaving/refunds", STUDENTS, 403, tapped),
    Row("GET", "/student/guardians", STUDENTS),
    Row("GET", "/student/limits", STUDENTS),
    Row("GET", "/student/subscriptions", STUDENTS),
    Row("POST", "/student/subscriptions", STUDENTS, 503, agreed),
    Row("GET", "/student/addresses", STUDENTS),
    Row("POST", "/student/addresses", STUDENTS, 503, addressed),
    Row("POST", "/student/addresses/<word:str>/confirmations", STUDENTS, 404, coded),
    Row("DELETE", "/student/addresses/<word:str>", STUDENTS, 404),
    Row("POST", "/student/guardian-invitations", STUDENTS, 201),
    Row("PUT", "/student/guardians/<guardian_id:int>", STUDENTS, 404, shared),
    Row("DELETE", "/student/guardians/<guardian_id:int>", STUDENTS, 404),
    Row("GET", "/student/top-ups", STUDENTS),
    Row("POST", "/student/top-ups", STUDENTS, 503, ordered),
    Row("POST", "/student/top-ups/<number:str>/sheets", STUDENTS, 404),
    Row("POST", "/student/top-ups/<number:str>/checks", STUDENTS, 404),
    Row("GET", "/student/top-up-invitations", STUDENTS),
    Row("POST", "/student/top-up-invitations", STUDENTS, 503, invited),
    Row("POST", "/student/top-up-invitations/<invitation_id:int>/ends", STUDENTS, 404),
    # a guardian's children: the path names one, and a stranger's is not found
    Row("GET", "/guardian/children", GUARDIANS),
    Row("GET", "/guardian/children/<holder_id:int>/payments", GUARDIANS, 404),
    Row("GET", "/guardian/children/<holder_id:int>/emergency-code", GUARDIANS, 404),
    Row("GET", "/guardian/children/<holder_id:int>/freezes", GUARDIANS, 404),
    Row("GET", "/guardian/children/<holder_id:int>/limits", GUARDIANS, 404),
    Row("PUT", "/guardian/children/<holder_id:int>/limits", GUARDIANS, 404, limited),
    Row("POST", "/guardian/children/<holder_id:int>/freezes", GUARDIANS, 404, parts),
    Row("DELETE", "/guardian/children/<holder_id:int>/freezes", GUARDIANS, 404),
    Row("GET", f"{CHILD}/top-ups", GUARDIANS, 404),
    Row("POST", f"{CHILD}/top-ups", GUARDIANS, 404, ordered),
    Row("POST", f"{CHILD}/top-ups/<number:str>/sheets", GUARDIANS, 404),
    Row("POST", f"{CHILD}/top-ups/<number:str>/checks", GUARDIANS, 404),
    Row("GET", f"{CHILD}/top-up-invitations", GUARDIANS, 404),
    Row("POST", f"{CHILD}/top-up-invitations", GUARDIANS, 404, invited),
    Row("POST", f"{CHILD}/top-up-invitations/<invitation_id:int>/ends", GUARDIANS, 404),
    Row("DELETE", "/guardian/sessions", GUARDIANS),
    Row("GET", "/guardian/subscriptions", GUARDIANS),
    Row("POST", "/guardian/subscriptions", GUARDIANS, 503, agreed),
    Row("GET", "/guardian/addresses", GUARDIANS),
    Row("POST", "/guardian/addresses", GUARDIANS, 503, addressed),
    Row("POST", "/guardian/addresses/<word:str>/confirmations", GUARDIANS, 404, coded),
    Row("DELETE", "/guardian/addresses/<word:str>", GUARDIANS, 404),
    # the offices
    Row("GET", "/staff/sessions", STAFF),
    Row("DELETE", "/staff/sessions", STAFF),
    Row("POST", "/staff/lookups", READERS, 200, lookup),
    Row("POST", "/staff/cardholders/<holder_id:int>/cards", OFFICE, 201),
    Row("PUT", "/staff/cardholders/<holder_id:int>/pin", OFFICE, 200, pin),
    Row("GET", "/staff/cardholders/<holder_id:int>/guardians", READERS),
    Row("POST", "/staff/cardholders/<holder_id:int>/guardian-codes", OFFICE, CHECKED_ELSEWHERE),
    Row("POST", "/staff/cardholders/<holder_id:int>/contacts", OFFICE, 201, contact),
    Row("DELETE", "/staff/cardholders/<holder_id:int>/guardians/<guardian_id:int>", OFFICE, 404),
    Row("POST", "/staff/cards/<card_id:int>/bindings", OFFICE, 201),
    Row("POST", "/staff/cards/<card_id:int>/freezes", OFFICE, 201, parts),
    Row("DELETE", "/staff/cards/<card_id:int>/freezes", OFFICE),
    Row("POST", "/staff/cards/<card_id:int>/losses", OFFICE, 201),
    Row("POST", "/staff/cards/<card_id:int>/replacements", OFFICE, 201),
    Row("POST", "/staff/cards/<card_id:int>/closures", OFFICE, 201),
    Row("POST", "/staff/cards/<card_id:int>/emergency-codes", OFFICE, 201),
    # money that goes back, and cash
    Row("GET", "/staff/cardholders/<holder_id:int>/lots", READERS),
    Row("GET", "/staff/passing-lots", READERS),
    Row("GET", "/staff/top-up-refunds", READERS),
    Row("POST", "/staff/top-up-refunds", DRAWERS, 404, back),
    Row("POST", "/staff/top-up-refunds/<refund_id:int>/approvals", MONEY, 404),
    Row("POST", "/staff/top-up-refunds/<refund_id:int>/rejections", DRAWERS, 404),
    Row("POST", "/staff/top-up-refunds/<refund_id:int>/settlements", MONEY, 404, settled),
    Row("GET", "/staff/leavings", READERS),
    Row("POST", "/staff/leavings", MONEY, 400, leaving),
    Row("POST", "/staff/leavings/<leaving_id:int>/approvals", MONEY, 404),
    Row("POST", "/staff/leavings/<leaving_id:int>/rejections", MONEY, 404),
    Row("POST", "/staff/leavings/<leaving_id:int>/ends", MONEY, 404),
    Row("GET", "/staff/drawers", DRAWERS),
    Row("POST", "/staff/drawers", DRAWERS, 201, float_fen),
    Row("POST", "/staff/drawers/<drawer_id:int>/closings", DRAWERS, 404, counted),
    Row("POST", "/staff/drawers/<drawer_id:int>/approvals", MONEY, 404),
    Row("GET", "/staff/cash-outs", DRAWERS),
    Row("POST", "/staff/cash-outs", DRAWERS, 404, paid_out),
    Row("POST", "/staff/cash-outs/<request_id:int>/approvals", MONEY, 404),
    Row("POST", "/staff/cash-outs/<request_id:int>/rejections", MONEY, 404),
    # the administration
    Row("POST", "/admin/rosters", OFFICE, 200, lambda: b"number,name,department,class\n"),
    Row("POST", "/admin/staff", ADMIN, 201, new_colleague),
    Row("GET", "/admin/staff", AUDIT),
    Row("DELETE", "/admin/staff/<staff_id:int>", ADMIN),
    Row("GET", "/admin/audits", AUDIT),
    Row("GET", "/admin/epochs", AUDIT),
    Row("POST", "/admin/epochs/rotations", ADMIN, CHECKED_ELSEWHERE),
    Row("GET", "/admin/rules", STAFF),
    Row("POST", "/admin/rules", ADMIN, CHECKED_ELSEWHERE),
    Row("POST", "/admin/merchants", ADMIN, 201, new_merchant),
    Row("GET", "/admin/merchants", MONEY_READERS),
    Row("GET", "/admin/terminals", READERS),
    Row("POST", "/admin/terminals/enrolments", ADMIN, CHECKED_ELSEWHERE),
    Row("POST", "/admin/terminals/<terminal_id:int>/rolls", ADMIN, CHECKED_ELSEWHERE),
    Row("POST", "/admin/terminals/<terminal_id:int>/revocations", ADMIN, CHECKED_ELSEWHERE),
    # money
    Row("POST", "/staff/refunds", MONEY, CHECKED_ELSEWHERE),
    Row("POST", "/staff/voids", MONEY | {Caller.CASHIER}, CHECKED_ELSEWHERE),
    Row("POST", "/staff/cardholders/<holder_id:int>/credits", MONEY, 201, credited),
    Row("GET", "/staff/corrections", MONEY),
    Row("GET", "/staff/held-top-ups", READERS),
    Row("GET", "/staff/disputes", MONEY),
    Row("POST", "/staff/disputes/<payment_id:int>/decisions", MONEY, 404, decided),
    Row("POST", "/staff/corrections/<request_id:int>/approvals", MONEY, CHECKED_ELSEWHERE),
    Row("GET", "/admin/books", MONEY | {Caller.AUDITOR}),
    Row("GET", "/admin/books/items", MONEY | {Caller.AUDITOR}),
    Row("POST", "/admin/books/verifications", MONEY | {Caller.AUDITOR}),
    Row("GET", "/admin/dead-letters", OFFICE | {Caller.AUDITOR}),
    Row("POST", "/admin/dead-letters/<message_id:int>/retries", OFFICE, 404),
    Row("GET", "/admin/bills", MONEY | {Caller.AUDITOR}),
    Row("POST", "/admin/bills/uploads", MONEY, 400),
    Row("POST", "/admin/bills/<day_on:int>/fetches", MONEY, CHECKED_ELSEWHERE),
    Row("GET", "/admin/bills/<day_on:int>", MONEY | {Caller.AUDITOR}, CHECKED_ELSEWHERE),
    Row("GET", "/admin/in-transit", MONEY | {Caller.AUDITOR}),
    Row("POST", "/admin/differences/<difference_id:int>/requests", MONEY, 404, asked_way),
    Row("POST", "/admin/differences/<difference_id:int>/approvals", MONEY, 503),
    Row("POST", "/admin/differences/<difference_id:int>/rejections", MONEY, 404),
    Row("POST", "/admin/settlements", MONEY, 201, lambda: {"business_on": 20251231}),
    Row("GET", "/merchant/totals", MONEY_READERS),
    Row("GET", "/merchant/settlements", MONEY_READERS),
    # terminals sign every request
    Row("POST", "/terminal/sync", TERMINAL, CHECKED_ELSEWHERE),
    Row("GET", "/terminal/events", TERMINAL, CHECKED_ELSEWHERE),
    Row("POST", "/terminal/payments", TERMINAL, CHECKED_ELSEWHERE),
    Row("POST", "/terminal/records", TERMINAL, CHECKED_ELSEWHERE),
    Row("POST", "/terminal/reversals", TERMINAL, CHECKED_ELSEWHERE),
)


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
        for name in ("refund_id", "leaving_id", "message_id", "drawer_id", "difference_id"):
            path = path.replace(f"<{name}:int>", "999")
        path = path.replace("<number:str>", "tu-none").replace("<word:str>", "mail")
        path = path.replace("<day_on:int>", "20260101")
        for name in ("card_id", "holder_id", "staff_id", "terminal_id"):
            path = path.replace(f"<{name}:int>", str(getattr(target, name)))
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
