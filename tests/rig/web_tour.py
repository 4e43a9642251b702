"""Every page of the office's web, found by following its links as a person would."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import AsyncIterator

from tests.rig.web import Web

PAGES_MAX = 120
LINKS = """() => Array.from(
  document.querySelectorAll('.frame a[href^="/office/"]'), one => one.getAttribute("href")
)"""


def kind_of(path: str) -> str:
    """Which page an address is of: `/people/71?tab=cards` is one with `/people/9`."""
    return re.sub(r"\d+", "N", re.split(r"[?#]", path, maxsplit=1)[0].rstrip("/")) or "/"


async def tour(web: Web) -> AsyncIterator[str]:
    """Open one page of each kind that can be reached from the home page; its address."""
    waiting, seen = deque(["/"]), {"/"}
    while waiting:
        path = waiting.popleft()
        await web.go(path)
        await web.settle()
        yield path
        found: list[str] = await web.page.evaluate(LINKS)
        for link in found:
            inner = link.removeprefix("/office") or "/"
            if kind_of(inner) not in seen:
                seen.add(kind_of(inner))
                waiting.append(inner)
        assert len(seen) < PAGES_MAX, sorted(seen)
