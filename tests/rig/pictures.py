"""Pictures of every page, for the manual: `python -m tests.rig.pictures docs/pictures/phone`.

Each is a PNG of few colours and at most 40 kB; what was in the folder before is replaced.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser

from tests.rig.phone import open_browser
from tests.rig.preview import School, open_school
from tests.rig.tour import (
    Tour,
    Visit,
    frozen_page,
    guardian_pages,
    money_pages,
    staff_pages,
    student_pages,
)

SIZES = {(375, 812): 1.5, (320, 640): 1.0}
"""Width and height in CSS pixels, and the scale of the picture."""
LANGUAGES = {"zh_CN": "zh", "en": "en"}
COLOURS = (64, 32, 16)
SETTLE_MS = 500
BYTES_MAX = 40 * 1024
PAGES = (student_pages, money_pages, frozen_page, guardian_pages, staff_pages)


class TooLargeError(Exception):
    """A picture does not get small enough."""


def small(picture: Image.Image) -> bytes:
    """The picture as a PNG with as many colours as fit. Raises TooLargeError."""
    for colours in COLOURS:
        reduced = picture.convert("RGB").quantize(colours, dither=Image.Dither.NONE)
        buffer = io.BytesIO()
        reduced.save(buffer, "PNG", optimize=True)
        if buffer.tell() <= BYTES_MAX:
            return buffer.getvalue()
    raise TooLargeError(f"more than {BYTES_MAX} bytes with {COLOURS[-1]} colours")


async def take(school: School, folder: Path) -> int:
    """Take every picture into an existing folder; how many there are."""
    count = 0
    async with open_browser() as browser, school.window():
        for language, suffix in LANGUAGES.items():
            for size, scale in SIZES.items():
                tour = Tour(browser, school, language, size, scale)
                for pages in PAGES:
                    async for visit in pages(tour):
                        await _save(visit, folder / f"{visit.name}-{suffix}-{size[0]}.png")
                        count += 1
        count += await _take_outer(browser, school, folder)
    return count


async def _take_outer(browser: Browser, school: School, folder: Path) -> int:
    """The page around the phone, with the first persona's card in it."""
    for language, suffix in LANGUAGES.items():
        page = await browser.new_page(
            viewport={"width": 1100, "height": 940},
            locale=language.replace("_", "-"),
            timezone_id="Asia/Shanghai",
        )
        await page.goto(f"{school.preview_url}/")
        await page.frame_locator("#screen").locator("page .digits").wait_for()
        await page.wait_for_timeout(SETTLE_MS)
        picture = Image.open(io.BytesIO(await page.screenshot()))
        await asyncio.to_thread((folder / f"preview-{suffix}.png").write_bytes, small(picture))
    return len(LANGUAGES)


async def _save(visit: Visit, path: Path) -> None:
    picture = await visit.phone.picture()
    await asyncio.to_thread(path.write_bytes, small(picture))
    for fault in await visit.phone.faults():
        print(f"{path.name}: {fault}", file=sys.stderr)


def main(words: list[str]) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="pictures", description="拍下每一页 · every page")
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args(words).folder
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    with contextlib.ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        school = stack.enter_context(open_school(place))
        count = asyncio.run(take(school, folder))
    size = sum(path.stat().st_size for path in folder.glob("*.png"))
    print(f"{count} pictures, {size // 1024} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
