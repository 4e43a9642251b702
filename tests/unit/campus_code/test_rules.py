import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

import campus_code as cc
from campus_code.rules import trust_at
from scripts.vector_decisions import sample_rules

Change = Callable[[dict[str, Any]], object]


def text_with(change: Change) -> bytes:
    loaded = json.loads(cc.to_json(sample_rules()))
    change(loaded)
    return json.dumps(loaded).encode()


def named(*names: str) -> bytes:
    tiers = [
        {"sync_age_seconds_max": 10 * (place + 1), "payment_fen_max": 1, "payments_max": 1}
        | {"name": name}
        for place, name in enumerate(names)
    ]
    return text_with(lambda j: j.update(offline=tiers))


def test_ages_of_a_sync_have_words_from_fresh_to_old_then_stop() -> None:
    tiers = cc.rules_from_json(named("fresh", "stale", "old")).offline
    words = [trust_at(tiers, age)[0] for age in (0, 10, 11, 20, 21, 30, 31)]
    assert words == ["fresh", "fresh", "stale", "stale", "old", "old", "stop"]
    unnamed = cc.rules_from_json(named("", "", "", "")).offline
    assert [trust_at(unnamed, age)[0] for age in (1, 11, 21, 31, 41)] == [
        *("fresh", "stale", "stale", "old", "stop")
    ]
    assert trust_at(unnamed[:1], 1)[0] == "fresh"
    assert trust_at((), 0) == ("stop", None)
    for wrong in (("stale", "fresh"), ("fresh", "fresh"), ("stop",)):
        with pytest.raises(cc.ShapeError, match="offline"):
            cc.rules_from_json(named(*wrong))


def test_a_bundle_comes_back_from_its_canonical_bytes() -> None:
    raw = cc.to_json(sample_rules())
    assert cc.rules_from_json(raw) == sample_rules()
    assert cc.to_json(cc.rules_from_json(raw)) == raw
    again = json.dumps(json.loads(raw), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert raw == again.encode()


@pytest.mark.parametrize(
    "path,change",
    [
        ("version", lambda j: j.update(version=True)),
        ("version", lambda j: j.update(version="1")),
        ("version", lambda j: j.update(version=0)),
        ("school", lambda j: j.update(school=None)),
        ("school", lambda j: j.update(school="x" * 65)),
        ("colour", lambda j: j.update(colour=1)),
        ("display_seconds: is missing", lambda j: j.pop("display_seconds")),
        ("utc_offset_seconds", lambda j: j.update(utc_offset_seconds=14 * 3600 + 1)),
        ("day_starts_minute", lambda j: j.update(day_starts_minute=1440)),
        ("online_deadline_milliseconds", lambda j: j.update(online_deadline_milliseconds=0)),
        ("lease_seconds", lambda j: j.update(lease_seconds=86_399)),
        ("terminal_fen_max", lambda j: j["offline"][0].update(terminal_fen_max=-1)),
        ("card_fen_max", lambda j: j["offline"][0].update(card_fen_max=True)),
        ("offline_age", lambda j: j["classes"]["1"].update(offline_age_seconds_max=-1)),
        ("window", lambda j: j.update(window=[])),
        ("window.late_seconds", lambda j: j["window"].update(late_seconds=61)),
        ("window.early_seconds", lambda j: j["window"].update(early_seconds=False)),
        ("periods[1].ends_minute", lambda j: j["periods"][1].update(ends_minute=1441)),
        ("periods[1].ends_minute", lambda j: j["periods"][1].update(ends_minute=630)),
        ("periods[0].id", lambda j: j["periods"][0].update(id="")),
        ("overlap", lambda j: j["periods"][0].update(ends_minute=631)),
        ("given twice", lambda j: j["periods"][0].update(id="lunch")),
        ("periods", lambda j: j.update(periods=[j["periods"][0]] * 9)),
        ("classes", lambda j: j.update(classes={})),
        ("classes.1.pay_percent", lambda j: j["classes"]["1"].update(pay_percent=201)),
        ("classes.1.count_limit", lambda j: j["classes"]["1"].update(count_limit=100)),
        ("classes.1.day_limit_fen", lambda j: j["classes"]["1"].update(day_limit_fen=-1)),
        ("classes.1.floor_fen", lambda j: j["classes"]["1"].update(floor_fen=10_000_001)),
        ("classes.1.over_limit", lambda j: j["classes"]["1"].update(over_limit="maybe")),
        ("classes.1.fee.kind", lambda j: j["classes"]["1"]["fee"].update(kind=1)),
        ("classes.1.fee.percent", lambda j: j["classes"]["1"]["fee"].update(percent=101)),
        ("fixed_prices.lunch", lambda j: j["classes"]["1"].update(fixed_prices={"lunch": -1})),
        ("no period tea", lambda j: j["classes"]["1"].update(fixed_prices={"tea": 1})),
        ("classes.3", lambda j: j["classes"].update({"3": j["classes"]["1"]})),
        ("classes", lambda j: j["classes"].update({"01": j["classes"]["1"]})),
        ("classes", lambda j: j["classes"].update({"x": j["classes"]["1"]})),
        ("groups.gym.price_mode", lambda j: j["groups"]["gym"].update(price_mode="gift")),
        ("groups.gym.amount_fen_max", lambda j: j["groups"]["gym"].update(amount_fen_max=0)),
        ("groups.gym.purse_order", lambda j: j["groups"]["gym"].update(purse_order=[])),
        ("groups.gym.purse_order[0]", lambda j: j["groups"]["gym"].update(purse_order=[1])),
        ("groups.gym.always_pin", lambda j: j["groups"]["gym"].update(always_pin=0)),
        ("groups.gym.interval_seconds", lambda j: j["groups"]["gym"].update(interval_seconds=3601)),
        ("no class 9", lambda j: j["groups"]["gym"].update(accepted_classes=[9])),
        ("no period tea", lambda j: j["groups"]["gym"].update(accepted_periods=["tea"])),
        ("groups.other", lambda j: j["groups"].update(other=j["groups"]["gym"])),
        ("offline: sync_age", lambda j: j["offline"].reverse()),
        ("offline[0].payments_max", lambda j: j["offline"][0].update(payments_max=1001)),
        ("emergency.payment_fen_max", lambda j: j["emergency"].update(payment_fen_max=-1)),
        ("retired_formats", lambda j: j.update(retired_formats=[10])),
        ("whole numbers", lambda j: j.update(version=1.5)),
        ("whole numbers", lambda j: j.update(version=float("nan"))),
        ("20 digits", lambda j: j.update(version=10**20)),
    ],
)
def test_strict_reading_names_the_path(path: str, change: Change) -> None:
    with pytest.raises(cc.ShapeError) as caught:
        cc.rules_from_json(text_with(change))
    assert path in str(caught.value)


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"1", b"{", b"\xff{}", b"[" * 100_000, b'{"a":' * 50_000, b" " * 300_000],
)
def test_what_is_no_object_is_refused(raw: bytes) -> None:
    with pytest.raises(cc.ShapeError):
        cc.rules_from_json(raw)


def test_a_bundle_padded_over_the_limit_is_refused() -> None:
    raw = cc.to_json(sample_rules())
    assert cc.rules_from_json(raw + b" " * (262_144 - len(raw))) == sample_rules()
    with pytest.raises(cc.ShapeError, match="at most 262144 bytes"):
        cc.rules_from_json(raw + b" " * (262_145 - len(raw)))


def test_a_key_given_twice_is_refused() -> None:
    raw = cc.to_json(sample_rules())
    with pytest.raises(cc.ShapeError, match="twice"):
        cc.rules_from_json(b'{"version":1,' + raw[1:])


def test_percent_rounds_half_up() -> None:
    assert [cc.percent_of(amount, 50) for amount in (0, 1, 2, 3)] == [0, 1, 1, 2]
    assert cc.percent_of(1253, 80) == 1002
    assert cc.percent_of(10_000_000, 200) == 20_000_000


def test_fees() -> None:
    assert cc.Fee().of(1000) == 0
    assert cc.Fee("fixed", amount_fen=30).of(0) == 30
    assert cc.Fee("percent", percent=5).of(1875) == 94
    with pytest.raises(cc.ShapeError):
        cc.Fee("gift")  # type: ignore[arg-type]


def test_values_check_themselves_without_json() -> None:
    with pytest.raises(cc.ShapeError, match="overlap"):
        dataclasses.replace(
            sample_rules(),
            periods=(*sample_rules().periods, cc.MealPeriod("x", "夜", "x", 809, 811)),
        )
    with pytest.raises(cc.ShapeError, match="classes"):
        dataclasses.replace(sample_rules(), classes={2: sample_rules().classes[1]})


RICE = cc.MenuItem("1", "米饭", "Rice", 50)
PORK = cc.MenuItem("12", "红烧肉", "Braised pork", 950)


def with_menu(*menu: cc.MenuItem) -> cc.RulesBundle:
    groups = dict(sample_rules().groups)
    name = next(name for name, one in groups.items() if one.price_mode == "free")
    groups[name] = dataclasses.replace(groups[name], menu=menu)
    return dataclasses.replace(sample_rules(), groups=groups)


def test_a_menu_comes_back_and_no_menu_is_left_out() -> None:
    rules = with_menu(RICE, PORK)
    assert cc.rules_from_json(cc.to_json(rules)) == rules
    assert cc.to_json(with_menu()) == cc.to_json(sample_rules())


@pytest.mark.parametrize("code", ["", "12345", "1a", "一", "１", " 1"])
def test_a_dish_has_a_code_that_can_be_typed(code: str) -> None:
    with pytest.raises(cc.ShapeError, match="code"):
        dataclasses.replace(RICE, code=code)


def test_a_menu_is_bounded_and_means_one_dish_by_each_code() -> None:
    with pytest.raises(cc.ShapeError, match="twice"):
        with_menu(RICE, dataclasses.replace(PORK, code="1"))
    many = [dataclasses.replace(RICE, code=str(code)) for code in range(201)]
    with_menu(*many[:200])
    with pytest.raises(cc.ShapeError, match="menu"):
        with_menu(*many)
    fixed = next(one for one in sample_rules().groups.values() if one.price_mode == "fixed")
    with pytest.raises(cc.ShapeError, match="price_mode"):
        dataclasses.replace(fixed, menu=(RICE,))
    with pytest.raises(cc.ShapeError, match="price_fen"):
        dataclasses.replace(RICE, price_fen=0)


def test_dishes_are_added_up_from_the_menu_alone() -> None:
    menu = (RICE, PORK)
    assert cc.sum_of([], menu) == 0
    assert cc.sum_of([cc.Dish("12", 2), cc.Dish("1"), cc.Dish("1", 3)], menu) == 2100
    wrong = [cc.Dish("2")], [cc.Dish("1", 0)], [cc.Dish("1", 100)], [cc.Dish("1")] * 51
    for dishes in wrong:
        with pytest.raises(cc.ShapeError):
            cc.sum_of(dishes, menu)
    dear = dataclasses.replace(PORK, price_fen=10_000_000)
    with pytest.raises(cc.ShapeError, match="dishes"):
        cc.sum_of([cc.Dish("12", 2)], (dear,))
