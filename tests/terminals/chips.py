"""A school with chips: shared keys, cards of every kind, and terminals that know them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from campus_code import (
    Chip,
    ChipKey,
    ChipKeys,
    ChipKind,
    ChipRules,
    DocumentKind,
    NfcRules,
    RulesBundle,
    keyring_to_bytes,
    pack_chips,
    phone_secrets,
    seal_to,
)
from qr_terminals.cards.identify import Wanted
from qr_terminals.cards.safe import HeldKeys
from simulators.cards.classic import Classic
from simulators.cards.cpu import CpuCard
from simulators.cards.desfire import Desfire
from simulators.cards.phone import Phone
from tests.terminals.campus import Campus, card

TODAY = 20260101
MASTERS = {kind: bytes(range(place, place + 16)) for place, kind in enumerate(ChipKind)}
KEYS = ChipKeys(tuple(ChipKey(kind, master) for kind, master in MASTERS.items()))
CLASSIC_RULES = ChipRules(ChipKind.CLASSIC, 1500, 1500, TODAY)
NFC = NfcRules(
    (ChipRules(ChipKind.DESFIRE, 5000, 9000), ChipRules(ChipKind.CPU, 5000, 9000), CLASSIC_RULES)
)
STRONG = NfcRules(NFC.chips[:2])
TERMINAL = 17
OWNERS = {ChipKind.DESFIRE: 1, ChipKind.CPU: 2, ChipKind.CLASSIC: 3}
"""Which card of the campus each kind's own chip belongs to."""

Written = Desfire | CpuCard | Classic


def written(kind: ChipKind, master: bytes | None = None) -> Written:
    """A chip of the school; with another master, a forgery with the same uid."""
    key = MASTERS[kind] if master is None else master
    if kind is ChipKind.DESFIRE:
        return Desfire.written(key)
    return CpuCard.written(key) if kind is ChipKind.CPU else Classic.written(key)


def fresh(kind: ChipKind) -> Written:
    """A chip as the factory delivers it."""
    if kind is ChipKind.DESFIRE:
        return Desfire()
    return CpuCard() if kind is ChipKind.CPU else Classic()


def chip(kind: ChipKind) -> Chip:
    """What the school's list calls the chip `written` makes."""
    one = written(kind)
    return Chip(kind, one.serial if isinstance(one, CpuCard) else one.uid)


def wanted(amount_fen: int = 1250, rules: NfcRules = NFC, terminal_id: int = TERMINAL) -> Wanted:
    """What a terminal asks of the next card."""
    return Wanted(terminal_id, amount_fen, rules, HeldKeys(KEYS, os.urandom), TODAY)


@dataclass(slots=True)
class ChipCampus(Campus):
    """A campus whose rules take chips and whose list knows one of each kind."""

    nfc: NfcRules = field(default_factory=lambda: NFC)

    def rules(self, version: int = 1) -> RulesBundle:
        return replace(Campus.rules(self, version), nfc=self.nfc)

    def keyring_document(self, sealing_key: bytes, version: int = 1) -> bytes:
        public = X25519PublicKey.from_public_bytes(sealing_key)
        sealed = seal_to(public, keyring_to_bytes(self.keyring, KEYS), b"keyring")
        return self.sign(DocumentKind.KEYRING, version, sealed)

    def chips_document(self, version: int = 1) -> bytes:
        entries = [(chip(kind), card(owner)) for kind, owner in OWNERS.items()]
        return self.sign(DocumentKind.CHIPS, version, pack_chips(entries))

    def phone(self, number: int, *, is_old: bool = False) -> Phone:
        """The phone of the n-th card, in a reader's field at the campus's time."""
        secrets = phone_secrets(self.terminal_key, self.issuer_key, card(number), 1)
        return Phone(secrets, lambda: self.at, is_old)
