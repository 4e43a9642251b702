"""A bank's side of the wire for tests, written apart from the gateway: it packs the answers.

ISO 8583 is read by py8583, which others wrote, and packed by hand, as are columns and XML.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final
from xml.etree import ElementTree as ET

from py8583 import py8583, py8583spec
from py8583.py8583 import DT, LT

from bank_gateway.asking import Ask, Key, Verb
from bank_gateway.keys import WorkingKeys
from bank_gateway.macs import mac_ecb
from bank_gateway.profile import Profile
from bank_gateway.profile_files import SHIPPED, read_profile

KEYS: Final = WorkingKeys(pik=bytes(range(16)), mak=bytes(range(1, 9)))
SECRET: Final = b"a shared key of tests"
AT: Final = 1_800_000_000
"""2027-01-15 16:00 in Beijing."""
DAY: Final = date(2027, 1, 15)
ACCOUNT: Final = "6200000000000000017"
NAMED: Final = {"terminal": "00000001", "merchant": "900000000000001", "agent": "300001"}
DIGITS: Final = {3: 6, 4: 12, 11: 6, 12: 6, 13: 4, 15: 4, 25: 2, 26: 2}
"""Fields that the witness reads as numbers, and how many digits each has."""
LOAD: Final = Ask(
    Verb.LOAD,
    Key("test", "00000001", DAY, 7, 42),
    AT,
    account=ACCOUNT,
    card_number="12345678",
    name="张三",
    id_number="110101200001010018",
    amount_fen=5_000,
)
REVERSAL: Final = replace(
    LOAD, verb=Verb.REVERSE, key=replace(LOAD.key, trace=43), original=LOAD.key
)


def profile_of(name: str) -> Profile:
    """A shipped profile."""
    return read_profile(SHIPPED / f"{name}.yaml")


class _Spec(py8583spec.IsoSpec1987BCD):  # type: ignore[misc]  # it has no types
    """The fields a load has, in py8583's own words."""

    def __init__(self) -> None:
        super().__init__()
        fixed = {
            3: ("n", 6, DT.BCD), 4: ("n", 12, DT.BCD), 11: ("n", 6, DT.BCD), 15: ("n", 4, DT.BCD),
            22: ("z", 4, DT.BCD), 25: ("n", 2, DT.BCD), 26: ("n", 2, DT.BCD),
            37: ("an", 12, DT.ASCII), 39: ("an", 2, DT.ASCII), 41: ("ans", 8, DT.ASCII),
            42: ("ans", 15, DT.ASCII), 49: ("an", 3, DT.ASCII), 52: ("b", 8, DT.BIN),
            53: ("z", 16, DT.BCD), 64: ("b", 8, DT.BIN),
        }  # fmt: skip
        for field, (content, length, data) in fixed.items():
            self.ContentTypes[field] = {
                "ContentType": content,
                "MaxLen": length,
                "LenType": LT.FIXED,
            }
            self.DataTypes[field] = {"Data": data, "Length": DT.BCD}
        for field, length, kind, content, data in (
            (2, 19, LT.LLVAR, "z", DT.BCD),
            (48, 322, LT.LLLVAR, "z", DT.BCD),
            (60, 19, LT.LLLVAR, "z", DT.BCD),
            (62, 512, LT.LLLVAR, "b", DT.BIN),
            (63, 163, LT.LLLVAR, "ans", DT.ASCII),
        ):
            self.ContentTypes[field] = {"ContentType": content, "MaxLen": length, "LenType": kind}
            self.DataTypes[field] = {"Data": data, "Length": DT.BCD}


def iso_fields(raw: bytes) -> dict[int | str, str]:
    """A message's type and fields as py8583 reads them; TPDU and header are cut off."""
    message: Any = py8583.Iso8583(IsoMsg=raw[11:], IsoSpec=_Spec())
    found: dict[int | str, str] = {"t": message.MTI()}
    for n in (one for one in range(2, 65) if message.Field(one) == 1):
        value = message.FieldData(n)
        found[n] = f"{value:0{DIGITS[n]}d}" if isinstance(value, int) else str(value)
    return found


def iso_answer(
    asked: bytes, code: str, more: Mapping[int, str] | None = None, *, account: str = ACCOUNT
) -> bytes:
    """A bank's answer to an ask: what it asked with, a code, and a MAC with the day's key."""
    had = iso_fields(asked)
    fields: dict[int, str] = {n: had[n] for n in (3, 4, 11, 25, 41, 42, 49, 60) if n in had}
    fields |= {2: account} if 2 in had else {}
    fields |= {15: "0115", 37: "000000000101", 39: code, **(more or {})}
    bits = sum(1 << (64 - n) for n in fields) | (64 in had)
    kind = _bcd(f"{int(had['t']) + 10:04d}")
    body = kind + bits.to_bytes(8, "big") + b"".join(_packed(n, fields[n]) for n in sorted(fields))
    if 64 in had:
        body += mac_ecb(KEYS.mak, body)
    return asked[:1] + asked[3:5] + asked[1:3] + asked[5:11] + body


def _packed(field: int, value: str) -> bytes:
    """One field by hand: two digits a byte on the left, a length of digits before the long ones."""
    if field in {37, 39, 41, 42, 49}:
        return value.encode()
    if field == 62:
        raw = bytes.fromhex(value)
        return _bcd(f"{len(raw):04d}") + raw
    lengths = {2: 2, 48: 4, 60: 4}
    digits = value[:11] if field == 60 else value
    head = _bcd(f"{len(digits):0{lengths[field]}d}") if field in lengths else b""
    return head + _bcd(digits)


def _bcd(digits: str) -> bytes:
    return bytes.fromhex(digits + "0" * (len(digits) % 2))


def columns(*cells: tuple[str, int, str]) -> bytes:
    """Cells of (text, width, side) one after the other, in GB18030."""
    made = b""
    for text, width, side in cells:
        raw = text.encode("gb18030")
        made += raw.ljust(width) if side == "left" else raw.rjust(width)
    return made


def fixed_answer(asked: bytes, code: str, *, account: str = ACCOUNT, fen: int = 5_000) -> bytes:
    """A bank's answer in fixed columns, with its digest."""
    body = columns(
        (account, 21, "left"), (str(fen), 15, "right"), ("BK000000000101", 14, "left"),
        ("20270115", 8, "left"),
    )  # fmt: skip
    digest = hashlib.md5(body + SECRET).hexdigest().upper()  # noqa: S324 - the bank's own way
    return asked[:26] + code.encode().ljust(4) + asked[30:50] + digest.encode() + body


def xml_answer(asked: bytes, code: str, more: Mapping[str, str] | None = None) -> bytes:
    """A bank's answer in XML, with its MAC."""
    request = ET.fromstring(asked.decode("gb18030").split("?>", 1)[1])  # noqa: S314 - our own
    fields = {one.tag: one.text or "" for one in request if one.tag != "MAC"}
    fields |= {"RESCODE": code, "BANKREF": "BK0101", "SETTLED": "20270115", **(more or {})}
    text = "".join(fields.values()).encode("gb18030")
    fields["MAC"] = hmac.new(SECRET, text, "sha256").hexdigest().upper()
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f"<RESPONSE>{inner}</RESPONSE>".encode("gb18030")


def answer_in(name: str, asked: bytes, code: str) -> bytes:
    """The answer of a bank of this profile."""
    ways: dict[str, Callable[[bytes, str], bytes]] = {
        "unionpay_pos": iso_answer,
        "fixed_digest": fixed_answer,
        "length_xml": xml_answer,
    }
    return ways[name](asked, code)
