"""`python3 benchmarks/first_code.py [--json]`: how soon is a code on the screen, without network?

The preview in Chromium, a phone that was bound, the network cut. The card page is opened anew from
the phone's storage, and in turns with it a floor: a mini-program of one page that paints one black
square through the same runtime, so what a browser's frames and the runtime cost. Each picture is
read by zxing-cpp from a screenshot and verified as a terminal would; a fast wrong picture, or a
request that went out, ends the run. Some further rounds are traced, to tell what the time went to.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=True)

from playwright.async_api import Browser, Request

from benchmarks.figures import Spread, load_average, ratio_of, tell
from benchmarks.first_code_parts import TRACE_CATEGORIES, pooled, read_trace
from simulators.lunch.scanner import read
from tests.rig.phone import API, Phone, new_phone, open_browser
from tests.rig.preview import School, build_preview, open_school

ROUNDS = 20
TRACED_ROUNDS = 15
UNCOUNTED = 2
"""Rounds that fill the browser's caches and count for nothing."""
QUIET_SECONDS = 0.7
"""How long nobody looks: whoever asks the page something meanwhile takes its time."""
AIM_MS = 100
BLACK_MAX = 64
INSIDE_SQUARE = (100, 300, 500, 600)
"""Left, top, right, bottom, in pixels of the screen, well inside the floor's square."""
FLOOR_FOLDER = "floor"
FLOOR = {
    "app.json": json.dumps({"pages": ["pages/square/index"], "componentFramework": "glass-easel"}),
    "app.ts": "App({});",
    "pages/square/index.json": json.dumps(
        {"navigationBarTitleText": "校园码", "componentFramework": "glass-easel"}
    ),
    "pages/square/index.wxml": '<canvas type="2d" id="picture" class="picture" />',
    "pages/square/index.wxss": ".picture { display: block; width: 264px; height: 264px; }",
    "pages/square/index.ts": """Page({
      onLoad() {
        const found = this.createSelectorQuery().select("#picture").fields({ node: true });
        found.exec(([{ node }]) => {
          node.width = node.height = 528;
          node.getContext("2d").fillRect(0, 0, 528, 528);
        });
      },
    });""",
}
"""A mini-program that paints a black square and does nothing else."""

STARTS = {"from_scripts": "begin", "from_launch": "launch", "from_page": "page-load"}
"""The browser begins with the scripts; App.onLaunch; the page's onLoad."""
ENDS = {"drawn": "canvas-painted", "shown": "first-contentful-paint"}
"""It is on the canvas; the browser says that the frame with it was on the screen."""


class WrongPictureError(Exception):
    """What was painted is not what should have been."""


@dataclass
class Rounds:
    """Milliseconds of each round, by figure."""

    taken: dict[str, list[float]] = field(default_factory=dict)

    def add(self, marks: Mapping[str, float]) -> None:
        """One round's marks, in milliseconds since the document began."""
        for start, start_mark in STARTS.items():
            for end, end_mark in ENDS.items():
                taken = marks[end_mark] - marks[start_mark]
                self.taken.setdefault(f"{start}_to_{end}_ms", []).append(taken)

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return {name: Spread.of(values).told(1) for name, values in self.taken.items()}


async def bind(phone: Phone, school: School) -> str:
    """Bind the phone by code, as a student does; the card's number."""
    person = school.person()
    await phone.open("pages/bind/index")
    await phone.type("绑定码", person.binding_code)
    await phone.tap("绑定")
    await phone.is_at("pages/card/index")
    await phone.code()
    return person.card_number


async def opened(phone: Phone) -> dict[str, float]:
    """Open the mini-program anew and look away; its marks."""
    for page in phone.context.pages[:-1]:
        await page.close()
    phone.page = await phone.context.new_page()
    settings = json.dumps(phone.state)
    await phone.page.goto(f"{phone.url}/phone.html?phone={settings}", wait_until="commit")
    await asyncio.sleep(QUIET_SECONDS)
    marks: list[tuple[str, float]] = await phone.page.evaluate(
        "() => performance.getEntries().map(one => [one.name, one.startTime]).reverse()"
    )
    found = {name.removeprefix("preview:"): at for name, at in marks}  # the first of each name
    if found["first-contentful-paint"] < found["canvas-painted"]:
        raise WrongPictureError("the browser's first frame was not the one with the picture")
    return found


async def require_code(phone: Phone, school: School, number: str) -> None:
    """The picture on the screen is this card's code of now. Raises what a terminal would."""
    verified = school.verify(read(await phone.picture()), time.time())
    if verified.card_number != number:
        raise WrongPictureError(f"card {verified.card_number}, not {number}")


async def require_square(phone: Phone) -> None:
    """The floor's square is black. Raises WrongPictureError."""
    picture = (await phone.picture()).convert("L").crop(INSIDE_SQUARE)
    if any(picture.histogram()[BLACK_MAX + 1 :]):
        raise WrongPictureError("the floor painted no square")


async def measure(browser: Browser, school: School, rounds: int, traced: int) -> dict[str, Any]:
    """All figures of one phone."""
    card = await new_phone(browser, school.preview_url, school.address())
    card.state |= school.phone_state()
    number = await bind(card, school)
    floor = await new_phone(browser, f"{school.preview_url}/{FLOOR_FOLDER}", school.address())
    card.state["network"] = floor.state["network"] = "none"
    asked: list[str] = []

    def note(request: Request) -> None:
        if API.search(request.url):
            asked.append(request.url)

    card.context.on("request", note)
    ours, least = Rounds(), Rounds()
    for place in range(UNCOUNTED + rounds):
        card_marks, floor_marks = await opened(card), await opened(floor)
        await require_code(card, school, number)
        await require_square(floor)
        if place >= UNCOUNTED:
            ours.add(card_marks)
            least.add(floor_marks)
    parts = []
    for _ in range(traced):
        parts.append(await trace(browser, card))
        await require_code(card, school, number)
    if asked:
        raise WrongPictureError(f"without network it asked {asked[0]}")
    if faults := await card.faults():
        raise WrongPictureError("; ".join(faults))
    figure = "from_launch_to_shown_ms"
    own = [one - two for one, two in zip(ours.taken[figure], least.taken[figure], strict=True)]
    return {
        "card": ours.told(),
        "floor": least.told(),
        "ratio_to_floor": ratio_of(ours.taken[figure], least.taken[figure]),
        "above_floor_ms": Spread.of(own).told(1),
        "rounds_within_aim": sum(one <= AIM_MS for one in ours.taken[figure]),
        "traced_from_launch_to_shown_ms": pooled(parts),
    }


async def trace(browser: Browser, phone: Phone) -> dict[str, float]:
    """One opening under the browser's own tracing: milliseconds by what they went to."""
    blank = await phone.context.new_page()
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        await browser.start_tracing(path=file.name, categories=list(TRACE_CATEGORIES))
        await opened(phone)
        await browser.stop_tracing()
        found = read_trace(Path(file.name))
    await blank.close()
    return found


async def look(school: School, rounds: int, traced: int) -> dict[str, Any]:
    """Measure in a browser of its own."""
    async with open_browser() as browser:
        return await measure(browser, school, rounds, traced)


def run(rounds: int, traced: int) -> dict[str, Any]:
    """Open a school, build the floor beside its preview, measure."""
    with tempfile.TemporaryDirectory(prefix="xm-first-code-") as name:
        folder = Path(name)
        with open_school(folder) as school:
            source = folder / "square"
            for path, text in FLOOR.items():
                (source / path).parent.mkdir(parents=True, exist_ok=True)
                (source / path).write_text(text, encoding="utf-8")
            build_preview(folder / "preview" / FLOOR_FOLDER, "--source", str(source))
            return asyncio.run(look(school, rounds, traced))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the usual rounds")
    asked = parser.parse_args()
    rounds = max(round(ROUNDS * asked.scale), 1)
    figures = run(rounds, max(round(TRACED_ROUNDS * asked.scale), 1))
    figures["load_average"] = load_average()
    tell(figures, as_json=asked.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
