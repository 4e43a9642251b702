"""The matrix's rows about rules, trials of rules, terminals, and what happens now."""

from __future__ import annotations

from tests.api.access_callers import ADMIN, CHECKED_ELSEWHERE, COUNTER, READERS, Row
from tests.rig.campus import NOON


def reasoned() -> dict[str, object]:
    return {"reason": "试一试"}


def drafted() -> dict[str, object]:
    return {"title": "新价格", "version": 1}


def redrafted() -> dict[str, object]:
    return {"revision": 1, "title": "新价格", "bundle": {}}


def published() -> dict[str, object]:
    return {"revision": 1, "terminal_ids": [], "reason": "新学期"}


def tapped() -> dict[str, object]:
    return {
        "draft_id": 0, "version": 0, "number": "", "class_id": 1, "terminal_id": 0,
        "group_id": "canteen", "at": NOON, "asked_fen": 500, "has_pin": False,
        "credential": "code", "chip": None, "alone": None, "balances": None, "spending": None,
    }  # fmt: skip


TERMINALS = (
    Row("GET", "/admin/rules/versions", READERS),
    Row("GET", "/admin/rules/versions/<version:int>", READERS),
    Row("POST", "/admin/rules/versions/<version:int>/rollbacks", ADMIN, 409, reasoned),
    Row("GET", "/admin/rules/drafts", READERS),
    Row("POST", "/admin/rules/drafts", ADMIN, 201, drafted),
    Row("GET", "/admin/rules/drafts/<draft_id:int>", READERS, 404),
    Row("PUT", "/admin/rules/drafts/<draft_id:int>", ADMIN, 404, redrafted),
    Row("POST", "/admin/rules/drafts/<draft_id:int>/discards", ADMIN, 404, reasoned),
    Row("POST", "/admin/rules/drafts/<draft_id:int>/publications", ADMIN, 404, published),
    Row("GET", "/admin/rules/rollouts", READERS),
    Row("GET", "/admin/rules/rollouts/<rollout_id:int>", READERS, 404),
    Row("POST", "/admin/rules/rollouts/<rollout_id:int>/promotions", ADMIN, 404, reasoned),
    Row("POST", "/admin/rules/tries", READERS, 200, tapped),
    Row("GET", "/admin/live/now", COUNTER, scoped=True),
    Row("GET", "/admin/live", COUNTER, CHECKED_ELSEWHERE, scoped=True),
    Row("GET", "/admin/terminals/<terminal_id:int>", READERS, 404, scoped=True),
)
