"""The taps of vectors/decisions.json, and the rules they are decided by."""

import dataclasses
from typing import Any

import campus_code as cc

NOON = 1_767_240_000  # 2026-01-01 12:00 at UTC+8
Case = dict[str, Any]


def sample_rules() -> cc.RulesBundle:
    """A small school with every kind of rule in it."""
    return cc.RulesBundle(
        version=1,
        school="示范大学",
        utc_offset_seconds=28_800,
        day_starts_minute=240,
        periods=(
            cc.MealPeriod("breakfast", "早餐", "Breakfast", 390, 540),
            cc.MealPeriod("lunch", "午餐", "Lunch", 630, 810),
        ),
        classes={
            1: cc.ClassRules(
                1,
                "学生",
                "Student",
                pay_percent=80,
                fixed_prices={"lunch": 1205},
                single_limit_fen=3000,
                meal_limit_fen=5000,
                day_limit_fen=10_000,
                floor_fen=100,
                offline_limit_fen=4000,
            ),
            2: cc.ClassRules(
                2,
                "访客",
                "Guest",
                pay_percent=150,
                fee=cc.Fee("percent", percent=5, owner="merchant"),
                count_limit=1,
                single_limit_fen=2000,
                over_limit="refuse",
            ),
        },
        groups={
            "noodles": cc.GroupRules("noodles", "面食", "Noodles", interval_seconds=20),
            "set_meal": cc.GroupRules(
                "set_meal", "套餐", "Set meal", price_mode="fixed", accepted_periods=("lunch",)
            ),
            "gym": cc.GroupRules(
                "gym", "健身房", "Gym", price_mode="count", accepts_outside_periods=True
            ),
            "staff": cc.GroupRules(
                "staff", "教工", "Staff", accepted_classes=(2,), purse_order=("cash",)
            ),
        },
        offline=(cc.OfflineTier(3600, 3000, 3), cc.OfflineTier(86_400, 1500, 1)),
        emergency=cc.EmergencyRules(1000),
    )


def decision_cases() -> list[Case]:
    """Taps, what is known, and the verdict."""
    plenty = {"balances": {"cash": 50_000, "benefit": 300}}
    lone = {"offline": {"sync_age_seconds": 60, "payments": 0, "spent_fen": 0}}
    asked: list[tuple[str, Case, Case, Case]] = [
        ("discount and two purses", {}, {}, plenty),
        ("rounded half up", {"asked_fen": 1253}, {}, plenty),
        ("surcharge and fee", {"class_id": 2}, {}, plenty),
        ("frozen", {"card_state": 1}, {}, plenty),
        ("unknown card", {"card_state": 4}, {}, plenty),
        ("unknown class", {"class_id": 9}, {}, plenty),
        ("unknown group", {"group_id": "nowhere"}, {}, plenty),
        ("class not accepted", {"group_id": "staff"}, {}, plenty),
        ("outside every period", {"at": NOON + 4 * 3600}, {}, plenty),
        ("too soon", {}, {"last_at": NOON - 19}, plenty),
        ("soon enough", {}, {"last_at": NOON - 20}, plenty),
        ("nothing typed", {"asked_fen": None}, {}, plenty),
        ("zero typed", {"asked_fen": 0}, {}, plenty),
        ("below zero typed", {"asked_fen": -1}, {}, plenty),
        ("over the group's maximum", {"asked_fen": 20_001}, {}, plenty),
        ("fixed price", {"group_id": "set_meal", "asked_fen": None}, {}, plenty),
        ("another fixed price asked", {"group_id": "set_meal", "asked_fen": 1}, {}, plenty),
        ("no fixed price", {"group_id": "set_meal", "class_id": 2}, {}, plenty),
        ("count is free", {"group_id": "gym", "class_id": 2, "asked_fen": None}, {}, plenty),
        ("count limit", {"class_id": 2, "has_pin": True}, {"meal_count": 1}, plenty),
        ("single limit asks for the PIN", {"asked_fen": 4000}, {}, plenty),
        ("single limit lifted", {"asked_fen": 4000, "has_pin": True}, {}, plenty),
        ("single limit refuses", {"class_id": 2, "asked_fen": 1400}, {}, plenty),
        ("meal limit exactly", {}, {"day_fen": 4000, "meal_fen": 4000}, plenty),
        ("meal limit over", {}, {"day_fen": 4001, "meal_fen": 4001}, plenty),
        ("day limit over", {}, {"day_fen": 9001}, plenty),
        ("yesterday's tally", {}, {"business_on": 20251231, "day_fen": 9999}, plenty),
        ("floor kept", {}, {}, {"balances": {"cash": 1100}}),
        ("below the floor", {}, {}, {"balances": {"cash": 1099}}),
        ("never partial", {}, {}, {"balances": {"cash": 300, "benefit": 799}}),
        ("emergency", {"credential": "emergency"}, {}, plenty),
        ("emergency limit", {"credential": "emergency", "asked_fen": 1252}, {}, plenty),
        ("alone", {}, {}, lone),
        ("alone, older sync", {"asked_fen": 2000}, {}, alone(sync_age_seconds=3601)),
        ("alone too long", {}, {}, alone(sync_age_seconds=86_401)),
        ("alone, clock set back", {}, {}, alone(sync_age_seconds=-1)),
        ("alone, count used up", {}, {}, alone(payments=3)),
        ("alone, budget exactly", {}, {}, alone(payments=1, spent_fen=3000)),
        ("alone, over budget", {}, {}, alone(payments=1, spent_fen=3001)),
        ("alone, card's own limit", {}, {}, alone(entry_limit_fen=999)),
    ]
    return [sample_case(name, tap, tally, known) for name, tap, tally, known in asked]


def alone(**changed: int) -> Case:
    """What a terminal alone knows, a minute after its last sync."""
    return {"offline": {"sync_age_seconds": 60, "payments": 0, "spent_fen": 0} | changed}


def sample_case(
    name: str, tap: Case, tally: Case, known: Case, rules: cc.RulesBundle | None = None
) -> Case:
    """One case: what it changes of the usual tap and tally, and all that is known besides."""
    whole_tap = {
        "at": NOON,
        "group_id": "noodles",
        "class_id": 1,
        "card_state": 0,
        "asked_fen": 1250,
        "has_pin": False,
        "credential": "code",
    } | tap
    empty = {"day_fen": 0, "meal_fen": 0, "meal_count": 0, "last_at": None}
    whole_tally = {"business_on": 20260101, "period": "lunch"} | empty | tally
    return {
        "name": name,
        "tap": whole_tap,
        "tally": whole_tally,
        **known,
        "verdict": verdict(whole_tap, whole_tally, known, rules or sample_rules()),
    }


def verdict(tap: Case, tally: Case, known: Case, rules: cc.RulesBundle) -> Case:
    """Decide a case told in JSON, and tell the verdict in JSON."""
    offline, limits, given = known.get("offline"), known.get("limits"), known.get("courtesy")
    limited = limits and cc.Limited(
        cc.HolderLimits(**limits | {"weekday_fen": tuple(limits["weekday_fen"])}),
        known["kind_fen"],
    )
    answer = cc.decide(
        cc.Tap(
            **tap
            | {
                "card_state": cc.CardState(tap["card_state"]),
                "credential": cc.CredentialKind(tap["credential"]),
            }
        ),
        rules,
        cc.Known(
            cc.Tally(**tally),
            balances=known.get("balances"),
            offline=cc.OfflineKnown(**offline) if offline else None,
            limited=limited,
            courtesy=cc.CourtesyGiven(**given) if given else None,
        ),
    )
    if isinstance(answer, cc.Declined):
        return {"outcome": "declined", "reason": answer.reason.value, "evidence": answer.evidence}
    told = dataclasses.asdict(answer)
    if not answer.is_courtesy:  # came later
        del told["is_courtesy"]
    return {"outcome": "approved", **told, "split": [list(part) for part in answer.split]}
