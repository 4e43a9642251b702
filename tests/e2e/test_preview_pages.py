"""Every page, in both languages, on a wide and on a narrow phone: whole, named, and in reach."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser

from tests.rig.phone import Phone
from tests.rig.preview import School
from tests.rig.tour import (
    Tour,
    frozen_page,
    guardian_pages,
    money_pages,
    staff_pages,
    student_pages,
)

TAPPED_PX_MIN = 36
"""The smallest side of what a finger has to hit."""

BROKEN = ("undefined", "NaN", "[object", "null", "{")
"""What a page says when something was not filled in."""

LOOK = """() => {
  const page = document.querySelector('page:not([inactive])');
  const isShown = (one) => one.getClientRects().length > 0;
  const boxes = [...page.querySelectorAll('*')].filter(isShown);
  const isScrolled = (one) => one.closest('wx-scroll-view[scroll-x]');
  const wide = boxes.filter((one) => !isScrolled(one)
    && one.getBoundingClientRect().right > innerWidth + 0.5);
  const roles = '[role=button], [role=link], [role=radio], [role=switch], input, textarea';
  const acted = boxes.filter((one) => one.matches(roles));
  const name = (one) => one.getAttribute('aria-label') || one.innerText || one.placeholder || '';
  const word = (one) => `${one.tagName.toLowerCase()}.${one.className} ${name(one).slice(0, 20)}`;
  const side = (one) => {
    const { width, height } = one.getBoundingClientRect();
    return Math.min(width, height);
  };
  return {
    wide: wide.map(word),
    nameless: acted.filter((one) => !name(one).trim()).map((one) => one.outerHTML.slice(0, 120)),
    tiny: acted.filter((one) => !one.matches('input, textarea') && side(one) < LEAST)
      .map((one) => `${word(one)} ${side(one)}`),
    text: page.innerText,
  };
}""".replace("LEAST", str(TAPPED_PX_MIN))


async def faults(phone: Phone) -> list[str]:
    """What is wrong with the page on top, as anybody could see."""
    told: dict[str, Any] = await phone.page.evaluate(LOOK)
    found = [f"{kind}: {one}" for kind in ("wide", "nameless", "tiny") for one in told[kind]]
    text = str(told["text"])
    if not text.strip():
        found.append("empty")
    found += [f"says {word!r}" for word in BROKEN if word in text]
    return [*found, *await phone.faults()]


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    "language,size", [("zh_CN", (375, 812)), ("en", (320, 640)), ("en", (768, 1024))]
)
async def test_every_page_is_whole(
    browser: Browser, school: School, language: str, size: tuple[int, int]
) -> None:
    tour = Tour(browser, school, language, size)
    seen: dict[str, list[str]] = {}
    async with school.window():
        for pages in (student_pages, money_pages, frozen_page, guardian_pages, staff_pages):
            async for visit in pages(tour):
                seen[visit.name] = await faults(visit.phone)
    assert len(seen) == 33
    assert {name: found for name, found in seen.items() if found} == {}
