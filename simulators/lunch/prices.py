"""What a lunch ought to cost, worked out here once more, from the rules' JSON and whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DAY_SECONDS = 86_400
MINUTE_SECONDS = 60


def local_day(rules: Mapping[str, Any], at: int) -> int:
    """The school's calendar day at Unix second `at`, as days since 1970."""
    return int((at + rules["utc_offset_seconds"]) // DAY_SECONDS)


def meal_at(rules: Mapping[str, Any], at: int) -> str:
    """The id of the meal served at Unix second `at`; "" between meals."""
    minute = (at + rules["utc_offset_seconds"]) % DAY_SECONDS // MINUTE_SECONDS
    for period in rules["periods"]:
        if period["begins_minute"] <= minute < period["ends_minute"]:
            return str(period["id"])
    return ""


def charge_fen(
    rules: Mapping[str, Any], group_id: str, class_id: int, asked_fen: int | None, at: int
) -> tuple[int, int]:
    """(fen the holder pays, fen of it that are the school's fee) for one meal at a window."""
    holder = rules["classes"][str(class_id)]
    if rules["groups"][group_id]["price_mode"] == "free":
        price_fen = asked_fen or 0
    else:
        price_fen = int(holder["fixed_prices"][meal_at(rules, at)])
    paid_fen = _part(price_fen, holder["pay_percent"])
    fee = holder["fee"]
    fee_fen = {
        "none": 0,
        "fixed": fee["amount_fen"],
        "percent": _part(paid_fen, fee["percent"]),
    }[fee["kind"]]
    return paid_fen + fee_fen, fee_fen if fee["owner"] == "school" else 0


def _part(amount_fen: int, percent: int) -> int:
    whole, rest = divmod(amount_fen * percent, 100)
    return whole + (rest >= 50)
