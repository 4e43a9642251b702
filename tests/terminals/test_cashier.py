"""The cashier's page without a browser: what it is told, and what it may order."""

from __future__ import annotations

import io
import queue
from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import pytest

from campus_code import Dish, Refusal
from qr_terminals.cashier import CashierFace, cashier_routes
from qr_terminals.cashier.facts import view_facts
from qr_terminals.cashier.orders import read_order
from qr_terminals.cashier.page import FILES
from qr_terminals.control import Order
from qr_terminals.errors import RequestError
from qr_terminals.events import Refused, View
from qr_terminals.faces import Faces
from qr_terminals.page import Feed, PageServer
from qr_terminals.screen import Screen
from tests.terminals.bench import Rig
from tests.terminals.campus import FIXED_FEN
from tests.terminals.standin import Standin
from tests.terminals.tills import payment

CODE = "9072024001301040897646836818487666"


class Heard(Feed):
    """A feed that keeps what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.facts: dict[str, Any] = {}
        self.everything = ""

    def publish(self, name: str, facts: Any) -> None:
        super().publish(name, facts)
        raw = orjson.dumps(facts).decode()
        self.facts[name] = orjson.loads(raw)
        self.everything += raw


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def faced(rig: Rig, heard: Heard) -> Rig:
    """A terminal with a page beside its text screen."""
    face = CashierFace(heard, rig.identity, rig.holdings, lambda: rig.clocks.boot)
    object.__setattr__(rig.terminal._parts, "screen", Faces(Screen(rig.out, is_plain=True), face))
    face.follow(rig.terminal)
    rig.terminal._parts.screen.tell("ready", {})
    rig.terminal.tick()
    return rig


def test_a_page_that_comes_is_told_everything(faced: Rig, heard: Heard) -> None:
    assert set(heard.facts) == {"view", "setup", "books", "health"}
    assert heard.facts["view"]["result"] == "waiting"
    assert heard.facts["setup"]["mode"] == "fixed"
    assert heard.facts["books"]["recent"] == []
    assert heard.facts["health"]["was_synced"]
    assert heard.facts["health"]["period"] == ["全天", "all day"]


def test_a_payment_is_shown_and_counted(faced: Rig, heard: Heard, standin: Standin) -> None:
    standin.is_down = True
    code = standin.campus.code(1)
    faced.scan(code)
    assert heard.facts["view"]["result"] == "approved"
    [recent] = heard.facts["books"]["recent"]
    assert (recent["charged_fen"], recent["online"], recent["voided"]) == (FIXED_FEN, False, False)
    assert heard.facts["books"]["period"]["stands_fen"] == FIXED_FEN
    faced.type("void")
    [recent] = heard.facts["books"]["recent"]
    assert (recent["voided"], heard.facts["books"]["day"]["stands_fen"]) == (True, 0)


def test_the_page_never_holds_a_whole_code_a_card_number_or_a_key(
    faced: Rig, heard: Heard, standin: Standin
) -> None:
    code = standin.campus.code(1)
    faced.scan(code)
    faced.scan("12345678901234567890")
    for secret in (code, faced.journal.to_upload()[1][0].card_number, "12345678901234567890"):
        assert secret not in heard.everything
    assert standin.campus.terminal_key.master.hex() not in heard.everything


def test_a_refusal_is_told_in_both_languages_without_a_balance() -> None:
    evidence = {"balance_fen": 123_456, "limit_fen": 5000}
    refused = Refused(Refusal.INSUFFICIENT_FUNDS, evidence)
    facts = view_facts(View("refused", scan=CODE, refusal=refused), "x")
    assert facts["note"][0].startswith("余额不足")  # type: ignore[index]
    assert "1234" not in orjson.dumps(facts).decode()
    assert "evidence" not in facts


def test_the_story_after_a_restart_is_told_as_such() -> None:
    facts = view_facts(View("approved", record=payment(3), is_after_restart=True), "")
    assert (facts["after_restart"], facts["sequence"], facts["charged_fen"]) == (True, 3, 1250)


def test_a_silent_health_is_told_again(faced: Rig, heard: Heard) -> None:
    assert heard.facts["health"]["sync_seconds"] == 0
    faced.clocks.pass_(120)
    faced.terminal.tick()
    assert heard.facts["health"]["sync_seconds"] == 120


@pytest.mark.parametrize(
    "body,order",
    [
        ({"order": "amount", "amount_fen": 1250}, Order("amount", amount_fen=1250)),
        ({"order": "amount", "amount_fen": None}, Order("amount")),
        (
            {"order": "dishes", "dishes": [{"code": "12", "quantity": 2}], "sequence": 7},
            Order("dishes", dishes=(Dish("12", 2),), sequence=7),
        ),
        ({"order": "void", "sequence": 3, "pin": "1234"}, Order("void", sequence=3, pin="1234")),
        ({"order": "pin", "pin": "123456"}, Order("pin", pin="123456")),
        ({"order": "training", "is_on": True}, Order("training", is_on=True)),
        ({"order": "shift_open", "cashier": 27}, Order("shift_open", cashier=27)),
        ({"order": "shift_close", "counted_fen": 0}, Order("shift_close", amount_fen=0)),
    ],
    ids=lambda one: one["order"] if isinstance(one, dict) else "",
)
def test_an_order_from_the_page_is_the_order_of_a_typed_line(
    body: dict[str, Any], order: Order
) -> None:
    assert read_order(body) == order


@pytest.mark.parametrize(
    "body,name",
    [
        ({}, "order"),
        ({"order": "quit"}, "order"),
        ({"order": "status"}, "order"),
        ({"order": ["amount"]}, "order"),
        ({"order": "amount", "amount_fen": 0}, "amount_fen"),
        ({"order": "amount", "amount_fen": True}, "amount_fen"),
        ({"order": "amount", "amount_fen": 12.5}, "amount_fen"),
        ({"order": "amount", "amount_fen": 10**8}, "amount_fen"),
        ({"order": "amount", "amount_fen": 1, "pin": "1"}, "pin"),
        ({"order": "dishes"}, "dishes"),
        ({"order": "dishes", "dishes": [["1", 1]]}, "dishes"),
        ({"order": "dishes", "dishes": [{"code": "1"}]}, "dishes"),
        ({"order": "dishes", "dishes": [{"code": "", "quantity": 1}]}, "code"),
        ({"order": "dishes", "dishes": [{"code": "1", "quantity": 100}]}, "quantity"),
        ({"order": "dishes", "dishes": [{"code": "1", "quantity": None}]}, "quantity"),
        ({"order": "dishes", "dishes": [{"code": "1", "quantity": 1}] * 51}, "dishes"),
        ({"order": "void", "sequence": "3"}, "sequence"),
        ({"order": "void", "pin": 1234}, "pin"),
        ({"order": "pin", "pin": ""}, "pin"),
        ({"order": "pin", "pin": "１２３４"}, "pin"),
        ({"order": "training", "is_on": 1}, "is_on"),
        ({"order": "shift_open", "cashier": -1}, "cashier"),
        ({"order": "shift_close", "counted_fen": 10**13}, "counted_fen"),
    ],
    ids=str,
)
def test_a_wrong_order_is_named(body: dict[str, Any], name: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_order(body)
    assert name in caught.value.zh
    assert name in caught.value.en
    assert caught.value.status == 400


@pytest.fixture
def served() -> Iterator[tuple[httpx.Client, queue.SimpleQueue[Order]]]:
    orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
    server = PageServer(0, cashier_routes(orders.put), Feed())
    server.start()
    headers = {"origin": server.url.rstrip("/")}
    with httpx.Client(base_url=server.url, headers=headers, trust_env=False) as http:
        yield http, orders
    server.stop()


def test_the_page_is_whole_and_asks_nobody_else(
    served: tuple[httpx.Client, queue.SimpleQueue[Order]],
) -> None:
    http, orders = served
    for path in FILES:
        answer = http.get(path)
        assert answer.status_code == 200
        assert "http" not in answer.text.replace("http://www.w3.org/2000/svg", "")
        assert "innerHTML" not in answer.text
    assert http.post("/orders", json={"order": "amount", "amount_fen": 5}).status_code == 202
    assert orders.get_nowait() == Order("amount", amount_fen=5)
    refused = http.post("/orders", json={"order": "amount", "amount_fen": -5})
    assert (refused.status_code, refused.json()["error"]) == (400, "wrong_order")
    assert orders.empty()


def test_several_faces_show_the_same() -> None:
    outs = io.StringIO(), io.StringIO()
    faces = Faces(*(Screen(out, is_plain=True) for out in outs))
    faces.show(View("waiting", amount_fen=880))
    faces.tell("ready", {"sequence": 1})
    faces.pass_time()
    assert outs[0].getvalue() == outs[1].getvalue() != ""
