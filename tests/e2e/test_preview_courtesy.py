"""A meal on the school: the window shows what it always shows, the holder's own phone tells."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from simulators.lunch.campus import Person
from simulators.lunch.window import Line, Window
from tests.e2e.conftest import NewPhone
from tests.rig.phone import TOP, Phone
from tests.rig.preview import School

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

SYNCED_SECONDS = 2.5
LUNCH_FEN = 900
GIVEN = {"payment_fen_max": 2000, "day_count_max": 1, "seven_days_count_max": 1, "periods": []}
OF_A_TAP = {"sequence", "scan", "last_four", "charged_fen"}
"""What differs from one tap to the next, whoever pays; the amount by the class."""


@contextmanager
def giving(school: School) -> Iterator[None]:
    """The school gives a meal at any hour, until the test ends."""
    usual = school.office("GET", "/admin/rules")["bundle"]
    bundle = {**usual, "periods": all_day(usual["periods"])}
    for kind in ("classes", "groups"):
        more = {"courtesy": GIVEN} if kind == "classes" else {"gives_courtesy": True}
        bundle[kind] = {name: {**one, **more} for name, one in usual[kind].items()}
    publish(school, bundle)
    try:
        yield
    finally:
        publish(school, usual)


def publish(school: School, bundle: dict[str, Any]) -> None:
    version = school.office("GET", "/admin/rules")["version"] + 1
    school.office("POST", "/admin/rules", {**bundle, "version": version})


def all_day(periods: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One period for almost all of the day, the others a minute each before it."""
    last = len(periods) - 1
    return [
        {**one, "begins_minute": place, "ends_minute": 1440 if place == last else place + 1}
        for place, one in enumerate(periods)
    ]


async def bound(phone: Phone, person: Person) -> Phone:
    await phone.open("pages/bind/index")
    await phone.type("绑定码", person.binding_code)
    await phone.tap("绑定")
    await phone.is_at("pages/card/index")
    return phone


async def shown(window: Window, phone: Phone) -> Line:
    await window.type_amount(LUNCH_FEN)
    return await window.show(await phone.code())


async def test_the_window_shows_its_usual_green_and_the_phone_says_whose_meal_it_was(
    new: NewPhone, school: School
) -> None:
    rich, poor = await bound(await new(), school.person()), school.poor_person()
    phone = await bound(await new(), poor)
    with giving(school):
        async with school.window() as window:
            await asyncio.sleep(SYNCED_SECONDS)
            usual, gift = await shown(window, rich), await shown(window, phone)
            assert gift["result"] == "approved"
            assert gift.keys() == usual.keys()
            differs = {name for name in gift if gift[name] != usual[name]}
            assert differs <= OF_A_TAP, "nothing at the window tells one from the other"
            await asyncio.sleep(15 - SYNCED_SECONDS)
            again = await shown(window, phone)
            assert (again["result"], again["reason"]) == ("refused", "insufficient_funds")
    await phone.go("packages/student/statement/index")
    await phone.shows("学校请的一餐", "共 ¥0.00")
    await phone.page.locator(f"{TOP} .row").first.tap()
    await phone.is_at("packages/student/payment/index")
    await phone.shows("学校请的一餐", "实扣", "¥0.00", "不是我")
    assert "学校承担" not in await phone.text()
