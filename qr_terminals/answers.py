"""What the server answers, read strictly: an answer that makes no sense is none (ServerError)."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from campus_code import FIRST_HASH, Refusal
from qr_terminals.drill import DrillOrder
from qr_terminals.errors import ServerError

_REFUSALS = {one.value: one for one in Refusal}


@dataclass(frozen=True, slots=True)
class Answer:
    """The server's verdict on one online tap; amounts are fen, zero when declined."""

    is_approved: bool
    reason: str = ""
    evidence: Mapping[str, int | str] | None = None
    nominal_fen: int = 0
    discount_fen: int = 0
    fee_fen: int = 0
    charged_fen: int = 0
    period_id: str = ""
    business_on: int = 0
    class_id: int = 0

    @property
    def refusal(self) -> Refusal | None:
        """The reason as our enum, None for a word newer than this program."""
        return _REFUSALS.get(self.reason)


@dataclass(frozen=True, slots=True)
class UploadOutcome:
    """What became of one uploaded record."""

    sequence: int
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class SyncAnswer:
    """
    The server's time, the documents this terminal lacks, how far the server has records, the drill
    that this terminal is in, and up to which opening second the server has its shifts that ended.
    """

    server_at: int
    documents: tuple[bytes, ...]
    confirmed_through: int
    drill: DrillOrder | None = None
    shifts_through: int = 0


@dataclass(frozen=True, slots=True)
class DoorEventsHeld:
    """How far the server has a door's events, and their chain's hash there."""

    through: int
    chain: bytes


def read_int(reply: Mapping[str, Any], name: str) -> int:
    """A whole number that is not negative."""
    value = reply.get(name)
    if type(value) is not int or value < 0:
        raise no_sense(name)
    return value


def read_hash(reply: Mapping[str, Any], name: str) -> bytes:
    """A chain hash, told in hexadecimal."""
    try:
        value = bytes.fromhex(str(reply.get(name)))
    except ValueError as error:
        raise no_sense(name) from error
    if len(value) != len(FIRST_HASH):
        raise no_sense(name)
    return value


def read_list(reply: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of objects."""
    value = reply.get(name)
    if type(value) is not list or not all(type(one) is dict for one in value):
        raise no_sense(name)
    return value


def read_drill(value: object) -> DrillOrder | None:
    """An older server says nothing of drills."""
    if value is None:
        return None
    if type(value) is not dict:
        raise no_sense("drill")
    return DrillOrder(read_int(value, "id"), read_int(value, "seconds"))


def read_document(value: object) -> bytes:
    """A document in base64."""
    try:
        if type(value) is not str:
            raise no_sense("b64")
        return base64.b64decode(value, validate=True)
    except ValueError as error:
        raise no_sense("b64") from error


def read_outcome(one: Mapping[str, Any]) -> UploadOutcome:
    """What became of one record."""
    outcome, reason = one.get("outcome"), one.get("reason")
    if type(outcome) is not str:
        raise no_sense("outcome")
    return UploadOutcome(read_int(one, "sequence"), outcome, reason if type(reason) is str else "")


def read_answer(reply: Mapping[str, Any]) -> Answer:
    """The verdict on one tap; its amounts must fit together."""
    outcome = reply.get("outcome")
    if outcome == "declined":
        evidence = reply.get("evidence")
        return Answer(
            is_approved=False,
            reason=str(reply.get("reason", "")),
            evidence=evidence if type(evidence) is dict else {},
        )
    if outcome != "approved":
        raise no_sense("outcome")
    discount, period_id = reply.get("discount_fen"), reply.get("period_id")
    if type(discount) is not int or type(period_id) is not str:
        raise no_sense("discount_fen or period_id")
    answer = Answer(
        is_approved=True,
        nominal_fen=read_int(reply, "nominal_fen"),
        discount_fen=discount,
        fee_fen=read_int(reply, "fee_fen"),
        charged_fen=read_int(reply, "charged_fen"),
        period_id=period_id,
        business_on=read_int(reply, "business_on"),
        class_id=read_int(reply, "class_id"),
    )
    if answer.charged_fen != answer.nominal_fen - answer.discount_fen + answer.fee_fen:
        raise no_sense("charged_fen")
    return answer


def read_events(lines: Iterator[str]) -> Iterator[tuple[str, bytes]]:
    """Server-sent events as they come: the name, and the document in it or b""."""
    name, data = "message", ""
    for line in lines:
        if line.startswith("event:"):
            name = line.removeprefix("event:").strip()
        elif line.startswith("data:"):
            data += line.removeprefix("data:").strip()
        elif not line and data:
            yield name, _pushed(data)
            name, data = "message", ""


def _pushed(data: str) -> bytes:
    """The document in an event, b"" when it is a wake-up or makes no sense: a sync follows."""
    try:
        told = orjson.loads(data)
        return base64.b64decode(told["document"], validate=True)
    except (ValueError, KeyError, TypeError):
        return b""


def no_sense(name: str) -> ServerError:
    """The fault of an answer in which this is wrong."""
    return ServerError(
        f"服务器的回答不完整（{name}）。", f"The server's answer makes no sense: {name}."
    )
