"""
Terminal records: what a terminal journals for each approval, and the signed sets it uploads.

A record's bytes are a JSON array without spaces, beginning with the layout number. Records are
chained: hash = SHA-256(hash before | record's bytes).

Set payload: layout u8 (1) | terminal u32 | hash before 32 bytes | count u16 | count times
(length u16 | record's bytes); big-endian.
"""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import operator
import struct
from dataclasses import dataclass, field
from typing import Final, NoReturn

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from campus_code.chips import CHIP_MARK, chip_from_text
from campus_code.code import CODE_DIGITS
from campus_code.documents import DocumentKind, open_document, sign_document
from campus_code.emergency import EMERGENCY_CREDENTIAL_DIGITS
from campus_code.errors import DocumentError, DocumentFault, ShapeError
from campus_code.limits import (
    AMOUNT_FEN_MAX,
    AT_MAX,
    CLASS_ID_MAX,
    EPOCH_MAX,
    ID_LENGTH_MAX,
    ISSUE_MAX,
    VERSION_MAX,
    require_card_number,
    require_int,
    require_text,
)

RECORDS_MAX: Final = 500
RECORD_BYTES_MAX: Final = 1000
RECORD_LAYOUT: Final = 1
SET_LAYOUT: Final = 1
HASH_BYTES: Final = 32
FIRST_HASH: Final = bytes(HASH_BYTES)
TERMINAL_ID_MAX: Final = 2**32 - 1
CHARGED_FEN_MAX: Final = 4 * AMOUNT_FEN_MAX  # twice by surcharge, then a fee
_SET_HEAD = struct.Struct(">BI32sH")
_LENGTH = struct.Struct(">H")


class RecordKind(enum.StrEnum):
    """What a record says happened."""

    PAYMENT = "payment"
    REVERSAL = "reversal"


@dataclass(frozen=True, slots=True)
class TerminalRecord:
    """
    One line of a terminal's journal. `sequence` counts from 1 without gaps. `credential` is the 34
    digits, the 16 of an emergency code, `kind:uid` of a chip, or "" for a reversal, whose
    `reverses` names the payment's sequence. `step` and `epoch` are absolute (0 when there is none,
    as of a chip, whose `issue` is 0 too), `business_on` is YYYYMMDD.
    """

    sequence: int
    kind: RecordKind
    credential: str
    step: int
    epoch: int
    card_number: str
    issue: int
    occurred_at: int
    group_id: str
    class_id: int
    asked_fen: int | None
    nominal_fen: int
    discount_fen: int
    fee_fen: int
    charged_fen: int
    period_id: str
    business_on: int
    was_online: bool
    has_pin: bool
    reverses: int
    sync_age_seconds: int
    rules_version: int
    denylist_version: int
    directory_version: int

    def __post_init__(self) -> None:
        values = _values_of(self)
        bounded = _bounded_of(self)
        # every type and most bounds at once: a server reads 500 records at a time. Which of them
        # is wrong is asked only when one is
        if (
            tuple(map(type, values)) not in _TYPES
            or min(bounded) < 0
            or any(map(operator.gt, bounded, _HIGHEST))
        ):
            _say_what_is_wrong(self)
        require_int("sequence", self.sequence, 1, VERSION_MAX)
        require_int("discount_fen", self.discount_fen, -AMOUNT_FEN_MAX, AMOUNT_FEN_MAX)
        if self.asked_fen is not None:
            require_int("asked_fen", self.asked_fen, 1, AMOUNT_FEN_MAX)
        require_card_number("card_number", self.card_number)
        require_text("group_id", self.group_id, ID_LENGTH_MAX)
        require_text("period_id", self.period_id, ID_LENGTH_MAX, may_be_empty=True)
        if self.charged_fen != self.nominal_fen - self.discount_fen + self.fee_fen:
            raise ShapeError("charged_fen: is not nominal - discount + fee")
        _check_credential(self)

    def to_bytes(self) -> bytes:
        """The canonical bytes: a JSON array, the layout number first, then every field."""
        return orjson.dumps((RECORD_LAYOUT, *_values_of(self)))


_FIELDS: Final = tuple(one.name for one in dataclasses.fields(TerminalRecord))
_values_of = operator.attrgetter(*_FIELDS)
_BOUNDS: Final = {
    "step": AT_MAX,
    "epoch": EPOCH_MAX,
    "issue": ISSUE_MAX,
    "occurred_at": AT_MAX,
    "class_id": CLASS_ID_MAX,
    "nominal_fen": AMOUNT_FEN_MAX,
    "fee_fen": CHARGED_FEN_MAX,
    "charged_fen": CHARGED_FEN_MAX,
    "business_on": 99_991_231,
    "reverses": VERSION_MAX,
    "sync_age_seconds": AT_MAX,
    "rules_version": VERSION_MAX,
    "denylist_version": VERSION_MAX,
    "directory_version": VERSION_MAX,
}
_bounded_of = operator.attrgetter(*_BOUNDS)
_HIGHEST: Final = tuple(_BOUNDS.values())
_OTHER_TYPES: Final = {
    "kind": RecordKind,
    "credential": str,
    "card_number": str,
    "group_id": str,
    "period_id": str,
    "was_online": bool,
    "has_pin": bool,
}
_TYPES: Final = frozenset(
    tuple(asked if name == "asked_fen" else _OTHER_TYPES.get(name, int) for name in _FIELDS)
    for asked in (int, type(None))
)
_KINDS: Final = {kind.value: kind for kind in RecordKind}


def _say_what_is_wrong(record: TerminalRecord) -> NoReturn:
    """Name the field whose type or bounds are not kept."""
    for name, wanted in _OTHER_TYPES.items():
        found = type(getattr(record, name))
        if found is not wanted:
            raise ShapeError(f"{name}: {wanted.__name__} is wanted, not {found.__name__}")
    for name, high in _BOUNDS.items():
        require_int(name, getattr(record, name), 0, high)
    for name in ("sequence", "discount_fen", "asked_fen"):  # of any size here
        require_int(name, getattr(record, name) or 0, -VERSION_MAX, VERSION_MAX)
    raise ShapeError("record: a field is of a wrong type")


def _check_credential(record: TerminalRecord) -> None:
    credential = record.credential
    if record.kind is RecordKind.REVERSAL:
        if credential or not 1 <= record.reverses <= record.sequence:
            raise ShapeError(
                "reverses: its own or an earlier sequence is wanted, and no credential"
            )
        return
    if record.reverses:
        raise ShapeError("reverses: a payment reverses nothing")
    if CHIP_MARK in credential:
        chip_from_text(credential)
        if record.step or record.epoch or record.issue:
            raise ShapeError("credential: a chip has no step, epoch or issue")
        return
    is_digits = credential.isascii() and credential.isdigit()
    if not is_digits or len(credential) not in (CODE_DIGITS, EMERGENCY_CREDENTIAL_DIGITS):
        raise ShapeError(
            f"credential: {CODE_DIGITS} or {EMERGENCY_CREDENTIAL_DIGITS} digits are wanted"
        )


def record_from_bytes(raw: bytes) -> TerminalRecord:
    """Read a record strictly; ShapeError unless these are exactly the bytes it would write."""
    if len(raw) > RECORD_BYTES_MAX:
        raise ShapeError(f"record: at most {RECORD_BYTES_MAX} bytes are allowed, not {len(raw)}")
    try:
        loaded = orjson.loads(raw)
    except ValueError as error:
        raise ShapeError("record: is not JSON") from error
    if type(loaded) is not list or len(loaded) != 1 + len(_FIELDS):
        raise ShapeError(f"record: a list of {1 + len(_FIELDS)} is wanted")
    if type(loaded[0]) is not int or loaded[0] != RECORD_LAYOUT:
        raise ShapeError("record: of an unknown layout")
    kind = loaded[2]
    if type(kind) is not str or kind not in _KINDS:
        raise ShapeError("kind: payment or reversal is wanted")
    record = TerminalRecord(loaded[1], _KINDS[kind], *loaded[3:])
    if orjson.dumps(loaded) != raw:  # the very values the record was made of
        raise ShapeError("record: is not in canonical form")
    return record


def chain_hash(previous: bytes, record_bytes: bytes) -> bytes:
    """The 32-byte hash after a record: SHA-256(previous | record_bytes)."""
    return hashlib.sha256(previous + record_bytes).digest()


@dataclass(frozen=True, slots=True)
class RecordSet:
    """
    1..500 records of one terminal, sequences without gaps; `previous_hash` of the chain.

    `bodies` are the records' bytes, and are made of them.
    """

    terminal_id: int
    previous_hash: bytes
    records: tuple[TerminalRecord, ...]
    bodies: tuple[bytes, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        require_int("terminal_id", self.terminal_id, 1, TERMINAL_ID_MAX)
        if len(self.previous_hash) != HASH_BYTES:
            raise ShapeError(f"previous_hash: {HASH_BYTES} bytes are wanted")
        if not 1 <= len(self.records) <= RECORDS_MAX:
            raise ShapeError(f"records: 1..{RECORDS_MAX} are allowed, not {len(self.records)}")
        first = self.records[0].sequence
        for place, record in enumerate(self.records):
            if record.sequence != first + place:
                raise ShapeError(f"records: sequence {first + place} is missing")
        object.__setattr__(self, "bodies", tuple([one.to_bytes() for one in self.records]))

    @property
    def last_hash(self) -> bytes:
        """The chain hash after the last record."""
        current = self.previous_hash
        for body in self.bodies:
            current = chain_hash(current, body)
        return current


def sign_record_set(record_set: RecordSet, issued_at: int, device_key: Ed25519PrivateKey) -> bytes:
    """The signed document of a set; its version is the last sequence."""
    parts = [
        _SET_HEAD.pack(
            SET_LAYOUT, record_set.terminal_id, record_set.previous_hash, len(record_set.records)
        )
    ]
    for raw in record_set.bodies:
        parts += (_LENGTH.pack(len(raw)), raw)
    version = record_set.records[-1].sequence
    payload = b"".join(parts)
    return sign_document(DocumentKind.RECORD_SET, version, issued_at, payload, device_key)


def open_record_set(raw: bytes, device_public_key: Ed25519PublicKey) -> RecordSet:
    """Check and open a set; DocumentError for anything that is not exactly one."""
    document = open_document(raw, DocumentKind.RECORD_SET, device_public_key)
    try:
        record_set = _set_from_bytes(document.payload)
    except (ShapeError, struct.error) as error:
        raise DocumentError(DocumentFault.MALFORMED, str(error)) from error
    if document.version != record_set.records[-1].sequence:
        raise DocumentError(DocumentFault.MALFORMED, "the version is not the last sequence")
    return record_set


def _set_from_bytes(payload: bytes) -> RecordSet:
    layout, terminal_id, previous_hash, count = _SET_HEAD.unpack_from(payload)
    if layout != SET_LAYOUT or count > RECORDS_MAX:
        raise ShapeError("record set: layout or count is out of bounds")
    records = []
    at = _SET_HEAD.size
    for _ in range(count):
        (length,) = _LENGTH.unpack_from(payload, at)
        at += _LENGTH.size
        records.append(record_from_bytes(payload[at : at + length]))
        at += length
    if at != len(payload):
        raise ShapeError("record set: the lengths do not fit the bytes")
    return RecordSet(terminal_id, previous_hash, tuple(records))
