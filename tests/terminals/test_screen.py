"""What people read, and what machines read."""

from __future__ import annotations

import io

import orjson
import pytest

from campus_code import Dish, Refusal
from qr_terminals.control import Order, read_line
from qr_terminals.events import Refused, View
from qr_terminals.screen import Screen, scan_hash, view_text
from tests.terminals.tills import payment, reversal

CODE = "9072024001301040897646836818487666"


def plain(view: View) -> dict[str, object]:
    out = io.StringIO()
    Screen(out, is_plain=True).show(view)
    line: dict[str, object] = orjson.loads(out.getvalue())
    return line


def test_an_approval_is_one_line_that_names_the_scan_but_does_not_hold_it() -> None:
    line = plain(View("approved", scan=CODE, record=payment(3)))
    assert line == {
        "event": "shown",
        "result": "approved",
        "scan": scan_hash(CODE),
        "last_four": "7666",
        "sequence": 3,
        "charged_fen": 1250,
        "online": False,
    }
    assert CODE not in str(line)


def test_an_approval_is_large_and_in_two_languages() -> None:
    text = view_text(View("approved", scan=CODE, record=payment(3)))
    for words in ("已支付", "12.50", "PAID", "脱机"):
        assert words in text


@pytest.mark.parametrize("reason", list(Refusal))
def test_every_refusal_is_told_in_both_languages(reason: Refusal) -> None:
    view = View("refused", scan=CODE, refusal=Refused(reason, {}))
    text = view_text(view)
    assert reason.zh in text
    assert reason.en in text
    assert plain(view)["reason"] == reason.value


@pytest.mark.parametrize(
    "view,words",
    [
        (View("waiting", amount_fen=880), ("请出示校园码", "8.80")),
        (View("voided", record=reversal(4, 3)), ("已撤销 第 3 笔", "VOIDED")),
        (View("approved", record=payment(1), is_again=True), ("没有再次扣款", "not charged")),
        (View("approved", record=payment(1), is_after_restart=True), ("重启前", "restart")),
        (View("fault", note=("坏了", "broken")), ("坏了", "broken")),
        (View("revoked"), ("终端已停用", "revoked")),
        (View("not_ready"), ("没有收到规则", "no rules")),
        (View("busy"), ("请稍候", "scan again")),
    ],
)
def test_every_view_says_what_it_is(view: View, words: tuple[str, ...]) -> None:
    text = view_text(view)
    for word in words:
        assert word in text


def test_status_is_shown_to_people_and_news_of_the_network_is_not() -> None:
    out = io.StringIO()
    screen = Screen(out, is_plain=False)
    screen.tell("sync_failed", {"why": "down"})
    assert out.getvalue() == ""
    screen.tell("status", {"journal_depth": 3})
    assert "journal_depth: 3" in out.getvalue()


@pytest.mark.parametrize(
    "text,order",
    [
        ("amount 1250", Order("amount", 1250)),
        ("amount -", Order("amount")),
        ("pin 123456", Order("pin", pin="123456")),
        ("void", Order("void")),
        ("  status  ", Order("status")),
        ("quit", Order("quit")),
        ("", Order("")),
        ("amount", Order("")),
        ("amount 0", Order("")),
        ("amount -5", Order("")),
        ("amount 12.5", Order("")),
        ("amount 1e3", Order("")),
        ("amount ١٢", Order("")),
        ("amount 123456789", Order("")),
        ("amount 1 2", Order("")),
        ("pin abc", Order("")),
        ("void 3", Order("void", sequence=3)),
        ("void 3 1234", Order("void", sequence=3, pin="1234")),
        ("void x", Order("")),
        ("void 3 1234 5", Order("")),
        ("dishes 12*2 7", Order("dishes", dishes=(Dish("12", 2), Dish("7")))),
        ("dishes", Order("")),
        ("dishes 12*", Order("dishes", dishes=(Dish("12"),))),
        ("dishes 12345", Order("")),
        ("dishes 1*100", Order("")),
        ("training on", Order("training", is_on=True)),
        ("training off 1234", Order("training", pin="1234")),
        ("training maybe", Order("")),
        ("shift open", Order("shift_open")),
        ("shift open 27", Order("shift_open", cashier=27)),
        ("shift open 1234567", Order("")),
        ("shift close", Order("shift_close")),
        ("shift close 88000", Order("shift_close", amount_fen=88000)),
        ("shift", Order("")),
        ("drop table", Order("")),
    ],
)
def test_a_typed_line_means_one_thing_or_nothing(text: str, order: Order) -> None:
    assert read_line(text) == order
