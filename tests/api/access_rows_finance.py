"""The rows of the finance office's routes: settlements, days, reports, and a merchant's own."""

from __future__ import annotations

import itertools

from tests.api.access_callers import DRAWERS, MONEY, MONEY_READERS, READERS, Caller, Row

_numbers = itertools.count(1)


def rated() -> dict[str, object]:
    return {"begins_on": 20270101 + next(_numbers) % 28, "basis_points": 100, "reason": "合同"}


def remitted() -> dict[str, object]:
    key = f"matrix-remit-{next(_numbers)}"
    return {"request_key": key, "merchant_id": 999_999, "through_on": 20251231, "reason": "付款"}


def vouched() -> dict[str, object]:
    return {"voucher": "V-1"}


def closed() -> dict[str, object]:
    return {"missing": 0, "reason": "核对无误"}


RATES = "/admin/merchants/<merchant_id:int>/commissions"
REMITTANCE = "/admin/remittances/<remittance_id:int>"
BATCH = "/admin/benefits/<batch_id:int>"
LOOKERS = MONEY | {Caller.AUDITOR}
FINANCE = (
    Row("GET", "/staff/corrections", MONEY, scoped=True),
    Row("POST", "/staff/corrections/<request_id:int>/rejections", MONEY, 404, scoped=True),
    Row("GET", "/admin/differences", LOOKERS),
    Row("GET", "/admin/settlements", LOOKERS, scoped=True),
    Row("GET", RATES, LOOKERS),
    Row("POST", RATES, MONEY, 404, rated),
    Row("GET", "/admin/remittances", LOOKERS),
    Row("GET", "/admin/remittances/owed", LOOKERS),
    Row("POST", "/admin/remittances", MONEY, 404, remitted),
    Row("POST", f"{REMITTANCE}/approvals", MONEY, 404, vouched),
    Row("POST", f"{REMITTANCE}/rejections", MONEY, 404),
    Row("GET", "/admin/days", LOOKERS),
    Row("GET", "/admin/days/<business_on:int>", LOOKERS, 400),
    Row("POST", "/admin/days/<business_on:int>/closes", MONEY, 400, closed),
    Row("GET", "/admin/suspense", LOOKERS),
    Row("GET", "/admin/suspense/ages", LOOKERS),
    Row("GET", "/admin/quarantine", LOOKERS),
    Row("GET", "/admin/benefits", READERS),
    Row("POST", "/admin/benefits", DRAWERS),
    Row("POST", f"{BATCH}/approvals", MONEY, 404),
    Row("POST", f"{BATCH}/rejections", MONEY, 404),
    Row("GET", "/admin/benefit-lines", READERS, 400),
    Row("GET", "/admin/benefit-lines/export", READERS, 400),
    Row("GET", "/admin/shifts", LOOKERS | {Caller.CASHIER}, scoped=True),
    Row("GET", "/admin/reports", LOOKERS, scoped=True),
    Row("GET", "/admin/reports/<kind:str>", LOOKERS, 404, scoped=True),
    Row("GET", "/admin/payments", LOOKERS, scoped=True),
    Row("GET", "/admin/reports/<kind:str>/export", LOOKERS, 404, scoped=True),
    Row("GET", "/admin/payments/export", LOOKERS, scoped=True),
    Row("GET", "/admin/settlements/export", LOOKERS, scoped=True),
    Row("GET", "/admin/postings/export", LOOKERS),
    Row("GET", "/admin/suspense/export", LOOKERS),
    Row("GET", "/admin/postings", LOOKERS),
    Row("GET", "/admin/inactive-cards", LOOKERS),
    Row("GET", "/admin/explanations/<figure:str>/<number:int>", LOOKERS, 404),
    Row("GET", "/merchant/totals", MONEY_READERS, scoped=True),
    Row("GET", "/merchant/today", MONEY_READERS, scoped=True),
    Row("GET", "/merchant/payments", MONEY_READERS, scoped=True),
    Row("GET", "/merchant/refunds", MONEY_READERS, scoped=True),
    Row("GET", "/merchant/settlements", MONEY_READERS, scoped=True),
)
