"""The cases of vectors/limited.json (taps under guardians' limits) and of card_limits.json."""

import dataclasses
import struct
from typing import Any

import campus_code as cc
from scripts.vector_decisions import NOON, sample_case, sample_rules

Case = dict[str, Any]
THURSDAY = 3  # 2026-01-01, the business day of NOON
NOTHING: Case = {"day_fen": None, "weekday_fen": [None] * 7, "kinds": {}}
FIRST, SECOND, THIRD = "20240013", "57299993", "99999992"


def kinds_rules() -> cc.RulesBundle:
    """The sample rules with a shop, and a kind for every group but one."""
    rules = sample_rules()
    kinds = {"noodles": "canteen", "set_meal": "canteen", "gym": "gym"}
    groups = {
        name: dataclasses.replace(group, kind=kinds.get(name, ""))
        for name, group in rules.groups.items()
    }
    shop = cc.GroupRules("shop", "超市", "Shop", accepts_outside_periods=True, kind="shop")
    return dataclasses.replace(rules, groups={**groups, "shop": shop})


def limited_cases() -> list[Case]:
    """Taps of a holder with limits: who decides knows them and what was spent in the tap's kind."""
    plenty = {"balances": {"cash": 50_000}}
    alone = {"offline": {"sync_age_seconds": 60, "payments": 0, "spent_fen": 0}}
    shop, free = {"group_id": "shop"}, {"group_id": "gym", "class_id": 2, "asked_fen": None}
    asked: list[tuple[str, Case, Case, Case, int]] = [
        ("no limits at all", {}, {}, {}, 0),
        ("day limit exactly", {}, {"day_fen": 2000}, {"day_fen": 3000}, 0),
        ("day limit over", {}, {"day_fen": 2001}, {"day_fen": 3000}, 0),
        ("nothing that day", {}, {}, {"day_fen": 0}, 0),
        ("the PIN lifts nothing", {"has_pin": True}, {"day_fen": 2001}, {"day_fen": 3000}, 0),
        ("yesterday's tally", {}, {"business_on": 20251231, "day_fen": 3000}, {"day_fen": 3000}, 0),
        ("weekday allows less", {}, {"day_fen": 1}, _on(THURSDAY, 1000, 3000), 0),
        ("weekday allows more", {}, {"day_fen": 2000}, _on(THURSDAY, 3000, 1000), 0),
        ("weekday alone", {}, {"day_fen": 2001}, _on(THURSDAY, 3000, None), 0),
        ("another weekday", {}, {"day_fen": 2000}, _on(THURSDAY - 1, 0, 3000), 0),
        ("before the day begins", {"at": NOON - 8 * 3600 - 1, **shop}, {}, _on(2, 0, None), 0),
        ("kind limit exactly", shop, {}, {"kinds": {"shop": 1500}}, 500),
        ("kind limit over", shop, {}, {"kinds": {"shop": 1500}}, 501),
        ("not at all at the shop", shop, {}, {"kinds": {"shop": 0}}, 0),
        ("not at all, the PIN too", {**shop, "has_pin": True}, {}, {"kinds": {"shop": 0}}, 0),
        ("another kind", {}, {}, {"kinds": {"shop": 0}}, 0),
        ("a group of no kind", {"group_id": "staff", "class_id": 2}, {}, {"kinds": {"shop": 0}}, 0),
        ("what costs nothing passes", free, {}, {"day_fen": 0, "kinds": {"gym": 0}}, 0),
        ("kind before day", shop, {}, {"day_fen": 0, "kinds": {"shop": 0}}, 0),
        ("the class's own limit too", {"asked_fen": 4000}, {}, {"day_fen": 9000}, 0),
        ("before a PIN is asked for", {"asked_fen": 4000}, {}, {"day_fen": 3000}, 0),
    ]
    cases = [_case(name, tap, tally, (limits, spent), plenty)
             for name, tap, tally, limits, spent in asked]  # fmt: skip
    return [
        *cases,
        _case("alone, day limit exactly", {}, {"day_fen": 2000}, ({"day_fen": 3000}, 0), alone),
        _case("alone, day limit over", {}, {"day_fen": 2001}, ({"day_fen": 3000}, 0), alone),
        _case("alone, not at all", shop, {}, ({"kinds": {"shop": 0}}, 0), alone),
        _case(
            "an emergency code", {"credential": "emergency"}, {}, ({"day_fen": 999}, 0), plenty
        ),
    ]  # fmt: skip


def _on(weekday: int, fen: int, day_fen: int | None) -> Case:
    weekdays = [fen if place == weekday else None for place in range(7)]
    return {"day_fen": day_fen, "weekday_fen": weekdays}


def _case(name: str, tap: Case, tally: Case, limited: tuple[Case, int], known: Case) -> Case:
    limits, kind_fen = limited
    more = {**known, "limits": NOTHING | limits, "kind_fen": kind_fen}
    return sample_case(name, tap, tally, more, kinds_rules())


def card_limits_cases() -> list[Case]:
    """Payloads, applied to an empty limits list of version 4: what it holds then, or why not."""
    day = cc.HolderLimits(day_fen=3000)
    shop = cc.HolderLimits(kinds={"shop": 0, "canteen": 2500})
    week = cc.HolderLimits(5000, (None, None, 1000, None, 0, None, 10_000_000), {"超市": 500})
    full = cc.pack_limits([(SECOND, day), (FIRST, day), (THIRD, shop)])
    payloads = {
        "two cards share a profile": full,
        "weekdays and a kind's name in Chinese": cc.pack_limits([(FIRST, week)]),
        "nobody": cc.pack_limits([]),
        "changes": cc.pack_limits([(FIRST, week), (SECOND, None)], 4),
        "changes since another version": cc.pack_limits([(FIRST, week)], 3),
        "empty": b"",
        "a head alone": full[:16],
        "one byte less": full[:-1],
        "one byte more": full + b"\0",
        "cards the other way round": full[:-18] + full[-12:-6] + full[-18:-12] + full[-6:],
        "a card twice": full[:-18] + full[-18:-12] + full[-18:-12] + full[-6:],
        "a card without a profile in a full list": full[:-2] + b"\xff\xff",
        "a profile that is not there": full[:-2] + b"\x00\x02",
        "a profile nobody has": full[:-2] + full[-8:-6],
        "a card number over eight digits": full[:-6] + struct.pack(">I", 10**8) + full[-2:],
        "a wrong Damm digit": full[:-6] + struct.pack(">I", 99_999_993) + full[-2:],
        "more cards than there may be": full[:12] + struct.pack(">I", 20_001) + full[16:],
        "an amount over the bounds": full.replace(
            struct.pack(">I", 3000), struct.pack(">I", 10_000_001)
        ),
        "a kind's name that is no UTF-8": full.replace(b"shop", b"sh\xffp"),
        "a kind's name that is not printable": full.replace(b"shop", b"sh\np"),
        "kinds the other way round": full.replace(b"\x07canteen\x04shop", b"\x04shop\x07canteen"),
    }  # fmt: skip
    return [_payload_case(name, payload) for name, payload in payloads.items()]


def _payload_case(name: str, payload: bytes) -> Case:
    held: list[Case] | None = None
    try:
        held = [
            {"card_number": number, "limits": told(limits)}
            for number, limits in cc.CardLimits(4).apply(payload, 5)
        ]
        result = "ok"
    except cc.DocumentError as error:
        result = error.why.value
    return {"name": name, "payload": payload.hex(), "result": result, "held": held}


def told(limits: cc.HolderLimits) -> Case:
    """Limits in JSON."""
    return {**dataclasses.asdict(limits), "weekday_fen": list(limits.weekday_fen)}
