"""What is seen while people eat: a bar for each window, or plain lines where there is no screen."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from simulators.lunch.window import Window
from simulators.lunch.witness import Notes

REFRESH_SECONDS = 0.25
PLAIN_SECONDS = 5.0
STATES = {
    "starting": "启动 starting",
    "online": "在线 online",
    "offline": "断网 offline",
    "restarting": "重启 restarting",
}
STYLES = {"online": "green", "offline": "yellow", "restarting": "red", "starting": "dim"}


@contextlib.asynccontextmanager
async def shown_progress(
    console: Console, windows: Sequence[Window], turns: Sequence[int], notes: Notes
) -> AsyncIterator[None]:
    """Show how far each window is, of so many turns, until the block ends."""
    follow = _bars if console.is_terminal else _lines
    showing = asyncio.create_task(follow(console, windows, turns, notes))
    try:
        yield
    finally:
        showing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await showing


async def _bars(
    console: Console, windows: Sequence[Window], turns: Sequence[int], notes: Notes
) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[state]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bars = [
            progress.add_task(window.place.merchant, total=total, state="")
            for window, total in zip(windows, turns, strict=True)
        ]
        whole = progress.add_task("全部 all", total=sum(turns), state="")
        while True:
            for window, bar in zip(windows, bars, strict=True):
                state = f"[{STYLES[window.state]}]{STATES[window.state]}[/]"
                progress.update(bar, completed=window.served, state=state)
            served = sum(window.served for window in windows)
            progress.update(whole, completed=served, state=_sums(notes))
            await asyncio.sleep(REFRESH_SECONDS)


async def _lines(
    console: Console, windows: Sequence[Window], turns: Sequence[int], notes: Notes
) -> None:
    while True:
        parts = [
            f"{window.place.merchant} {window.served}/{total} {STATES[window.state]}"
            for window, total in zip(windows, turns, strict=True)
        ]
        console.print(" | ".join([*parts, _sums(notes)]), soft_wrap=True)
        await asyncio.sleep(PLAIN_SECONDS)


def _sums(notes: Notes) -> str:
    return f"成交 paid {len(notes.displays)} 拒绝 refused {sum(notes.refusals.values())}"
