"""The rows of the system's own routes: places, roles, sessions, the trail, the machine room."""

from __future__ import annotations

import itertools

from tests.api.access_callers import ADMIN, STAFF, Row

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


APPOINTMENTS = "/admin/staff/<staff_id:int>/appointments"
SYSTEM = (
    Row("GET", "/admin/places", STAFF, scoped=True),
    Row("POST", "/admin/places", ADMIN, 201, placed, scoped=True),
    Row("PUT", "/admin/places/<place_id:int>", ADMIN, 404, moved, scoped=True),
    Row("DELETE", "/admin/places/<place_id:int>", ADMIN, 404, scoped=True),
    Row("PUT", "/admin/merchants/<merchant_id:int>/place", ADMIN, 404, standing, scoped=True),
    Row("POST", APPOINTMENTS, ADMIN, 201, appointed),
    Row("POST", f"{APPOINTMENTS}/<appointment_id:int>/ends", ADMIN, 404, reasoned),
)
