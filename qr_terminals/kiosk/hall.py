"""What a kiosk asks the server: visits, what is done in one, what the school announces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from campus_code import FIRST_HASH, Chip
from qr_terminals import SOFTWARE
from qr_terminals.answers import no_sense, read_int
from qr_terminals.cards.phone import Answered
from qr_terminals.errors import ServerError
from qr_terminals.holdings import Held

VISITS: Final = "/terminal/visits"
CHIP_PROOFS: Final = "/terminal/chip-proofs"
PAGE_LINES: Final = 20
SYNC: Final = "/terminal/sync"
ANNOUNCEMENT_FIELDS: Final = ("title_zh", "title_en", "text_zh", "text_en", "opens_at")


class Asking(Protocol):
    """A terminal's way to the server: `qr_terminals.client.Client`."""

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        more: Mapping[str, str] = ...,
    ) -> dict[str, Any]:
        """One signed request."""

    def ask_unsigned(
        self, method: str, path: str, body: Mapping[str, object], more: Mapping[str, str]
    ) -> dict[str, Any]:
        """A request of somebody who logs in here."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A visit at the server: its number, how long it lasts, what it allows, the school's zone."""

    visit_id: int
    seconds: int
    utc_offset_seconds: int
    deeds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChipAsked:
    """What the server tells a chip, and what it wants to have back with the answer."""

    told: bytes
    nonce: str
    asked_at: int


@dataclass(frozen=True, slots=True)
class ChipProof:
    """A chip that was asked, and what it answered; whether it is right the server says."""

    chip: Chip
    heard: bytes
    asked: ChipAsked
    answer: bytes


@dataclass(frozen=True, slots=True)
class Login:
    """What a member of staff types to help somebody; used for one visit and forgotten."""

    login: str
    password: str
    totp: str


class Hall:
    """The server as a kiosk sees it. Every method raises ServerError when there is no answer."""

    def __init__(self, client: Asking) -> None:
        self._client = client

    def open(self, code: str, answered: Answered | None = None) -> Opened:
        """Open a visit with what was scanned; a refusal is a ServerError with its sentences.

        `answered` is what a phone in the field of the reader said to this kiosk's challenge.
        """
        body: dict[str, object] = {"credential": code, "credential_kind": "code"}
        if answered is not None:
            body["challenge"] = answered.told
        return _opened(self._client.ask("POST", VISITS, body))

    def ask_chip(self, chip: Chip, heard: bytes) -> ChipAsked:
        """What to tell a chip in the field that said this first."""
        told = self._client.ask("POST", CHIP_PROOFS, {"chip": str(chip), "heard": heard.hex()})
        return ChipAsked(_hex(told, "told"), _text(told, "nonce"), read_int(told, "asked_at"))

    def open_with_card(self, proof: ChipProof) -> Opened:
        """Open a visit for whoever holds a physical card; the server judges its answer."""
        body = {
            "credential": str(proof.chip),
            "credential_kind": "card",
            "proof": {
                "heard": proof.heard.hex(),
                "nonce": proof.asked.nonce,
                "asked_at": proof.asked.asked_at,
                "answer": proof.answer.hex(),
            },
        }
        return _opened(self._client.ask("POST", VISITS, body))

    def open_with_help(self, login: Login, number: str) -> Opened:
        """Open a visit for the person with this school number, in the name of who helps.

        The session of the member of staff ends here, whatever comes of it.
        """
        factors = {"login": login.login, "password": login.password, "totp": login.totp}
        made = self._client.ask_unsigned("POST", "/staff/sessions", factors, {})
        staff = {"authorization": f"Bearer {_text(made, 'session')}"}
        try:
            found = self._client.ask_unsigned("POST", "/staff/lookups", {"number": number}, staff)
            card = {"card_id": _card_in_use(found)}
            return _opened(self._client.ask("POST", "/terminal/helped-visits", card, staff))
        finally:
            self._client.ask_unsigned("DELETE", "/staff/sessions", {}, staff)

    def leave(self) -> None:
        """Whoever stood here has gone."""
        self._client.ask("DELETE", VISITS)

    def card(self, visit_id: int) -> dict[str, Any]:
        """State, purses and what was spent today."""
        return self._client.ask("GET", f"{VISITS}/{visit_id}/card")

    def payments(self, visit_id: int, month: int, before: int) -> dict[str, Any]:
        """A page of a month's payments."""
        query = f"month={month}&before={before}&limit={PAGE_LINES}"
        return self._client.ask("GET", f"{VISITS}/{visit_id}/payments?{query}")

    def freeze(self, visit_id: int) -> dict[str, Any]:
        """Stop money and doors."""
        body = {"parts": ["money", "doors"]}
        return self._client.ask("POST", f"{VISITS}/{visit_id}/freezes", body)

    def freeze_state(self, visit_id: int) -> dict[str, Any]:
        """The state, and how many terminals know."""
        return self._client.ask("GET", f"{VISITS}/{visit_id}/freezes")

    def found(self, visit_id: int) -> dict[str, Any]:
        """The card was found."""
        return self._client.ask("DELETE", f"{VISITS}/{visit_id}/freezes")

    def emergency_code(self, visit_id: int) -> dict[str, Any]:
        """The day's code."""
        return self._client.ask("POST", f"{VISITS}/{visit_id}/emergency-codes")

    def announcements(self) -> list[dict[str, Any]]:
        """What the school announces now."""
        told = self._client.ask("GET", "/terminal/announcements").get("announcements")
        if not isinstance(told, list):
            raise no_sense("announcements")
        return [{name: one[name] for name in ANNOUNCEMENT_FIELDS} for one in told]

    def beat(self, at: int, readiness: Mapping[str, object]) -> None:
        """Say that this kiosk runs, at Unix second `at` by its clock; it holds no document."""
        heartbeat = {
            "at": at,
            "journal_depth": 0,
            "highest_sequence": 0,
            "journal_hash": FIRST_HASH.hex(),
            "software": SOFTWARE,
            "readiness": dict(readiness),
            "refusals": {},
            "paused": False,
        }
        body = {"versions": Held().versions, "heartbeat": heartbeat, "confirmed_through": 0}
        self._client.ask("POST", SYNC, body)


def _opened(told: Mapping[str, Any]) -> Opened:
    names = ("visit_id", "opened_at", "expires_at", "utc_offset_seconds")
    for name in names:
        if type(told.get(name)) is not int:
            raise no_sense(name)
    visit_id, begins, ends, offset = (told[name] for name in names)
    deeds = told.get("deeds")
    if type(deeds) is not list or not all(type(one) is str for one in deeds):
        raise no_sense("deeds")
    return Opened(visit_id, ends - begins, offset, tuple(deeds))


def _card_in_use(found: Mapping[str, Any]) -> int:
    """The card opened last of those that are not closed."""
    cards = [one for one in found.get("cards", ()) if one.get("state") != "closed"]
    if not cards or type(cards[-1].get("card_id")) is not int:
        raise ServerError("这个人没有在用的卡。", "This person has no card in use.", 404, "no_card")
    card_id: int = cards[-1]["card_id"]
    return card_id


def _hex(told: Mapping[str, Any], name: str) -> bytes:
    try:
        return bytes.fromhex(_text(told, name))
    except ValueError as error:
        raise no_sense(name) from error


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if type(value) is not str:
        raise no_sense(name)
    return value
