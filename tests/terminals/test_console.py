"""The Textual screen: what it shows, what its keys order, and that it ends with its terminal."""

from __future__ import annotations

import contextlib
import itertools
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Digits, Static

from campus_code import Dish, Refusal
from qr_terminals.__main__ import main
from qr_terminals.console import SCANNER_TYPES, Console, Shown, Told
from qr_terminals.control import Order
from qr_terminals.events import Refused, View
from tests.terminals.program import ROOT
from tests.terminals.standin import TOKEN, Standin
from tests.terminals.tills import payment

SECONDS = 20


@pytest.fixture
def orders() -> list[Order]:
    return []


@pytest.fixture
def console(orders: list[Order]) -> Console:
    """A console on whose clock a second passes with each key."""
    ticks = itertools.count(1)
    return Console("一号窗口", orders.append, lambda: float(next(ticks)))


@pytest.mark.parametrize(
    "keys,order",
    [
        ("12.5", Order("amount", amount_fen=1250)),
        ("8", Order("amount", amount_fen=800)),
        ("0.05", Order("amount", amount_fen=5)),
        ("1.2.3a", Order("amount", amount_fen=123)),
        ("/12*2", Order("dishes", dishes=(Dish("12", 2),))),
        (":void 41", Order("void", sequence=41)),
        (":training on", Order("training", is_on=True)),
    ],
)
async def test_keys_give_the_orders_of_typed_lines(
    console: Console, orders: list[Order], keys: str, order: Order
) -> None:
    async with console.run_test() as pilot:
        await pilot.press(*["space" if key == " " else key for key in keys], "enter")
        assert orders == [order]


async def test_what_means_nothing_is_not_sent(console: Console, orders: list[Order]) -> None:
    async with console.run_test() as pilot:
        await pilot.press("enter", *"abc", "enter", *":nonsense", "enter")
        assert orders == []
        await pilot.press("escape")
        assert orders == [Order("amount")]


async def test_a_dish_is_added_to_what_is_asked_for(console: Console, orders: list[Order]) -> None:
    async with console.run_test() as pilot:
        console.post_message(Shown(View("waiting", amount_fen=900, dishes=(Dish("12", 2),))))
        await pilot.press(*"/1", "enter")
        assert orders == [Order("dishes", dishes=(Dish("12", 2), Dish("1")))]


async def test_a_scanner_that_types_orders_nothing(orders: list[Order]) -> None:
    ticks = itertools.count(1)
    console = Console("", orders.append, lambda: next(ticks) / 1000)
    async with console.run_test() as pilot:
        await pilot.press(*"9072024001301040897646836818487666", "enter")
        assert orders == []
        assert str(console.query_one("#typed", Static).content) == SCANNER_TYPES


async def test_results_are_large_coloured_and_in_two_languages(console: Console) -> None:
    refused = View("refused", refusal=Refused(Refusal.FROZEN))
    async with console.run_test() as pilot:
        result = console.query_one("#result", Static)
        for view, words in (
            (View("approved", record=payment(3)), ("已支付", "PAID", "12.50", "脱机")),
            (refused, (Refusal.FROZEN.zh, Refusal.FROZEN.en)),
            (View("trained", amount_fen=800, is_training=True), ("练习", "TRAINING")),
        ):
            console.post_message(Shown(view))
            await pilot.pause()
            assert all(word in str(result.content) for word in words)
            assert result.has_class(view.shown_as)
            assert result.has_class("training") == view.is_training
        assert console.query_one("#amount", Digits).value == "8.00"
        console.post_message(Told("就绪 100"))
        await pilot.pause()
        assert str(console.query_one("#top", Static).content) == "就绪 100"


@pytest.fixture
def screen(standin: Standin, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The program on a text terminal of its own."""
    standin.is_live = True
    home = tmp_path / "home"
    assert main(["enrol", f"xm1:{standin.url}|{TOKEN}", "--home", str(home)]) == 0
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "qr_terminals", "--home", str(home), "--console"]
    environ = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"}
    process = subprocess.Popen(
        words, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, env=environ
    )
    os.close(theirs)
    yield process, ours
    if process.poll() is None:
        process.kill()
        process.wait()
    os.close(ours)


def read_until(screen: int, words: str) -> None:
    told, until = b"", time.monotonic() + SECONDS
    while words.encode() not in told:
        assert time.monotonic() < until, told[-500:]
        if select.select([screen], [], [], 0.1)[0]:
            told += os.read(screen, 65_536)


def test_the_program_runs_on_a_text_terminal_and_ends_with_it(
    screen: tuple[subprocess.Popen[bytes], int],
) -> None:
    process, ours = screen
    read_until(ours, "请出示校园码")
    os.write(ours, b"\x11")  # control and Q
    with contextlib.suppress(OSError):  # the other end is closed: the program has ended
        while select.select([ours], [], [], SECONDS)[0]:
            os.read(ours, 65_536)
    assert process.wait(SECONDS) == 0
