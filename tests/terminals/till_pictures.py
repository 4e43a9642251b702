"""Pictures of the cashier's page: `python -m tests.terminals.till_pictures FOLDER`."""

from __future__ import annotations

import argparse
import asyncio
import io
import sys
import tempfile
from pathlib import Path

from PIL import Image

from tests.rig.phone import open_browser
from tests.terminals.counter import Counter, open_counter

WIDTH = 720
COLOURS = 48
SETTLE_MS = 300


async def take(folder: Path) -> None:
    """Go through a sale of each kind, and take a picture of each screen."""
    with tempfile.TemporaryDirectory() as home:
        async with open_browser() as browser, open_counter(browser, Path(home)) as counter:
            await _sell(counter, folder)


async def _sell(counter: Counter, folder: Path) -> None:
    page = counter.page
    await counter.shows("idle")
    await counter.tab("价键")
    for name in ("红烧肉", "清炒时蔬", "米饭", "米饭"):
        await page.locator(".dish", has_text=name).click()
    await counter.shows("waiting", "13.00")
    await _keep(counter, folder / "keys.png")
    counter.scan(1)
    await counter.shows("approved")
    await _keep(counter, folder / "paid.png")
    await counter.tab("菜号")
    await counter.type("12*2")
    await counter.type("2")
    await page.keyboard.type("21")
    await counter.shows("waiting", "9.60")
    await _keep(counter, folder / "codes.png")
    counter.program.scan(counter.last_code)
    await counter.shows("refused")
    await _keep(counter, folder / "refused.png")
    counter.scan(2)
    await counter.press("最近十笔")
    await _keep(counter, folder / "records.png")
    await counter.press("关闭")
    await counter.shows("idle")
    counter.program.type("training on")
    counter.program.type("amount 850")
    await counter.shows("waiting", "8.50")
    counter.scan(3)
    await counter.shows("trained")
    await _keep(counter, folder / "training.png")


async def _keep(counter: Counter, path: Path) -> None:
    await counter.page.wait_for_timeout(SETTLE_MS)
    picture = Image.open(io.BytesIO(await counter.page.screenshot())).convert("RGB")
    picture = picture.resize(
        (WIDTH, picture.height * WIDTH // picture.width), Image.Resampling.LANCZOS
    )
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def main(words: list[str]) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="till_pictures", description="拍下收银页面")
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args(words).folder
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
