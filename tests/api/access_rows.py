"""Every route and who may call it, a row each; test_access_matrix.py tries them all.

To add a route, add a row: method, path as the router writes it, who may call it, what to send and
the status a permitted call is answered with. `CHECKED_ELSEWHERE` tries the refusals only, for
routes whose success needs more than a row can say.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

from tests.api.access_callers import (
    ADMIN,
    ALL,
    AUDIT,
    CHECKED_ELSEWHERE,
    COUNTER,
    DOOR_READERS,
    DRAWERS,
    GUARDIANS,
    MONEY,
    MONEY_READERS,
    OFFICE,
    READERS,
    STAFF,
    STUDENTS,
    TERMINAL,
    Caller,
    Row,
    Target,
)
from tests.api.access_rows_finance import FINANCE
from tests.api.access_rows_people import PEOPLE
from tests.api.access_rows_system import SYSTEM
from tests.api.access_rows_terminals import TERMINALS
from tests.rig.office import PASSWORD

__all__ = ["CHECKED_ELSEWHERE", "MATRIX", "STAFF", "STUDENTS", "Caller", "Row", "Target"]


_numbers = itertools.count(1)


def new_colleague() -> dict[str, object]:
    login = f"colleague{next(_numbers)}"
    return {"login": login, "name": "新同事", "role": "auditor", "password": PASSWORD}


def new_merchant() -> dict[str, object]:
    return {"name": f"窗口 {next(_numbers)}"}


def new_chip() -> dict[str, object]:
    return {"chip": f"desfire:{next(_numbers):014x}"}


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


def granted() -> dict[str, object]:
    return {"grants": []}


def looked() -> dict[str, object]:
    return {"reason": "丢失物品"}


def lookup() -> dict[str, object]:
    return {"number": "S000001"}


def announced() -> dict[str, object]:
    words = {"title_zh": "公告", "title_en": "Notice", "text_zh": "一", "text_en": "one"}
    return {**words, "opens_at": 1, "closes_at": 2}


VISIT = "/terminal/visits/<visit_id:int>"
CHILD = "/guardian/children/<holder_id:int>"
ROWS = (
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
    Row("POST", "/staff/browser-sessions", ALL, 400),
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
    Row("GET", "/student/passages", STUDENTS),
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
    Row("POST", "/staff/lookups", COUNTER, 200, lookup, scoped=True),
    Row("PUT", "/staff/cardholders/<holder_id:int>/pin", OFFICE, 200, pin),
    Row("GET", "/staff/cardholders/<holder_id:int>/guardians", COUNTER),
    Row("GET", "/staff/cardholders/<holder_id:int>/zones", DOOR_READERS),
    Row("PUT", "/staff/cardholders/<holder_id:int>/zones", OFFICE, 200, granted),
    Row("POST", "/staff/cardholders/<holder_id:int>/passages", DOOR_READERS, 200, looked),
    Row("POST", "/staff/cardholders/<holder_id:int>/guardian-codes", OFFICE, CHECKED_ELSEWHERE),
    Row("POST", "/staff/cardholders/<holder_id:int>/contacts", OFFICE, 201, contact),
    Row("DELETE", "/staff/cardholders/<holder_id:int>/guardians/<guardian_id:int>", OFFICE, 404),
    Row("POST", "/staff/cards/<card_id:int>/bindings", OFFICE, 201),
    Row("POST", "/staff/cards/<card_id:int>/freezes", OFFICE | {Caller.HELP_DESK}, 201, parts),
    Row("DELETE", "/staff/cards/<card_id:int>/freezes", OFFICE),
    Row("POST", "/staff/cards/<card_id:int>/losses", OFFICE | {Caller.HELP_DESK}, 201),
    Row("POST", "/staff/cards/<card_id:int>/replacements", OFFICE, 201),
    Row("POST", "/staff/cards/<card_id:int>/closures", OFFICE, 201),
    Row("POST", "/staff/cards/<card_id:int>/emergency-codes", OFFICE, 201),
    Row("POST", "/staff/cards/<card_id:int>/chips", OFFICE, 201, new_chip),
    Row("GET", "/staff/cards/<card_id:int>/chips", COUNTER),
    Row("DELETE", "/staff/cards/<card_id:int>/chips", OFFICE),
    # money that goes back, and cash
    Row("GET", "/staff/cardholders/<holder_id:int>/lots", COUNTER),
    Row("GET", "/staff/passing-lots", COUNTER),
    Row("GET", "/staff/top-up-refunds", COUNTER),
    Row("POST", "/staff/top-up-refunds", DRAWERS, 404, back),
    Row("POST", "/staff/top-up-refunds/<refund_id:int>/approvals", MONEY, 404),
    Row("POST", "/staff/top-up-refunds/<refund_id:int>/rejections", DRAWERS, 404),
    Row("POST", "/staff/top-up-refunds/<refund_id:int>/settlements", MONEY, 404, settled),
    Row("GET", "/staff/leavings", COUNTER),
    Row("POST", "/staff/leavings", MONEY, 400, leaving),
    Row("POST", "/staff/leavings/<leaving_id:int>/approvals", MONEY, 404),
    Row("POST", "/staff/leavings/<leaving_id:int>/rejections", MONEY, 404),
    Row("POST", "/staff/leavings/<leaving_id:int>/ends", MONEY, 404),
    Row("GET", "/staff/drawers", DRAWERS, scoped=True),
    Row("POST", "/staff/drawers", DRAWERS, 201, float_fen, scoped=True),
    Row("POST", "/staff/drawers/<drawer_id:int>/closings", DRAWERS, 404, counted, scoped=True),
    Row("POST", "/staff/drawers/<drawer_id:int>/approvals", MONEY, 404, scoped=True),
    Row("GET", "/staff/cash-outs", DRAWERS),
    Row("POST", "/staff/cash-outs", DRAWERS, 404, paid_out),
    Row("POST", "/staff/cash-outs/<request_id:int>/approvals", MONEY, 404),
    Row("POST", "/staff/cash-outs/<request_id:int>/rejections", MONEY, 404),
    # the administration
    Row("POST", "/admin/rosters", OFFICE, 200, lambda: b"number,name,department,class\n"),
    Row("POST", "/admin/staff", ADMIN, 201, new_colleague),
    Row("GET", "/admin/staff", AUDIT),
    Row("DELETE", "/admin/staff/<staff_id:int>", ADMIN),
    Row("GET", "/admin/announcements", OFFICE),
    Row("POST", "/admin/announcements", OFFICE, 201, announced),
    Row("DELETE", "/admin/announcements/<announcement_id:int>", OFFICE, 404),
    Row("GET", "/admin/epochs", AUDIT),
    Row("POST", "/admin/epochs/rotations", ADMIN, CHECKED_ELSEWHERE),
    Row("GET", "/admin/drills", READERS),
    Row("POST", "/admin/drills", ADMIN, CHECKED_ELSEWHERE),
    Row("POST", "/admin/drills/<drill_id:int>/ends", ADMIN, 404),
    Row("GET", "/admin/denylist", READERS),
    Row("POST", "/admin/denylist/confirmations", ADMIN, CHECKED_ELSEWHERE),
    Row("GET", "/admin/rules", STAFF, scoped=True),
    Row("POST", "/admin/rules", ADMIN, CHECKED_ELSEWHERE),
    Row("POST", "/admin/merchants", ADMIN, 201, new_merchant, scoped=True),
    Row("GET", "/admin/merchants", MONEY_READERS, scoped=True),
    Row("GET", "/admin/doors", DOOR_READERS, 404),
    Row("POST", "/admin/doors", ADMIN, 400),
    Row("POST", "/admin/doors/<terminal_id:int>/events", DOOR_READERS, 200, looked),
    Row("GET", "/admin/terminals", READERS, scoped=True),
    Row("POST", "/admin/terminals/enrolments", ADMIN, CHECKED_ELSEWHERE, scoped=True),
    Row("POST", "/admin/terminals/<terminal_id:int>/rolls", ADMIN, CHECKED_ELSEWHERE, scoped=True),
    Row(
        "POST",
        "/admin/terminals/<terminal_id:int>/revocations",
        ADMIN,
        CHECKED_ELSEWHERE,
        scoped=True,
    ),
    Row("POST", "/admin/terminals/<terminal_id:int>/thefts", ADMIN, CHECKED_ELSEWHERE),
    # money
    Row("POST", "/staff/refunds", MONEY, CHECKED_ELSEWHERE, scoped=True),
    Row("POST", "/staff/voids", MONEY | {Caller.CASHIER}, CHECKED_ELSEWHERE, scoped=True),
    Row("POST", "/staff/cardholders/<holder_id:int>/credits", MONEY, 201, credited),
    Row("GET", "/staff/held-top-ups", COUNTER),
    Row("GET", "/staff/disputes", MONEY, scoped=True),
    Row("POST", "/staff/disputes/<payment_id:int>/decisions", MONEY, 404, decided, scoped=True),
    Row(
        "POST",
        "/staff/corrections/<request_id:int>/approvals",
        MONEY,
        CHECKED_ELSEWHERE,
        scoped=True,
    ),
    Row("GET", "/admin/books", MONEY | {Caller.AUDITOR}),
    Row("GET", "/admin/books/items", MONEY | {Caller.AUDITOR}),
    Row("POST", "/admin/books/verifications", MONEY | {Caller.AUDITOR}),
    Row("GET", "/admin/dead-letters", OFFICE | {Caller.HELP_DESK, Caller.AUDITOR}),
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
    *FINANCE,
    # terminals sign every request
    Row("POST", "/terminal/sync", TERMINAL, CHECKED_ELSEWHERE),
    Row("GET", "/terminal/events", TERMINAL, CHECKED_ELSEWHERE),
    Row("POST", "/terminal/payments", TERMINAL, CHECKED_ELSEWHERE),
    Row("POST", "/terminal/records", TERMINAL, CHECKED_ELSEWHERE),
    Row("POST", "/terminal/door_events", TERMINAL, 400),
    Row("POST", "/terminal/reversals", TERMINAL, CHECKED_ELSEWHERE),
    # a kiosk of the hall; what is done in a visit needs the visit's own terminal (test_visits.py)
    Row("GET", "/terminal/announcements", TERMINAL),
    Row("POST", "/terminal/visits", TERMINAL, 403),
    Row("POST", "/terminal/chip-proofs", TERMINAL, 403),
    Row("DELETE", "/terminal/visits", TERMINAL),
    Row("POST", "/terminal/helped-visits", frozenset()),
    Row("GET", f"{VISIT}/card", frozenset()),
    Row("GET", f"{VISIT}/payments", frozenset()),
    Row("GET", f"{VISIT}/freezes", frozenset()),
    Row("POST", f"{VISIT}/freezes", frozenset(), 201, parts),
    Row("DELETE", f"{VISIT}/freezes", frozenset()),
    Row("POST", f"{VISIT}/emergency-codes", frozenset()),
    *PEOPLE,
    *SYSTEM,
    *TERMINALS,
)
FILED = (
    "/admin/alerts",
    "/admin/benefits",
    "/admin/cases",
    "/admin/days",
    "/admin/differences",
    "/admin/inactive-cards",
    "/admin/outbox",
    "/admin/quarantine",
    "/admin/remittances",
    "/admin/rules/versions",
    "/admin/settings/changes",
    "/admin/shifts",
    "/admin/terminals",
    "/staff/card-requests",
    "/staff/cash-outs",
    "/staff/corrections",
    "/staff/drawers",
    "/staff/top-up-refunds",
)
"""Lists that leave as files: whoever may read one may take it."""
PERSONAL = ("/staff/cardholders/<holder_id:int>", "/staff/cards/<card_id:int>")
"""Routes about one person or card: scoped, all of them."""
MATRIX = tuple(
    replace(row, scoped=row.scoped or row.path.startswith(PERSONAL)) for row in ROWS
) + tuple(
    replace(row, path=f"{row.path}/export")
    for row in ROWS
    if row.method == "GET" and row.path in FILED
)
