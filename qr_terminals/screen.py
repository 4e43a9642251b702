"""
The text screen: what cashier and cardholder see, big, Chinese first.

With `--plain` every view is one JSON line on standard output instead, flushed before anything else
happens: what such a line says was shown, was shown. A scan is named by the first 16 hex digits of
its SHA-256 and its last four digits, never whole: a line in a log must not be usable as a code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TextIO

import orjson

from campus_code import yuan
from qr_terminals.events import View

SCAN_HASH_DIGITS = 16
_CLEAR = "\x1b[2J\x1b[H"
_RULE = "─" * 44
_PLAIN_NOTES = {
    "waiting": ("请出示校园码", "Please show your campus code"),
    "busy": ("请稍候，再扫一次", "One moment, then scan again"),
    "revoked": ("终端已停用", "This terminal is revoked"),
    "lease_over": ("需联网激活", "Activate online: too long without the server"),
    "not_ready": ("终端还没有收到规则和密钥", "This terminal has no rules or keys yet"),
    "nothing_to_void": ("没有可撤销的消费", "There is nothing to void"),
    "unreadable_line": ("不认识的命令", "This line is not understood"),
    "needs_authority": ("需要授权密码", "This needs the authority PIN"),
    "wrong_authority": ("授权密码不对", "The authority PIN is wrong"),
    "authority_locked": ("授权密码已锁定五分钟", "The authority PIN is locked for five minutes"),
    "shift_opened": ("班次已开始", "The shift has begun"),
    "shift_closed": ("班次已结束", "The shift has ended"),
}
_ALARMS = {
    "clock_beyond": (
        "终端时钟与手机相差过大，请尽快联网",
        "This terminal's clock is further off than it may correct itself; connect it soon",
    ),
}


def scan_hash(text: str) -> str:
    """How a scan is named in a line: enough to match it, not enough to use it."""
    return hashlib.sha256(text.encode()).hexdigest()[:SCAN_HASH_DIGITS]


def view_line(view: View) -> dict[str, object]:
    """A view as one JSON object."""
    line: dict[str, object] = {"event": "shown", "result": view.shown_as}
    if view.scan:
        line |= {"scan": scan_hash(view.scan), "last_four": view.scan[-4:]}
    if view.record is not None:
        record = view.record
        line |= {
            "sequence": record.sequence,
            "charged_fen": record.charged_fen,
            "online": record.was_online,
        }
        if view.shown_as == "voided":
            line["reverses"] = record.reverses
    if view.refusal is not None:
        line |= {"reason": view.refusal.reason.value, "evidence": dict(view.refusal.evidence)}
    if view.amount_fen is not None:
        line["amount_fen"] = view.amount_fen
    if view.is_again:
        line["again"] = True
    if view.is_after_restart:
        line["after_restart"] = True
    if view.is_training:
        line["training"] = True
    if view.note != ("", ""):
        line |= {"zh": view.note[0], "en": view.note[1]}
    return line


def view_text(view: View) -> str:
    """A view as large lines for people."""
    lines = [_RULE, *big_lines(view), *small_lines(view), _RULE]
    return "\n".join(lines) + "\n"


class Screen:
    """Writes to one stream; a line is flushed before `show` returns."""

    def __init__(self, out: TextIO, *, is_plain: bool) -> None:
        self._out = out
        self._is_plain = is_plain

    def show(self, view: View) -> None:
        """Put a view on the screen."""
        if self._is_plain:
            self._line(view_line(view))
        else:
            self._write(_CLEAR + view_text(view))

    def tell(self, event: str, facts: Mapping[str, object]) -> None:
        """Something that is no view: ready, status, a synced document, a fault of the network."""
        if self._is_plain:
            self._line({"event": event, **facts})
        elif event == "page":
            self._write(f"  收银页面 · cashier's page: {facts['url']}\n")
        elif event in _ALARMS:
            zh, en = _ALARMS[event]
            self._write(f"  ！{zh}\n    {en}\n")
        elif event == "status":
            self._write("\n".join(f"  {name}: {value}" for name, value in facts.items()) + "\n")

    def pass_time(self) -> None:
        """Nothing here changes by itself."""

    def _line(self, line: Mapping[str, object]) -> None:
        self._write(orjson.dumps(line).decode() + "\n")

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()


def big_lines(view: View) -> list[str]:
    """The result itself, in two languages."""
    record = view.record
    if view.shown_as == "approved" and record is not None:
        return [f"  ✔ 已支付  ￥{yuan(record.charged_fen)}", f"    PAID     {record.sequence}"]
    if view.shown_as == "voided" and record is not None:
        return [f"  ↩ 已撤销 第 {record.reverses} 笔", f"    VOIDED   {record.reverses}"]
    if view.shown_as == "trained":
        fen = view.amount_fen or 0
        return [f"  ✎ 练习，没有扣款 ￥{yuan(fen)}", f"    TRAINING, not charged {yuan(fen)}"]
    if view.refusal is not None:
        refusal = view.refusal
        zh = refusal.reason.sentence("zh", refusal.evidence)
        return [f"  ✘ {zh}", f"    {refusal.reason.sentence('en', refusal.evidence)}"]
    zh, en = view.note if view.note != ("", "") else _PLAIN_NOTES.get(view.shown_as, ("", ""))
    return [f"  {zh}", f"  {en}"]


def small_lines(view: View) -> list[str]:
    """What belongs to it: card, amount, and what is special about it."""
    lines = ["    培训模式，不收款  TRAINING, NO MONEY IS TAKEN"] if view.is_training else []
    if view.record is not None:
        how = "" if view.record.was_online else "  （脱机 offline）"
        lines.append(f"    尾号 {view.record.card_number[-4:]}{how}")
    if view.amount_fen is not None:
        lines.append(f"    金额 amount ￥{yuan(view.amount_fen)}")
    if view.is_again:
        lines.append("    同一个码，没有再次扣款  same code, not charged again")
    if view.is_after_restart:
        lines.append("    重启前的最后一笔  last payment before the restart")
    return lines
