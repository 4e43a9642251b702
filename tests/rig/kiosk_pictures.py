"""Pictures of the kiosk's screens: `python -m tests.rig.kiosk_pictures docs/pictures/kiosk`.

Half the size of the screen, few colours, at most 40 kB each; what was there before is replaced.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.async_api import Page

from backend.domain.access import Role
from backend.migrate import migrate
from backend.tables.cardholder import CardholderRow
from backend.tables.database import DatabaseUrl
from campus_code import ChipKind
from simulators.cards.vpcd import in_field
from tests.rig.chips import handed_out, take_chips
from tests.rig.kiosk import ALL_DAY, KioskProcess, open_kiosk
from tests.rig.office import Office, Student
from tests.rig.pcscd import pcscd
from tests.rig.phone import open_browser
from tests.rig.pictures import SETTLE_MS, small

SCREENS = {"upright": (1080, 1920), "wide": (1920, 1080), "small": (1280, 800)}
IDLE_SECONDS = "30"
PRICES_FEN = (1250, 880, 300, 1500, 620)
ANNOUNCEMENTS = (
    (
        "12 月 2 日晚停水检修",
        "No water on the evening of 2 December",
        "19:00 至 23:00 南区宿舍停水检修，请提前储水。",
        "The south dormitories have no water from 19:00 to 23:00.",
    ),
    (
        "第一食堂三楼恢复营业",
        "Canteen 1, third floor, is open again",
        "自本周一起，早餐 6:30 开始。",
        "From this Monday on; breakfast begins at 6:30.",
    ),
)


@dataclass
class Camera:
    """Takes the page as it is, on screens of several sizes."""

    page: Page
    folder: Path

    async def take(self, name: str, *screens: str) -> None:
        """One picture for each of these screens."""
        for screen in screens:
            width, height = SCREENS[screen]
            await self.page.set_viewport_size({"width": width, "height": height})
            await self.page.wait_for_timeout(SETTLE_MS)
            picture = Image.open(io.BytesIO(await self.page.screenshot()))
            half = picture.resize((width // 2, height // 2), Image.Resampling.LANCZOS)
            path = self.folder / f"{name}-{screen}.png"
            await asyncio.to_thread(path.write_bytes, small(half))

    async def tap(self, key: str) -> None:
        """Touch what has this key."""
        await self.page.locator(f"[data-key={key}]").click()


async def announce(office: Office) -> None:
    """Publish what the idle screen shows."""
    clerk = await office.staff(Role.CARD_OFFICE)
    names = ("title_zh", "title_en", "text_zh", "text_en")
    for texts in ANNOUNCEMENTS:
        body = {**dict(zip(names, texts, strict=True)), "opens_at": office.at - 60}
        body |= {"closes_at": office.at + 86_400}
        answer = await office.http.post("/admin/announcements", json=body, headers=clerk)
        assert answer.status_code == 201, answer.text


async def eat(kiosk: KioskProcess) -> Student:
    """Somebody with a name and a few lunches."""
    student = await kiosk.shop.student(12_345)
    await CardholderRow.filter(id=student.holder_id).update(name="林小满")
    till = await kiosk.shop.till("兰州拉面")
    for fen in PRICES_FEN:
        told = await kiosk.shop.pay(till, kiosk.code(student), fen)
        assert told["outcome"] == "approved", told
    return student


async def take_visit(camera: Camera, kiosk: KioskProcess, student: Student) -> None:
    """Everything a person sees, until the kiosk asks whether he is still there."""
    page = camera.page
    await kiosk.show(student)
    await page.locator(".purses").wait_for()
    await camera.take("overview", *SCREENS)
    await camera.tap("tab-statement")
    await page.locator(".line").first.click()
    await camera.take("statement", "wide")
    await page.locator(".explained button").click()
    await page.locator(".qr").wait_for()
    await camera.take("receipt", "small")
    await camera.tap("close")
    await camera.tap("tab-emergency")
    await camera.tap("show-code")
    await page.locator(".digits").wait_for()
    await camera.take("emergency", "upright")
    await camera.tap("tab-lost")
    await camera.take("lost", "small")
    await camera.tap("freeze")
    await page.locator(".state.frozen").wait_for()
    await camera.take("frozen", "small")
    await camera.tap("tab-notices")
    await camera.take("notices", "small")
    await camera.tap("language")
    await camera.tap("tab-overview")
    await camera.take("overview-en", "small")
    await page.locator(".seconds").wait_for(timeout=40_000)
    await camera.take("still-en", "upright")
    await page.locator(".idle").wait_for(timeout=40_000)


async def take(folder: Path, place: Path) -> None:
    """Take every picture into an existing folder."""
    template = place / "template.sqlite3"
    await migrate(DatabaseUrl.parse(f"sqlite://{template}"))
    async with open_kiosk(place, template) as kiosk, open_browser() as browser:
        await announce(kiosk.office)
        student = await eat(kiosk)
        await kiosk.start("--idle-seconds", IDLE_SECONDS)
        camera = Camera(await browser.new_page(locale="zh-CN"), folder)
        await camera.page.goto(kiosk.url)
        await camera.page.locator(".announced").wait_for()
        await camera.take("idle", *SCREENS)
        await take_visit(camera, kiosk, student)
        await camera.tap("help")
        await camera.take("help", "small")
        await kiosk.stop()
        with pcscd(place):
            await take_card(camera, kiosk)


async def take_card(camera: Camera, kiosk: KioskProcess) -> None:
    """What somebody with a physical card sees, at a kiosk with a contactless reader."""
    await take_chips(kiosk.office, version=3, periods=(ALL_DAY,))
    card = await handed_out(kiosk.office, await eat(kiosk), ChipKind.DESFIRE)
    await kiosk.start("--idle-seconds", IDLE_SECONDS, "--nfc", "Virtual PCD")
    page = camera.page
    await page.goto(kiosk.url)
    await page.get_by_text("请出示校园码或刷卡").wait_for()
    await camera.take("idle-card", "wide", "upright")
    with in_field(card):
        await page.locator(".purses").wait_for()
    await camera.take("overview-card", "small")
    await camera.tap("tab-lost")
    await camera.tap("freeze")
    await page.locator(".state.frozen").wait_for()
    await camera.take("frozen-card", "small")


def main(words: list[str]) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="kiosk_pictures", description="自助机截图 · kiosk screens"
    )
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args(words).folder
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as place:
        asyncio.run(take(folder, Path(place)))
    print(f"{len(list(folder.glob('*.png')))} pictures")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
