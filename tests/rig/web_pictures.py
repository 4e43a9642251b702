"""Pictures of the office's web: `python -m tests.rig.web_pictures docs/pictures/office`.

One of each page in Chinese on a desk's screen, and a few in English, dark and on a phone; halved,
few colours, at most 40 kB each. Pictures of other names stay.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import sys
import tempfile
from pathlib import Path

from PIL import Image

from backend.config import OFFICE
from backend.domain.access import Role
from backend.migrate import migrate
from backend.tables.database import DatabaseUrl
from scripts.build_office import build
from tests.rig.office import open_office
from tests.rig.phone import open_browser
from tests.rig.pictures import small
from tests.rig.web import Web, open_web
from tests.rig.web_school import open_web_school
from tests.rig.web_tour import kind_of, tour

ENTRIES = "() => Array.from(document.querySelectorAll('nav .entry'), one => one.pathname)"
DARK = ("/now", "/rules/tap")
PHONE = ("/merchant",)


async def take(web: Web, folder: Path) -> int:
    """Take every picture into an existing folder; how many there are."""
    await web.enter(Role.ADMIN)
    count = 0
    async for path in tour(web):
        await _save(web, folder, name_of(path))
        count += 1
        if kind_of(path) in DARK:
            await web.show("desk", is_dark=True)
            await web.settle()
            await _save(web, folder, f"{name_of(path)}-dark")
            await web.show("desk")
            count += 1
    for path in PHONE:
        await web.show("phone")
        await web.go(path)
        await web.settle()
        await _save(web, folder, f"{name_of(path)}-phone")
        count += 1
    return count


def name_of(path: str) -> str:
    """`/people/71` → `people-n`."""
    return kind_of(path).strip("/").replace("/", "-").lower() or "home"


async def _save(web: Web, folder: Path, name: str) -> None:
    picture = Image.open(io.BytesIO(await web.page.screenshot()))
    size = picture.size
    if size[0] > 1000:
        size = (size[0] * 2 // 3, size[1] * 2 // 3)
    reduced = picture.resize(size, Image.Resampling.LANCZOS)
    await asyncio.to_thread((folder / f"{name}.png").write_bytes, small(reduced))


async def _run(folder: Path) -> int:
    assert build(OFFICE) == 0
    with tempfile.TemporaryDirectory() as place:
        url = f"sqlite://{Path(place) / 'xiaoma.sqlite3'}"
        await migrate(DatabaseUrl.parse(url))
        async with (
            open_office(url, Path(place), XIAOMA_OFFICE=str(OFFICE)) as office,
            open_web_school(office, url),
            open_browser() as browser,
            open_web(browser, office) as web,
        ):
            return await take(web, folder)


def main(words: list[str]) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Take the pictures of the office's web.")
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args(words).folder
    folder.mkdir(parents=True, exist_ok=True)
    print(f"{asyncio.run(_run(folder))} pictures in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
