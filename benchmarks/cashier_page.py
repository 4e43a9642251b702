"""`python3 benchmarks/cashier_page.py [--json]`: how soon after a scan is the result painted?

A terminal program with a scanner on a pty, a stand-in server on loopback that answers at once, the
cashier's page in Chromium. Each scan is timed from the write into the pty to the frame after the
page changed. In turns with it a floor: an empty page on the same page server that writes one number
when it is told one, so what events, a browser's frames and this machine cost. A scan that was not
approved ends the run. At the end: the program's memory.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=True)

from playwright.async_api import Browser, Page

from benchmarks.figures import Spread, load_average, ratio_of, tell
from qr_terminals.page import Feed, PageServer, file_routes
from tests.rig.phone import open_browser
from tests.terminals.counter import Counter, open_counter

ROUNDS = 30
UNCOUNTED = 3
AIM_MS = 30
AIM_MIB = 64
WAIT_SECONDS = 5
WRONG = frozenset(("refused", "busy", "fault", "revoked", "not_ready", "trained"))
AMOUNT = "amount 880"
FLOOR_PAGE = '<!doctype html><body data-result="0"><script src="/floor.js"></script></body>'
FLOOR_SCRIPT = """
new EventSource('/events').addEventListener('number', (event) => {
  document.body.dataset.result = JSON.parse(event.data).n;
});
"""
WATCH = """
addEventListener('DOMContentLoaded', () => new MutationObserver(() => requestAnimationFrame(() => {
  const painted = new MessageChannel();  // its message comes after the frame is painted
  painted.port1.onmessage = () =>
    tellPaint(document.body.dataset.result, performance.timeOrigin + performance.now());
  painted.port2.postMessage(0);
})).observe(document.body, { attributeFilter: ['data-result'] }));
"""


class WrongPaintError(Exception):
    """What was painted is not what should have been."""


@dataclass
class Watched:
    """A page that says when it painted what; milliseconds of Unix time."""

    page: Page
    paints: asyncio.Queue[tuple[str, float]] = field(default_factory=asyncio.Queue)

    async def watch(self) -> None:
        """Begin; the page is opened anew."""
        await self.page.expose_function(
            "tellPaint", lambda what, at: self.paints.put_nowait((str(what), float(at)))
        )
        await self.page.add_init_script(WATCH)
        await self.page.reload()

    async def painted(self, what: str) -> float:
        """When this was painted."""
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                told, at = await self.paints.get()
                if told == what:
                    return at
                if told in WRONG:
                    raise WrongPaintError(f"{told} instead of {what}")


async def scan(counter: Counter, watched: Watched, number: int) -> float:
    """One payment; milliseconds from the scan to the frame."""
    counter.program.type(AMOUNT)
    await watched.painted("waiting")
    text = counter.code(number)
    begun_at = time.time()
    await asyncio.to_thread(counter.program.scan, text)
    taken = await watched.painted("approved") - begun_at * 1000
    await watched.painted("idle")
    return taken


async def floor(feed: Feed, watched: Watched, number: int) -> float:
    """One number; milliseconds from publishing it to the frame."""
    begun_at = time.time()
    feed.publish("number", {"n": str(number)})
    return await watched.painted(str(number)) - begun_at * 1000


async def measure(browser: Browser, folder: Path, rounds: int) -> dict[str, Any]:
    """Everything, as JSON."""
    (folder / "floor.html").write_text(FLOOR_PAGE)
    (folder / "floor.js").write_text(FLOOR_SCRIPT)
    feed = Feed()
    routes = file_routes(folder, {"/": "floor.html", "/floor.js": "floor.js"})
    server = PageServer(0, routes, feed)
    server.start()
    empty = Watched(await browser.new_page())
    await empty.page.goto(server.url)
    await empty.watch()
    scans: list[float] = []
    floors: list[float] = []
    try:
        async with open_counter(browser, folder) as counter:
            till = Watched(counter.page)
            await till.watch()
            await counter.shows("idle")
            for number in range(rounds + UNCOUNTED):
                scans.append(await scan(counter, till, number))
                floors.append(await floor(feed, empty, number + 1))
            memory = memory_mib(counter.program.process.pid)
    finally:
        server.stop()
    scans, floors = scans[UNCOUNTED:], floors[UNCOUNTED:]
    return {
        "rounds_within_aim": sum(one <= AIM_MS for one in scans),
        "scan_to_painted_ms": Spread.of(scans).told(1),
        "empty_page_ms": Spread.of(floors).told(1),
        "scan_to_empty_page": ratio_of(scans, floors),
        "program": memory,
        "aims": {"scan_to_painted_ms": AIM_MS, "rss_mib": AIM_MIB},
    }


def memory_mib(pid: int) -> dict[str, float]:
    """A process's resident and proportional memory (Linux)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    kib = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
    return {"rss_mib": round(kib["Rss"] / 1024, 1), "pss_mib": round(kib["Pss"] / 1024, 1)}


async def run(rounds: int) -> dict[str, Any]:
    """Measure in a browser and a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_browser() as browser:
            return await measure(browser, Path(folder), rounds)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the usual rounds")
    asked = parser.parse_args()
    figures = asyncio.run(run(max(round(ROUNDS * asked.scale), 1)))
    figures["load_average"] = load_average()
    tell(figures, as_json=asked.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
