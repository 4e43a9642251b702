"""Wire 1: ISO 8583 as 银联 POS terminals speak it, read and packed by hand."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from simulators.bank.books import Books

MASTER: Final = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
"""The master key of every terminal here: an example of the standard's, nobody's."""
CODES: Final = {
    "ok": "00", "no_account": "14", "lost": "41", "pin": "55", "limit": "61", "poor": "51",
    "duplicate": "94", "none": "25", "other_amount": "64", "undecided": "68", "cut_over": "90",
    "seal": "A0", "batch": "77", "sign_in": "99", "unknown": "12",
}  # fmt: skip
# kind, length, digits of the length before it
FIELDS: Final = {
    2: ("n", 19, 2), 3: ("n", 6, 0), 4: ("n", 12, 0), 11: ("n", 6, 0), 12: ("n", 6, 0),
    13: ("n", 4, 0), 15: ("n", 4, 0), 22: ("n", 3, 0), 25: ("n", 2, 0), 26: ("n", 2, 0),
    37: ("a", 12, 0), 39: ("a", 2, 0), 41: ("a", 8, 0), 42: ("a", 15, 0), 48: ("n", 322, 4),
    49: ("a", 3, 0), 52: ("b", 8, 0), 53: ("n", 16, 0), 54: ("a", 20, 4), 60: ("n", 19, 4),
    62: ("b", 512, 4), 63: ("a", 163, 4), 64: ("b", 8, 0),
}  # fmt: skip
ECHOED: Final = (2, 3, 4, 11, 25, 41, 42, 49, 60)
HEAD: Final = 11
Message = dict[int | str, str]


class NoMessageError(Exception):
    """Bytes that are no message of this wire; a bank drops them in silence."""


@dataclass
class Session:
    """A terminal that has signed in."""

    batch: int = 0
    pik: bytes = b""
    mak: bytes = b""


class Pos:
    """The front of the books for POS terminals."""

    def __init__(self, books: Books, today: Callable[[], str]) -> None:
        """Nobody has signed in. `today` is the accounting day, YYYYMMDD."""
        self._books, self._today = books, today
        self.sessions: dict[str, Session] = defaultdict(Session)

    def kind_of(self, raw: bytes) -> str:
        """What an ask is about, for the plan of faults."""
        kinds = {b"\x08\x00": "sign_in", b"\x04\x00": "undo", b"\x02\x00": "load"}
        return kinds.get(raw[HEAD : HEAD + 2], "other")

    def answer(self, raw: bytes, fault: str) -> bytes:
        """What the bank says. NoMessageError: nothing."""
        asked = unpack(raw)
        said: Message = {n: asked[n] for n in ECHOED if n in asked}
        said |= {"t": f"{int(asked['t']) + 10:04d}", 12: "120000", 13: self._today()[4:]}
        session = self.sessions[asked.get(41, "")]
        word, mak = self._done(raw, asked, said, session, fault)
        said[39] = CODES[word]
        if fault == "other_amount" and 4 in said:
            said[4] = f"{int(said[4]) + 1:012d}"
        if fault == "other_account" and 2 in said:
            said[2] = said[2][:-1] + str((int(said[2][-1]) + 1) % 10)
        if fault == "other_trace":
            said[11] = f"{int(said[11]) + 1:06d}"
        return pack(said, raw, mak)

    def _done(
        self, raw: bytes, asked: Message, said: Message, session: Session, fault: str
    ) -> tuple[str, bytes]:
        kind = asked["t"]
        self._books.asked[kind] += 1
        if kind == "0800":
            return self._sign_in(said, session), b""
        if kind == "0820":
            return "ok", b""
        if kind == "0500":
            return self._settle(asked, said), b""
        if kind not in {"0200", "0400"}:
            return "unknown", b""
        if not session.mak:
            return "sign_in", b""
        return self._sealed(raw, asked, said, session, fault), session.mak

    def _sealed(
        self, raw: bytes, asked: Message, said: Message, session: Session, fault: str
    ) -> str:
        if mac(session.mak, raw[HEAD:-8]) != raw[-8:]:
            return "seal"
        if fault in {"undecided", "cut_over"}:
            return fault
        is_stale = asked["t"] == "0200" and int(asked[60][2:8]) != session.batch
        if is_stale or fault == "no_batch":
            return "batch"
        word = self._moved(asked, said, session)
        return "undecided" if fault == "undecided_and_moved" else word

    def _moved(self, asked: Message, said: Message, session: Session) -> str:
        key = (asked[41], asked[60][2:8], asked[11])
        account, fen = asked[2], int(asked.get(4, "0"))
        if asked["t"] == "0400":
            return self._books.undo(key, account, fen)[0]
        owner = self._books.accounts.get(account)
        if 52 in asked and owner and open_pin(session.pik, asked[52], account) != owner.pin:
            return "pin"
        if asked[3].startswith("31"):
            if owner is None:
                return "no_account"
            said[54] = f"1002156C{owner.balance_fen:012d}"
            return "ok"
        card = bytes.fromhex(asked.get(62, "")).decode("ascii", "replace")
        word, reference = self._books.take(key, account, card, fen, self._today())
        if reference:
            said[37], said[15] = reference, self._today()[4:]
        return word

    def _sign_in(self, said: Message, session: Session) -> str:
        session.batch += 1
        session.pik, session.mak = os.urandom(16), os.urandom(8)
        block = des(MASTER, session.pik) + check_value(session.pik)
        block += des(MASTER, session.mak) + bytes(8) + check_value(session.mak)
        said[60], said[62] = f"00{session.batch:06d}003", block.hex()
        return "ok"

    def _settle(self, asked: Message, said: Message) -> str:
        batch = asked[60][2:8]
        mine = [
            one for one in self._books.moves.values()
            if one.key[:2] == (asked[41], batch) and not one.is_undone
        ]  # fmt: skip
        told = (int(asked[48][:12]), int(asked[48][12:15]))
        is_equal = told == (sum(one.fen for one in mine), len(mine))
        said[48] = asked[48][:30] + ("1" if is_equal else "2") + asked[48][31:62]
        return "ok"


def unpack(raw: bytes) -> Message:
    """The fields of an ask. NoMessageError."""
    if len(raw) < HEAD + 10 or raw[0] != 0x60:
        raise NoMessageError
    found: Message = {"t": raw[HEAD : HEAD + 2].hex()}
    bits, at = int.from_bytes(raw[HEAD + 2 : HEAD + 10], "big"), HEAD + 10
    for number in range(2, 65):
        if not bits >> (64 - number) & 1:
            continue
        if number not in FIELDS:
            raise NoMessageError
        kind, length, digits = FIELDS[number]
        if digits:
            width = (digits + 1) // 2
            length, at = int(raw[at : at + width].hex() or "0"), at + width
        size = (length + 1) // 2 if kind == "n" else length
        cell, at = raw[at : at + size], at + size
        if len(cell) != size:
            raise NoMessageError
        texts = {"a": cell.decode("ascii", "replace"), "b": cell.hex(), "n": cell.hex()[:length]}
        found[number] = texts[kind]
    if at != len(raw):
        raise NoMessageError
    return found


def pack(said: Message, asked: bytes, mak: bytes) -> bytes:
    """An answer: the TPDU turned round, and a MAC where there is a key."""
    body, bits = b"", 0
    for number in sorted(one for one in said if isinstance(one, int)):
        bits |= 1 << (64 - number)
        kind, _, digits = FIELDS[number]
        value = said[number]
        length = len(value) // 2 if kind == "b" else len(value)
        if digits:
            body += _bcd(f"{length:0{digits}d}")
        body += value.encode() if kind == "a" else _bcd(value)
    kind_of = bytes.fromhex(str(said["t"]))
    head = asked[:1] + asked[3:5] + asked[1:3] + asked[5:HEAD]
    if not mak:
        return head + kind_of + bits.to_bytes(8, "big") + body
    covered = kind_of + (bits | 1).to_bytes(8, "big") + body
    return head + covered + mac(mak, covered)


def mac(mak: bytes, covered: bytes) -> bytes:
    """银联 ECB: eight characters."""
    covered += bytes(-len(covered) % 8)
    block = 0
    for at in range(0, len(covered), 8):
        block ^= int.from_bytes(covered[at : at + 8], "big")
    digits = f"{block:016X}".encode()
    once = int.from_bytes(des(mak, digits[:8]), "big") ^ int.from_bytes(digits[8:], "big")
    return des(mak, once.to_bytes(8, "big")).hex().upper()[:8].encode()


def des(key: bytes, data: bytes, *, is_undone: bool = False) -> bytes:
    """DES or 3DES of whole blocks."""
    whole = {8: key * 3, 16: key + key[:8]}[len(key)]
    cipher = Cipher(TripleDES(whole), modes.ECB())  # noqa: S305 - the banks' standard
    context = cipher.decryptor() if is_undone else cipher.encryptor()
    return context.update(data) + context.finalize()


def check_value(key: bytes) -> bytes:
    """Four bytes by which a key is known to have come whole."""
    return des(key, bytes(8))[:4]


def open_pin(pik: bytes, block: str, account: str) -> str:
    """The PIN in a block."""
    plain = int.from_bytes(des(pik, bytes.fromhex(block), is_undone=True), "big")
    digits = f"{plain ^ int('0000' + account[:-1][-12:], 16):016x}"
    return digits[2 : 2 + int(digits[1], 16)]


def _bcd(digits: str) -> bytes:
    return bytes.fromhex(digits + "0" * (len(digits) % 2))
