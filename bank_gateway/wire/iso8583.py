"""ISO 8583 as 银联 POS terminals speak it: TPDU, header, type, one bitmap, BCD.

A message is fields by number, and "t", its type. Digits and text are text; bytes are hexadecimal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import iso8583

from bank_gateway.profile import Iso8583
from bank_gateway.wire.faults import FrameError

HEAD_BYTES: Final = 11
"""TPDU (5) and header (6)."""
FIELD_MAX: Final = 64
BITMAP: Final = 8
CHARSETS: Final = {"ascii": "ascii", "gb18030": "gb18030"}


class Iso8583Codec:
    """Packs and reads the messages of one profile."""

    def __init__(self, dialect: Iso8583) -> None:
        """Make the table of fields that pyiso8583 works by."""
        self._head = dialect.tpdu + dialect.header
        self._spec = _spec(dialect)

    def pack(self, fields: Mapping[str, str]) -> bytes:
        """The bytes of a message. Raises FrameError: a value that its field cannot hold."""
        try:
            raw, _ = iso8583.encode({"h": self._head, **fields}, self._spec)
        except iso8583.EncodeError as error:
            raise FrameError(f"field {error.field}: {error.msg}") from None
        return bytes(raw)

    def unpack(self, raw: bytes, *, is_ours: bool = False) -> dict[str, str]:
        """The fields of an answer, or of an ask of ours.

        Raises FrameError: it is no message, or its TPDU is not the other side's answer to ours.
        """
        try:
            found, _ = iso8583.decode(raw, self._spec)
        except iso8583.DecodeError as error:
            raise FrameError(f"field {error.field}: {error.msg}") from None
        tpdu, ours = found.pop("h")[:10], self._head[:10]
        turned = ours[:2] + ours[6:] + ours[2:6]  # destination and source change places
        if tpdu != (ours if is_ours else turned):
            raise FrameError("the TPDU is not the answer to ours")
        for name in ("p", "1", "65"):
            found.pop(name, None)
        return found

    def covered(self, raw: bytes) -> bytes:
        """What the MAC is over: from the type to the field before the MAC."""
        return raw[HEAD_BYTES:-BITMAP]


def _spec(dialect: Iso8583) -> dict[str, Any]:
    fixed = {"data_enc": "b", "len_enc": "ascii", "len_type": 0}
    spec: dict[str, Any] = {
        "h": {**fixed, "max_len": HEAD_BYTES, "desc": "TPDU and header"},
        "t": {**fixed, "max_len": 2, "desc": "type"},
        "p": {**fixed, "max_len": BITMAP, "desc": "bitmap"},
    }
    for number in range(1, 2 * FIELD_MAX + 1):  # pyiso8583 wants every one of them described
        spec[str(number)] = {**fixed, "max_len": 0, "desc": "not used"}
    spec["1"] = {**fixed, "max_len": BITMAP, "desc": "second bitmap, not used"}
    for name, field in dialect.fields.items():
        entry: dict[str, Any] = {
            "data_enc": "b" if field.kind in {"n", "b"} else CHARSETS[field.charset],
            "len_enc": "bcd" if field.length_digits else "ascii",
            "len_type": (field.length_digits + 1) // 2,
            "max_len": field.length,
            "desc": name,
        }
        if field.kind == "n":
            entry["len_count"] = "nibbles"
            if field.length % 2 or field.length_digits:
                entry[f"{field.pad}_pad"] = "0"
        spec[name] = entry
    return spec
