"""The rows of the system's own routes: places, roles, sessions, the trail, the machine room."""

from __future__ import annotations

import itertools

from tests.api.access_callers import ADMIN, STAFF, Caller, Row

_numbers = itertools.count(1)


def placed() -> dict[str, object]:
    return {"kind": "campus", "name": f"校区 {next(_numbers)}"}


def moved() -> dict[str, object]:
    return {"name": "东校区", "parent_id": 0}


def standing() -> dict[str, object]:
    return {"place_id": 0, "reason": "搬迁"}


def appointed() -> dict[str, object]:
    return {"role": "finance", "reason": "兼任"}


def reasoned() -> dict[str, object]:
    return {"reason": "调岗"}


def proven() -> dict[str, object]:
    return {"totp": "000000"}


def stretch() -> dict[str, object]:
    return {"after": 0}


def set_to() -> dict[str, object]:
    return {"value": 8, "reason": "试行"}


def switched() -> dict[str, object]:
    return {"feature": "disputes", "is_on": True, "reason": "开放"}


def tokened() -> dict[str, object]:
    return {"name": "数据大屏", "verbs": ["merchants.read"], "days": 1}


def case() -> dict[str, object]:
    return {"title": "重复使用", "alert_ids": [999], "owner_id": 999}


def handed() -> dict[str, object]:
    return {"owner_id": 999, "due_at": 1, "reason": "休假"}


def noted() -> dict[str, object]:
    return {"text": "已电话核实"}


def concluded() -> dict[str, object]:
    return {"finding": "harmless", "reason": "本人所为"}


def concluded_alone() -> dict[str, object]:
    return {"reason": "误报"}


AUDIT = ADMIN | {Caller.AUDITOR}
MONEY = ADMIN | {Caller.FINANCE}
MONEY_READERS = MONEY | {Caller.AUDITOR}
SETTERS = MONEY_READERS | {Caller.CARD_OFFICE}
APPOINTMENTS = "/admin/staff/<staff_id:int>/appointments"
SYSTEM = (
    Row("GET", "/admin/places", STAFF, scoped=True),
    Row("POST", "/admin/places", ADMIN, 201, placed, scoped=True),
    Row("PUT", "/admin/places/<place_id:int>", ADMIN, 404, moved, scoped=True),
    Row("DELETE", "/admin/places/<place_id:int>", ADMIN, 404, scoped=True),
    Row("PUT", "/admin/merchants/<merchant_id:int>/place", ADMIN, 404, standing, scoped=True),
    Row("POST", APPOINTMENTS, ADMIN, 201, appointed),
    Row("POST", f"{APPOINTMENTS}/<appointment_id:int>/ends", ADMIN, 404, reasoned),
    # one's own access, and others'
    Row("GET", "/staff/recovery-codes", STAFF),
    Row("POST", "/staff/recovery-codes", STAFF, 400, proven),
    Row("GET", "/staff/own-sessions", STAFF),
    Row("POST", "/staff/own-sessions/<session_id:int>/ends", STAFF, 404),
    Row("GET", "/admin/sessions", AUDIT),
    Row("POST", "/admin/sessions/<session_id:int>/ends", ADMIN, 404, reasoned),
    Row("GET", "/admin/lockouts", AUDIT),
    Row("POST", "/admin/staff/<staff_id:int>/unlocks", ADMIN, 201, reasoned),
    Row("GET", "/admin/factor-resets", AUDIT),
    Row("POST", "/admin/staff/<staff_id:int>/factor-resets", ADMIN, 201, reasoned),
    Row("POST", "/admin/factor-resets/<reset_id:int>/approvals", ADMIN, 404),
    Row("POST", "/admin/factor-resets/<reset_id:int>/rejections", ADMIN, 404),
    # the trail
    Row("GET", "/admin/audits", AUDIT),
    Row("GET", "/admin/audits/export", AUDIT),
    Row("GET", "/admin/audits/head", AUDIT),
    Row("POST", "/admin/audits/proofs", AUDIT, 200, stretch),
    # what is set, and the machine room
    Row("GET", "/admin/settings", SETTERS),
    Row("PUT", "/admin/settings/<name:str>", ADMIN, 404, set_to),
    Row("GET", "/admin/settings/changes", SETTERS),
    Row("GET", "/admin/features", SETTERS),
    Row("PUT", "/admin/features", ADMIN, 200, switched),
    Row("GET", "/admin/tokens", AUDIT),
    Row("POST", "/admin/tokens", ADMIN, 201, tokened),
    Row("POST", "/admin/tokens/<token_id:int>/ends", ADMIN, 404, reasoned),
    Row("GET", "/admin/health", AUDIT),
    Row("GET", "/admin/progress/<watch_key:str>", STAFF, 404),
    Row("GET", "/admin/jobs", AUDIT),
    Row("POST", "/admin/jobs/<name:str>/runs", ADMIN, 404),
    Row("GET", "/admin/outbox", ADMIN | {Caller.CARD_OFFICE, Caller.HELP_DESK, Caller.AUDITOR}),
    # risk
    Row("GET", "/admin/alerts", MONEY_READERS, scoped=True),
    Row("POST", "/admin/alerts/<alert_id:int>/closings", MONEY, 404, concluded_alone, scoped=True),
    Row("GET", "/admin/cases", MONEY_READERS),
    Row("GET", "/admin/case-workers", MONEY_READERS),
    Row("POST", "/admin/cases", MONEY, 400, case),
    Row("GET", "/admin/cases/<case_id:int>", MONEY_READERS, 404),
    Row("PUT", "/admin/cases/<case_id:int>/owner", MONEY, 404, handed),
    Row("POST", "/admin/cases/<case_id:int>/notes", MONEY, 404, noted),
    Row("POST", "/admin/cases/<case_id:int>/closings", MONEY, 404, concluded),
    Row("GET", "/staff/disputes/<payment_id:int>/evidence", MONEY, 404, scoped=True),
)
