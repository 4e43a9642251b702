"""Answers read strictly: whatever is no answer is treated as none."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from campus_code import Refusal
from qr_terminals.answers import (
    read_answer,
    read_document,
    read_events,
    read_int,
    read_list,
    read_outcome,
)
from qr_terminals.errors import ServerError
from tests.terminals.bench import Rig
from tests.terminals.standin import Standin

APPROVED: dict[str, Any] = {
    "outcome": "approved",
    "nominal_fen": 1000,
    "discount_fen": 100,
    "fee_fen": 50,
    "charged_fen": 950,
    "class_id": 1,
    "period_id": "lunch",
    "business_on": 20260101,
}


def test_an_approval_is_read() -> None:
    answer = read_answer(APPROVED)
    assert (answer.is_approved, answer.charged_fen, answer.class_id) == (True, 950, 1)


@pytest.mark.parametrize("name", sorted(APPROVED))
@pytest.mark.parametrize("value", [None, True, "950", 9.5, [], {}])
def test_an_approval_with_a_wrong_field_is_no_answer(name: str, value: object) -> None:
    if name == "period_id" and value == "950":
        return  # a text is what a period is
    with pytest.raises(ServerError):
        read_answer({**APPROVED, name: value})


@pytest.mark.parametrize("charged", [949, 951, 0, -950])
def test_amounts_that_do_not_add_up_are_no_answer(charged: int) -> None:
    with pytest.raises(ServerError, match="makes no sense"):
        read_answer({**APPROVED, "charged_fen": charged})


def test_a_refusal_is_read_and_a_newer_word_is_none_of_ours() -> None:
    told = read_answer({"outcome": "declined", "reason": "frozen", "evidence": {"limit_fen": 5}})
    assert (told.refusal, told.evidence) == (Refusal.FROZEN, {"limit_fen": 5})
    assert read_answer({"outcome": "declined", "reason": "from_the_future"}).refusal is None


@pytest.mark.parametrize(
    "read",
    [
        lambda: read_int({"n": True}, "n"),
        lambda: read_int({"n": -1}, "n"),
        lambda: read_int({}, "n"),
        lambda: read_list({"l": [1]}, "l"),
        lambda: read_list({"l": {}}, "l"),
        lambda: read_document("%%%"),
        lambda: read_document(5),
        lambda: read_outcome({"sequence": 1}),
        lambda: read_outcome({"sequence": "1", "outcome": "posted"}),
    ],
)
def test_wrong_parts_are_no_answer(read: Any) -> None:
    with pytest.raises(ServerError, match="makes no sense"):
        read()


def test_events_are_read_line_by_line() -> None:
    document = base64.b64encode(b"signed").decode()
    lines = [
        ": ping",
        "",
        "event: denylist",
        f'data: {{"version": 3, "document": "{document}"}}',
        "",
        "event: rules",
        'data: {"version": 4}',
        "",
        "event: broken",
        "data: {",
        "",
    ]
    assert list(read_events(iter(lines))) == [
        ("denylist", b"signed"),
        ("rules", b""),
        ("broken", b""),
    ]


def test_a_server_that_answers_nonsense_is_no_server(rig: Rig, standin: Standin) -> None:
    with pytest.raises(ServerError, match="did not answer"):
        _dead(rig, standin)


def _dead(rig: Rig, standin: Standin) -> None:
    standin.is_down = True
    rig.client.pay({"sequence": 1}, 1.0)
