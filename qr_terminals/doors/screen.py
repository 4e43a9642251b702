"""What a door shows: large lines for people, or one JSON line an event with `--plain`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO

import orjson

from qr_terminals.doors.state import DoorView
from qr_terminals.screen import scan_hash

_CLEAR = "\x1b[2J\x1b[H"
_RULE = "─" * 44
_NOTES = {
    "waiting": ("请出示校园码", "Please show your campus code"),
    "admitted": ("✔ 请通行", "PASS"),
    "released": ("✔ 已开门", "Opened by hand"),
    "emergency": ("⚠ 紧急开门，请撤离", "EMERGENCY: all doors open, leave now"),
    "alarm": ("⚠ 火警开门，请撤离", "FIRE ALARM: all doors open, leave now"),
    "lockdown": ("✘ 门已封锁，只出不进", "LOCKED DOWN: out only"),
    "revoked": ("终端已停用", "This terminal is revoked"),
    "not_ready": ("门还没有收到规则和密钥", "This door has no rules or keys yet"),
    "passback_reset": ("进出状态已清除", "Who is inside has been forgotten"),
    "unreadable_line": ("不认识的命令", "This line is not understood"),
}


def door_line(view: DoorView) -> dict[str, object]:
    """A view as one JSON object."""
    line: dict[str, object] = {"event": "shown", "result": view.shown_as}
    if view.scan:
        line |= {"scan": scan_hash(view.scan), "last_four": view.scan[-4:], "side": view.side}
    if view.refusal is not None:
        line |= {"reason": view.refusal.value, "evidence": dict(view.evidence or {})}
    if view.is_again:
        line["again"] = True
    if view.is_passback:
        line["passback"] = True
    if view.note != ("", ""):
        line |= {"zh": view.note[0], "en": view.note[1]}
    return line


def door_text(view: DoorView) -> str:
    """A view as large lines for people."""
    if view.refusal is not None:
        zh = "✘ " + view.refusal.sentence("zh", view.evidence)
        en = view.refusal.sentence("en", view.evidence)
    else:
        zh, en = view.note if view.note != ("", "") else _NOTES[view.shown_as]
    return "\n".join((_RULE, f"  {zh}", f"    {en}", _RULE)) + "\n"


class DoorScreen:
    """Writes to one stream; a line is flushed before `show` returns."""

    def __init__(self, out: TextIO, *, is_plain: bool) -> None:
        self._out = out
        self._is_plain = is_plain

    def show(self, view: DoorView) -> None:
        """Show a view."""
        if self._is_plain:
            self._line(door_line(view))
        else:
            self._write(_CLEAR + door_text(view))

    def tell(self, event: str, facts: Mapping[str, object]) -> None:
        """Something that is no view: ready, status, a synced document, a fault of the network."""
        if self._is_plain:
            self._line({"event": event, **facts})
        elif event == "status":
            self._write("\n".join(f"  {name}: {value}" for name, value in facts.items()) + "\n")

    def _line(self, line: Mapping[str, object]) -> None:
        self._write(orjson.dumps(line).decode() + "\n")

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()
