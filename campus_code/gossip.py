"""
What terminals of one local network tell each other: one sealed datagram, and the facts in it.

    "XMG1" | epoch u32 | terminal u32 | run 16 bytes | counter u64 | ChaCha20-Poly1305 of the rest

key = HKDF-SHA-256(ikm = terminal master, salt = terminal u32 | run, info =
"campus-code/9/gossip/" + the epoch's two digits, 32 bytes); nonce = 4 zero bytes | counter;
associated data = the 36 bytes before. `run` is drawn at each start and `counter` grows with each
datagram, so no key meets a nonce twice although a whole school holds the master.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from campus_code.directory import CARD_NUMBER_MAX
from campus_code.errors import DocumentError, DocumentFault, ShapeError
from campus_code.keys import EpochKey, Keyring
from campus_code.limits import (
    AMOUNT_FEN_MAX,
    AT_MAX,
    ISSUE_MAX,
    VERSION_MAX,
    require_bytes,
    require_card_number,
    require_int,
)

GOSSIP_BYTES_MAX: Final = 1200  # one datagram, unfragmented on any network
PIECE_BYTES_MAX: Final = 1024
PIECES_MAX: Final = 64
RUN_BYTES: Final = 16
TERMINAL_MAX: Final = 2**32 - 1
PAYMENTS_MAX: Final = 2**16 - 1
SPENT_FEN_MAX: Final = 2**32 - 1
_BEGINNING = b"XMG1"
_ENVELOPE = struct.Struct(">4sII16sQ")
_SALT = struct.Struct(">I16s")
_NONCE = struct.Struct(">4xQ")
_HEAD = struct.Struct(">QQQB")
_USE = struct.Struct(">IBQB")
_SUM = struct.Struct(">IQHI")
_WANT = struct.Struct(">Q")
_PIECE = struct.Struct(">QQHHH")
_FLAG_JOINED = 1
_FLAG_PAID = 1
_FLAG_EMERGENCY = 2
_KEYS_CACHED_MAX = 256


@dataclass(frozen=True, slots=True)
class Sender:
    """Who speaks: the terminal, its run (16 random bytes of this start), its next counter."""

    terminal_id: int
    run: bytes
    counter: int

    def __post_init__(self) -> None:
        require_int("terminal_id", self.terminal_id, 1, TERMINAL_MAX)
        require_bytes("run", self.run, RUN_BYTES)
        require_int("counter", self.counter, 0, VERSION_MAX)


@dataclass(frozen=True, slots=True)
class Use:
    """
    A step of a card is being tried, or has paid (`has_paid`). For an emergency code `step` is the
    day as YYYYMMDD.
    """

    card_number: str
    issue: int
    step: int
    has_paid: bool = False
    is_for_emergency: bool = False


@dataclass(frozen=True, slots=True)
class OfflineSum:
    """
    What a card spent at the sender without the server since the sender's last upload; `as_of` is
    the sequence of the record that changed the sum last.
    """

    card_number: str
    as_of: int
    payments: int
    spent_fen: int


@dataclass(frozen=True, slots=True)
class Want:
    """The sender holds the denylist of this version and asks for what is newer."""

    denylist_version: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Piece `index` of `count` of a signed denylist of `version` that changes `base`."""

    version: int
    base: int
    index: int
    count: int
    content: bytes


Fact = Use | OfflineSum | Want | Piece


@dataclass(frozen=True, slots=True)
class Gossip:
    """
    What one datagram says: when, up to which sequence the sender's records are uploaded, which
    denylist it holds, whether it has just come (`has_joined`), and facts.
    """

    sent_at: int
    synced_through: int
    denylist_version: int
    has_joined: bool = False
    facts: tuple[Fact, ...] = ()

    def __post_init__(self) -> None:
        require_int("sent_at", self.sent_at, 0, AT_MAX)
        require_int("synced_through", self.synced_through, 0, VERSION_MAX)
        require_int("denylist_version", self.denylist_version, 0, VERSION_MAX)


def seal_gossip(gossip: Gossip, key: EpochKey, sender: Sender) -> bytes:
    """One datagram; ShapeError when it is over GOSSIP_BYTES_MAX or a fact is out of bounds."""
    envelope = _ENVELOPE.pack(_BEGINNING, key.epoch, sender.terminal_id, sender.run, sender.counter)
    flags = _FLAG_JOINED if gossip.has_joined else 0
    head = _HEAD.pack(gossip.sent_at, gossip.synced_through, gossip.denylist_version, flags)
    plain = head + b"".join(_written(fact) for fact in gossip.facts)
    box = _box(key.master, key.digits, sender.terminal_id, sender.run)
    raw = envelope + box.encrypt(_NONCE.pack(sender.counter), plain, envelope)
    if len(raw) > GOSSIP_BYTES_MAX:
        raise ShapeError(f"facts: at most {GOSSIP_BYTES_MAX} bytes, not {len(raw)}")
    return raw


def open_gossip(raw: bytes, keyring: Keyring, at: int) -> tuple[Sender, Gossip]:
    """
    Who says what, by a key that is valid at Unix second `at`.

    DocumentError: OVER_LIMIT, MALFORMED, BAD_SEAL. Whether it was said before is the caller's
    question.
    """
    if len(raw) > GOSSIP_BYTES_MAX:
        raise DocumentError(DocumentFault.OVER_LIMIT, f"over {GOSSIP_BYTES_MAX} bytes")
    if len(raw) < _ENVELOPE.size or not raw.startswith(_BEGINNING):
        raise _malformed("no gossip")
    envelope = raw[: _ENVELOPE.size]
    _, epoch, terminal_id, run, counter = _ENVELOPE.unpack(envelope)
    key = next((one for one in keyring.keys if one.epoch == epoch and one.is_valid(at)), None)
    if key is None:
        raise DocumentError(DocumentFault.BAD_SEAL, f"no key of epoch {epoch} is valid")
    box = _box(key.master, key.digits, terminal_id, run)
    try:
        plain = box.decrypt(_NONCE.pack(counter), raw[_ENVELOPE.size :], envelope)
    except InvalidTag as error:
        raise DocumentError(DocumentFault.BAD_SEAL, "not sealed with a terminal's key") from error
    try:
        return Sender(terminal_id, run, counter), _read(plain)
    except (ShapeError, struct.error) as error:
        raise _malformed(str(error)) from error


@functools.lru_cache(_KEYS_CACHED_MAX)
def _box(master: bytes, digits: int, terminal_id: int, run: bytes) -> ChaCha20Poly1305:
    info = f"campus-code/9/gossip/{digits:02d}".encode("ascii")
    return ChaCha20Poly1305(HKDF(SHA256(), 32, _SALT.pack(terminal_id, run), info).derive(master))


def _written(fact: Fact) -> bytes:
    match fact:
        case Use():
            flags = fact.has_paid * _FLAG_PAID + fact.is_for_emergency * _FLAG_EMERGENCY
            return b"\1" + _USE.pack(_number(fact.card_number), fact.issue, fact.step, flags)
        case OfflineSum():
            number = _number(fact.card_number)
            return b"\2" + _SUM.pack(number, fact.as_of, fact.payments, fact.spent_fen)
        case Want():
            return b"\3" + _WANT.pack(fact.denylist_version)
        case Piece():
            head = (fact.version, fact.base, fact.index, fact.count, len(fact.content))
            return b"\4" + _PIECE.pack(*head) + fact.content


def _number(card_number: str) -> int:
    return int(require_card_number("card_number", card_number))


def _read(plain: bytes) -> Gossip:
    sent_at, through, version, flags = _HEAD.unpack_from(plain)
    require_int("flags", flags, 0, _FLAG_JOINED)
    facts: list[Fact] = []
    at = _HEAD.size
    while at < len(plain):
        read = _READ.get(plain[at])
        if read is None:
            raise ShapeError(f"kind: {plain[at]} is not known")
        fact, at = read(plain, at + 1)
        facts.append(fact)
    return Gossip(sent_at, through, version, has_joined=flags == _FLAG_JOINED, facts=tuple(facts))


def _read_use(plain: bytes, at: int) -> tuple[Fact, int]:
    number, issue, step, flags = _USE.unpack_from(plain, at)
    require_int("issue", issue, 0, ISSUE_MAX)
    require_int("step", step, 0, AT_MAX)
    require_int("flags", flags, 0, _FLAG_PAID | _FLAG_EMERGENCY)
    is_paid, is_emergency = bool(flags & _FLAG_PAID), bool(flags & _FLAG_EMERGENCY)
    return Use(_card(number), issue, step, is_paid, is_emergency), at + _USE.size


def _read_sum(plain: bytes, at: int) -> tuple[Fact, int]:
    number, as_of, payments, spent_fen = _SUM.unpack_from(plain, at)
    require_int("as_of", as_of, 1, VERSION_MAX)
    require_int("spent_fen", spent_fen, 0, payments * AMOUNT_FEN_MAX)
    return OfflineSum(_card(number), as_of, payments, spent_fen), at + _SUM.size


def _read_want(plain: bytes, at: int) -> tuple[Fact, int]:
    (version,) = _WANT.unpack_from(plain, at)
    return Want(require_int("denylist_version", version, 0, VERSION_MAX)), at + _WANT.size


def _read_piece(plain: bytes, at: int) -> tuple[Fact, int]:
    version, base, index, count, length = _PIECE.unpack_from(plain, at)
    require_int("version", version, base + 1, VERSION_MAX)
    require_int("count", count, 1, PIECES_MAX)
    require_int("index", index, 0, count - 1)
    begins = at + _PIECE.size
    content = require_bytes("content", plain[begins : begins + length], length)
    require_int("length", length, 1, PIECE_BYTES_MAX)
    return Piece(version, base, index, count, content), begins + length


_READ: Final[Mapping[int, Callable[[bytes, int], tuple[Fact, int]]]] = {
    1: _read_use,
    2: _read_sum,
    3: _read_want,
    4: _read_piece,
}


def _card(number: int) -> str:
    return require_card_number(
        "card_number", f"{require_int('card', number, 0, CARD_NUMBER_MAX):08d}"
    )


def _malformed(sentence: str) -> DocumentError:
    return DocumentError(DocumentFault.MALFORMED, sentence)
