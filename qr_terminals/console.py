"""
The cashier's screen in a text terminal: for small boxes, and over SSH. Textual.

One more face of the same terminal. Digits and Enter ask for an amount; with a menu, a code or
`12*2` after `/` adds a dish. `:` begins any typed line that the control channel knows (`:void 41`).
What is typed faster than a person can is a scanner in keyboard mode and means nothing.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from textual.app import App, ComposeResult
from textual.events import Key
from textual.message import Message
from textual.widgets import Digits, Static

from campus_code import Dish, yuan
from qr_terminals.config import Identity
from qr_terminals.control import NOT_UNDERSTOOD, Order, read_line
from qr_terminals.events import View
from qr_terminals.readiness import measure
from qr_terminals.screen import big_lines, small_lines
from qr_terminals.terminal import Terminal

HEALTH_SECONDS: Final = 2.0
BURST_KEYS: Final = 6
BURST_SECONDS: Final = 0.03
QUIET_SECONDS: Final = 0.3
TYPED_MAX: Final = 60
HINT: Final = "0-9 . 金额  ⏎ 收款  / 菜号  : 命令  Esc 清除  ^Q 退出"
SCANNER_TYPES: Final = "扫码枪在键盘模式，请改成串口  The scanner types keys: set it to serial"
_AMOUNT: Final = re.compile(r"[0-9]{1,6}(\.[0-9]{0,2})?")
_BEGINNINGS: Final = frozenset("/:")


class Shown(Message):
    """A view for the screen."""

    def __init__(self, view: View) -> None:
        self.view = view
        super().__init__()


class Told(Message):
    """The line on top."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__()


class Console(App[None]):
    """The screen. `sink` takes orders; `clock` is seconds that only go on."""

    CSS = """
    #top { background: #22304a; color: white; padding: 0 1; }
    #result { height: 1fr; content-align: center middle; text-align: center; text-style: bold; }
    #amount { width: 100%; text-align: center; height: 4; }
    #typed { height: 3; padding: 1 2; background: $surface; text-style: bold; }
    #hint { color: $text-muted; padding: 0 1; }
    .approved { background: #00573f; color: white; }
    .refused, .fault, .revoked { background: #b33a00; color: white; }
    .voided { background: #5a2a6b; color: white; }
    .training { border: heavy #f5c400; }
    """
    BINDINGS: ClassVar = []
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self, title: str, sink: Callable[[Order], None], clock: Callable[[], float]
    ) -> None:
        super().__init__()
        self._title = title
        self._sink = sink
        self._clock = clock
        self._typed = ""
        self._dishes: tuple[Dish, ...] = ()
        self._burst = 0
        self._key_at = 0.0
        self.is_up = threading.Event()

    def compose(self) -> ComposeResult:
        """Top line, result, amount, what is typed, hint."""
        yield Static(self._title, id="top", markup=False)
        yield Static("正在启动  Starting", id="result", markup=False)
        yield Digits("", id="amount")
        yield Static("", id="typed", markup=False)
        yield Static(HINT, id="hint", markup=False)

    def on_mount(self) -> None:
        """From now on messages arrive."""
        self.is_up.set()

    def on_shown(self, message: Shown) -> None:
        """Put a view on the screen."""
        view = message.view
        self._dishes = view.dishes
        result = self.query_one("#result", Static)
        result.set_classes([view.shown_as, *(["training"] if view.is_training else [])])
        lines = [line.strip() for line in (*big_lines(view), "", *small_lines(view))]
        result.update("\n".join(lines))
        fen = view.record.charged_fen if view.shown_as == "approved" and view.record else None
        fen = view.amount_fen if fen is None else fen
        self.query_one("#amount", Digits).update(yuan(fen) if fen else "")

    def on_told(self, message: Told) -> None:
        """Put the top line on the screen."""
        self.query_one("#top", Static).update(message.text)

    def on_key(self, event: Key) -> None:
        """A key of the keyboard or the number pad."""
        event.stop()
        if self._is_burst():
            self._write("", SCANNER_TYPES)
            return
        if event.key == "enter":
            self._enter()
        elif event.key in ("escape", "delete"):
            self._write("")
            self._sink(Order("amount"))
        elif event.key == "backspace":
            self._write(self._typed[:-1])
        else:
            self._type(event.character or "")

    def _type(self, character: str) -> None:
        is_command = self._typed[:1] in _BEGINNINGS
        is_start = not self._typed and character in _BEGINNINGS
        text = self._typed + character
        is_right = is_command and character.isprintable() and len(text) <= TYPED_MAX
        if character and (is_right or is_start or _AMOUNT.fullmatch(text)):
            self._write(text)

    def _enter(self) -> None:
        order = self._order(self._typed)
        if order is NOT_UNDERSTOOD:
            self._write(self._typed, "？")
        elif self._typed:
            self._sink(order)
            self._write("")

    def _order(self, typed: str) -> Order:
        if typed.startswith(":"):
            return read_line(typed[1:])
        if typed.startswith("/"):
            added = read_line(f"dishes {typed[1:]}")
            if added is NOT_UNDERSTOOD:
                return added
            return Order("dishes", dishes=(*self._dishes, *added.dishes))
        whole, _, part = typed.partition(".")
        return read_line(f"amount {int(whole or 0) * 100 + int(part.ljust(2, '0'))}")

    def _write(self, typed: str, note: str = "") -> None:
        self._typed = typed
        self.query_one("#typed", Static).update(note or typed)

    def _is_burst(self) -> bool:
        now = self._clock()
        pause, self._key_at = now - self._key_at, now
        if self._burst >= BURST_KEYS and pause < QUIET_SECONDS:
            return True
        self._burst = self._burst + 1 if pause < BURST_SECONDS else 0
        return self._burst >= BURST_KEYS


class ConsoleFace:
    """A terminal's face on a console; the console runs on another thread."""

    def __init__(self, console: Console, identity: Identity, clock: Callable[[], float]) -> None:
        self._console = console
        self._identity = identity
        self._clock = clock
        self._terminal: Terminal | None = None
        self._health_at = 0.0
        self._has_shown = False

    def follow(self, terminal: Terminal) -> None:
        """Tell this terminal's health from now on."""
        self._terminal = terminal

    def show(self, view: View) -> None:
        """Hand the view over; nobody waits."""
        self._has_shown = True
        self._console.post_message(Shown(view))

    def tell(self, event: str, _facts: Mapping[str, object]) -> None:
        """The first view when nothing else was shown; then the health is told anew."""
        terminal = self._terminal
        if event == "ready" and terminal is not None and not self._has_shown:
            self.show(View("waiting", amount_fen=terminal.state.amount_fen))
        self._health_at = 0.0

    def pass_time(self) -> None:
        """The top line, every two seconds."""
        terminal = self._terminal
        if terminal is None or self._clock() < self._health_at:
            return
        self._health_at = self._clock() + HEALTH_SECONDS
        condition = terminal.condition()
        taken = terminal.till.memory.takings.of_day(terminal.till.period()[0])
        parts = (
            f"{self._identity.merchant} {self._identity.name}",
            f"就绪 ready {measure(condition).score}",
            f"同步 synced {condition.sync_seconds // 60} min",
            f"待传 pending {condition.depth}",
            f"今日 today {taken.payments} · ¥{yuan(taken.stands_fen)}",
        )
        self._console.post_message(Told("  │  ".join(parts)))


class ConsoleRun:
    """A console and its face; the console has the main thread, the terminal one of its own."""

    def __init__(
        self, identity: Identity, sink: Callable[[Order], None], clock: Callable[[], float]
    ) -> None:
        self._console = Console(f"{identity.merchant} {identity.name}", sink, clock)
        self.face = ConsoleFace(self._console, identity, clock)

    def run(self, work: Callable[[], None], end: Callable[[], None]) -> None:
        """Work until the console is closed, which ends the work, or until the work has ended."""
        failed: list[BaseException] = []

        def work_and_close() -> None:
            self._console.is_up.wait()
            try:
                work()
            except BaseException as error:  # noqa: BLE001  # told by the main thread, below
                failed.append(error)
            self._console.call_later(self._console.exit)

        thread = threading.Thread(target=work_and_close, name="terminal", daemon=True)
        thread.start()
        self._console.run()
        end()
        thread.join()
        if failed:
            raise failed[0]
