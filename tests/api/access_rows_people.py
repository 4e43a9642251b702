"""The rows of people and cards at the office: lists, files, rosters, requests, ends, one page."""

from __future__ import annotations

import itertools

from tests.api.access_callers import ADMIN, COUNTER, DRAWERS, OFFICE, READERS, Row

_numbers = itertools.count(1)


def looked() -> dict[str, object]:
    return {"reason": "丢失物品"}


def export_asked() -> dict[str, object]:
    key = f"matrix-export-{next(_numbers)}"
    return {"request_key": key, "what": "cardholders", "filters": {}, "reason": "核对"}


def card_asked() -> dict[str, object]:
    key = f"matrix-card-{next(_numbers)}"
    return {"request_key": key, "kind": "secondary", "office": "无额度", "cardholder_id": 1,
            "reason": "补充"}  # fmt: skip


def quota() -> dict[str, object]:
    return {"office": f"部门{next(_numbers)}", "cards_a_day": 3, "reason": "开学"}


def ending() -> dict[str, object]:
    key = f"matrix-ending-{next(_numbers)}"
    return {"request_key": key, "name": "2027届", "ends_at": 1, "class_id": 1, "reason": "毕业"}


def ended() -> dict[str, object]:
    return {"ends_at": 0, "reason": "留校"}


HOLDER = "/staff/cardholders/<holder_id:int>"
PEOPLE = (
    Row("POST", "/staff/cardholders/searches", COUNTER, scoped=True),
    Row("POST", "/staff/cardholders/exports", COUNTER, scoped=True),
    # the target has a card already, and a second one is asked for
    Row("POST", "/staff/cardholders/<holder_id:int>/cards", OFFICE, 409),
    Row("GET", HOLDER, COUNTER),
    Row("GET", f"{HOLDER}/payments", COUNTER),
    Row("GET", f"{HOLDER}/payments/<payment_id:int>", COUNTER, 404),
    Row("GET", f"{HOLDER}/top-ups", COUNTER),
    Row("GET", f"{HOLDER}/disputes", COUNTER),
    Row("GET", f"{HOLDER}/trail", COUNTER),
    Row("GET", f"{HOLDER}/limits", COUNTER),
    Row("GET", f"{HOLDER}/card-requests", COUNTER),
    Row("PUT", f"{HOLDER}/end", OFFICE, 200, ended),
    Row("GET", "/staff/card-requests", COUNTER, scoped=True),
    Row("POST", "/staff/card-requests", OFFICE, 404, card_asked, scoped=True),
    Row("POST", "/staff/card-requests/<request_id:int>/approvals", OFFICE, 404, scoped=True),
    Row("POST", "/staff/card-requests/<request_id:int>/rejections", OFFICE, 404, scoped=True),
    Row("GET", "/staff/card-quotas", COUNTER, scoped=True),
    Row("PUT", "/staff/card-quotas", ADMIN, 200, quota),
    Row("GET", "/staff/endings", COUNTER),
    Row("POST", "/staff/endings", OFFICE, 400, ending),
    Row("POST", "/staff/endings/<ending_id:int>/approvals", DRAWERS, 404),
    Row("POST", "/staff/endings/<ending_id:int>/rejections", DRAWERS, 404),
    Row("POST", "/staff/endings/<ending_id:int>/withdrawals", OFFICE, 404, looked),
    Row("GET", "/admin/exports", READERS),
    Row("POST", "/admin/exports", READERS, 201, export_asked),
    Row("POST", "/admin/exports/<export_id:int>/approvals", DRAWERS, 404),
    Row("POST", "/admin/exports/<export_id:int>/rejections", DRAWERS, 404),
    Row("POST", "/admin/exports/<export_id:int>/downloads", READERS, 404),
    Row("GET", "/admin/rosters", OFFICE),
    Row("GET", "/admin/rosters/<import_id:int>/changes", OFFICE, 404),
    Row("POST", "/admin/rosters/<import_id:int>/undos", OFFICE, 404, looked),
)
