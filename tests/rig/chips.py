"""A school whose cardholders have chips: rules that take them, shared keys, cards that answer."""

from __future__ import annotations

import os
from typing import Any

from backend.usecases.chips.bind_chip import bind_chip
from backend.usecases.chips.open_chip_kinds import open_chip_kinds
from backend.usecases.key_board import open_chip_keys
from campus_code import Chip, ChipKind, ChipRules, NfcRules
from simulators.cards.classic import Classic
from simulators.cards.cpu import NAME, CpuCard
from simulators.cards.desfire import APPLICATION, Desfire
from tests.rig.hall import Kiosk, build_hall
from tests.rig.office import SYSTEM, Office, Student

Written = Desfire | CpuCard | Classic
NFC = NfcRules(
    (
        ChipRules(ChipKind.DESFIRE, 5000, 9000),
        ChipRules(ChipKind.CPU, 5000, 9000),
        ChipRules(ChipKind.CLASSIC, 1500, 1500, 99991231),
    )
)


async def take_chips(office: Office, nfc: NfcRules = NFC, **changes: object) -> None:
    """Publish rules with a hall and these chips, and make their shared keys."""
    await build_hall(office, nfc=nfc, **changes)
    parts = office.parts
    await open_chip_kinds(
        parts.rules.bundle,
        vault=parts.vault,
        randomness=os.urandom,
        clock=parts.clock,
        bus=parts.bus,
    )


async def written(office: Office, kind: ChipKind) -> Written:
    """A card of this school."""
    (master,) = (key.master for key in await open_chip_keys(office.parts.vault) if key.kind is kind)
    if kind is ChipKind.DESFIRE:
        return Desfire.written(master)
    return CpuCard.written(master) if kind is ChipKind.CPU else Classic.written(master)


def chip_of(card: Written) -> Chip:
    """How a card is called."""
    if isinstance(card, CpuCard):
        return Chip(ChipKind.CPU, card.serial)
    return Chip(ChipKind.DESFIRE if isinstance(card, Desfire) else ChipKind.CLASSIC, card.uid)


async def handed_out(office: Office, student: Student, kind: ChipKind) -> Written:
    """A card of this school that belongs to somebody."""
    card = await written(office, kind)
    bus, at = office.parts.bus, office.at
    await bind_chip(student.card_id, chip_of(card), actor=SYSTEM, at=at, bus=bus)
    return card


def first_words(card: Written) -> bytes:
    """What a card says before it is told anything."""
    card.reset()
    if isinstance(card, CpuCard):
        card.apdu(bytes((0, 0xA4, 4, 0, len(NAME))) + NAME)
        return b""
    card.apdu(b"\x90\x5a\x00\x00\x03" + APPLICATION[::-1] + b"\x00")
    return card.apdu(b"\x90\xaa\x00\x00\x01\x00\x00")[:-2]


def answer_of(card: Written, told: bytes) -> bytes:
    """What it answers."""
    if isinstance(card, CpuCard):
        return card.apdu(b"\x00\x88\x00\x01\x08" + told + b"\x08")[:-2]
    return card.apdu(bytes((0x90, 0xAF, 0, 0, len(told))) + told + b"\x00")[:-2]


async def proof_of(kiosk: Kiosk, card: Written) -> dict[str, Any]:
    """Carry a card's words to the server and back: what opens a visit."""
    heard = first_words(card)
    asked = {"chip": str(chip_of(card)), "heard": heard.hex()}
    answer = await kiosk.ask("POST", "/terminal/chip-proofs", asked)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    return {
        "credential": asked["chip"],
        "credential_kind": "card",
        "proof": {
            "heard": asked["heard"],
            "nonce": told["nonce"],
            "asked_at": told["asked_at"],
            "answer": answer_of(card, bytes.fromhex(told["told"])).hex(),
        },
    }
