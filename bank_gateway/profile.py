"""What a bank's line is like: a profile says it all, no line of code knows a bank by name.

A profile names fields and templates. A template is text with names in braces, `"45{batch:06}000"`;
what may stand in them is NAMES. A reading is a field, or a part of one: `"60[2:8]"`. Which bytes
that makes is the dialect's business (`wire/`). Keys never stand in a profile, only their names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time
from string import Formatter
from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from bank_gateway.asking import Result, Verb

NAMES: Final = frozenset(
    {
        "account", "agent", "amount", "batch", "card", "card_hex", "date", "day", "doubt",
        "id_number", "loads", "loads_fen", "merchant", "name", "original_batch", "original_date",
        "original_day", "original_trace", "pin_block", "stamp", "terminal", "time", "trace",
        "unloads", "unloads_fen",
    }
)  # fmt: skip
"""What a template may name: `date` is MMDD, `day` YYYYMMDD, `time` HHMMSS, `stamp` both.

`card_hex` is the card's digits as bytes, for a field of bytes.
"""
READS: Final = frozenset({"amount", "balanced", "batch", "code", "keys", "reference", "settled"})
"""What is read out of an answer."""
FRAME_BYTES_MAX: Final = 65_535
_SPEC: Final = re.compile(r"(0?[1-9][0-9]?)?")
_READING: Final = re.compile(r"([A-Za-z0-9_]{1,32})(?:\[([0-9]{1,3}):([0-9]{1,3})\])?")


def _template(text: str) -> str:
    """Raise ValueError for a template that names what nobody knows."""
    for _, name, spec, conversion in Formatter().parse(text):
        if name is None:
            continue
        if name not in NAMES:
            raise ValueError(f"{{{name}}}: a template may name {', '.join(sorted(NAMES))}")
        if conversion or not _SPEC.fullmatch(spec or ""):
            raise ValueError(f"{{{name}}}: after a name only a width may stand, as in {{trace:06}}")
    return text


def _reading(text: str) -> str:
    """Raise ValueError for a reading that is neither a field nor a part of one."""
    if not _READING.fullmatch(text):
        raise ValueError("must be a field, or a part of one as in 60[2:8]")
    return text


def _text(value: object) -> object:
    """Numbers of fields and codes are names: YAML's 39 is the field "39"."""
    return str(value) if type(value) is int else value


Word = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9_-]{0,30}[a-z0-9])?$")]
FieldName = Annotated[str, BeforeValidator(_text), Field(pattern=r"^[A-Za-z0-9_]{1,32}$")]
Code = Annotated[str, BeforeValidator(_text), Field(pattern=r"^[A-Za-z0-9]{1,8}$")]
Template = Annotated[str, BeforeValidator(_text), AfterValidator(_template)]
Reading = Annotated[str, BeforeValidator(_text), AfterValidator(_reading)]
VerbName = Annotated[Verb, Field(strict=False)]
ResultName = Annotated[Result, Field(strict=False)]
Fen = Annotated[int, Field(ge=1, le=100_000_000)]
Seconds = Annotated[float, Field(gt=0, le=3600)]
Fields = dict[FieldName, Template]


class Part(BaseModel):
    """One part of a profile: nothing unknown in it, nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Words(Part):
    """A sentence for people, in both languages."""

    zh: Annotated[str, Field(min_length=1, max_length=80)]
    en: Annotated[str, Field(min_length=1, max_length=160)]


class Framing(Part):
    """How one message ends and the next begins: its length stands before it.

    `binary`: so many bytes, the first the greatest; `digits`: so many ASCII digits.
    """

    kind: Literal["binary", "digits"]
    width: Annotated[int, Field(ge=2, le=8)]
    counts_itself: bool = False
    bytes_max: Annotated[int, Field(ge=16, le=FRAME_BYTES_MAX)] = 4_096


class Line(Part):
    """How the connection is held. A `short` one carries one ask and is closed by the bank."""

    style: Literal["long", "short"]
    connect_seconds: Seconds = 5.0
    answer_seconds: Seconds = 30.0
    echo_seconds: Seconds | None = None


class Seal(Part):
    """What proves that a message is the bank's, or ours. `key` names the shared secret.

    The MACs of `macs.py` use the MAK of the day; `md5` and `hmac-sha256` a shared key. `field` is
    where it stands.
    """

    kind: Literal["ecb", "ecb_sm4", "x9.9", "x9.19", "md5", "hmac-sha256"]
    field: FieldName
    key: Word = "mak"


class IsoField(Part):
    """A field of ISO 8583: n (digits), an (text), b (bytes); fixed, or with a length before it.

    `length_digits` 0: fixed. An odd number of digits fills a half byte at `pad`'s side.
    """

    kind: Literal["n", "an", "b"]
    length: Annotated[int, Field(ge=1, le=999)]
    length_digits: Literal[0, 2, 3] = 0
    pad: Literal["left", "right"] = "right"
    charset: Literal["ascii", "gb18030"] = "ascii"


class Column(Part):
    """One column of a fixed layout, in bytes; `fill` is what stands where the value does not."""

    name: FieldName
    width: Annotated[int, Field(ge=1, le=256)]
    align: Literal["left", "right"] = "left"
    fill: Annotated[str, Field(min_length=1, max_length=1)] = " "


class Iso8583(Part):
    """What stands before the fields, and each field's form."""

    kind: Literal["iso8583"]
    tpdu: Annotated[str, Field(pattern=r"^60[0-9]{8}$")]
    header: Annotated[str, Field(pattern=r"^[0-9]{12}$")]
    fields: dict[FieldName, IsoField]


class FixedColumns(Part):
    """A header for every message, and a body for each kind of ask and answer.

    `length` and `code` of the header say how long a message is and which body follows.
    """

    kind: Literal["fixed"]
    charset: Literal["ascii", "gb18030"] = "gb18030"
    header: list[Column]
    bodies: dict[VerbName, list[Column]]
    answers: dict[VerbName, list[Column]]


class Xml(Part):
    """The roots of a request and of a response; each field is an element in it."""

    kind: Literal["xml"]
    charset: Literal["gb18030", "utf-8"] = "gb18030"
    request: FieldName
    response: FieldName


class Message(Part):
    """One kind of ask: what is sent, what the answer must say, and what must come back as sent."""

    send: Fields
    with_pin: Fields = Field(default_factory=dict)
    want: dict[FieldName, Annotated[str, BeforeValidator(_text)]] = Field(default_factory=dict)
    same: list[FieldName] = Field(default_factory=list)
    is_sealed: bool = True
    codes: dict[Code, ResultName] = Field(default_factory=dict)
    """Codes that mean something else in an answer to this."""


class Meaning(Part):
    """What a code of the bank's comes to, and what a person is told."""

    result: ResultName
    zh: Annotated[str, Field(min_length=1, max_length=80)]
    en: Annotated[str, Field(min_length=1, max_length=160)]


def _clock(value: object) -> object:
    """HH:MM as a time; YAML 1.1 reads 07:00 as a number, so it stands in quotes."""
    if isinstance(value, str) and re.fullmatch(r"[0-2][0-9]:[0-5][0-9]", value):
        return time.fromisoformat(value)
    raise ValueError('must be a time in quotes, as in "07:30"')


ClockTime = Annotated[time, BeforeValidator(_clock)]


class Limits(Part):
    """When and how much. The school's own limits may be tighter."""

    opens: ClockTime
    closes: ClockTime
    load_fen_min: Fen = 1
    load_fen_max: Fen
    day_fen_max: Fen

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.opens < self.closes:
            raise ValueError("opens must be before closes")
        if not self.load_fen_min <= self.load_fen_max <= self.day_fen_max:
            raise ValueError("load_fen_min, load_fen_max and day_fen_max must rise")
        return self


class Undoing(Part):
    """How an unknown outcome is undone: by a reversal, or by asking first what became of it."""

    how: Literal["reverse", "query_then_reverse"]
    tries: Annotated[int, Field(ge=1, le=6)] = 3
    seconds: Seconds = 30.0
    is_before_next: bool = True
    """Nothing new is asked at a terminal while something of it waits to be undone."""


FileColumn = Literal[
    "terminal", "asked_on", "batch", "trace", "key", "reference", "account", "card", "amount",
    "time", "kind", "",
]  # fmt: skip


class DayFile(Part):
    """The bank's file of a day: what it moved and has not given back, one line each.

    The first line is `count|sum` in fen. Cells stand between bars, in the order of `columns`;
    an empty name is a cell that nobody reads. `key` is the reference of ours, cut by `key_parts`.
    """

    name: Template
    charset: Literal["ascii", "gb18030"] = "gb18030"
    columns: list[FileColumn]
    key_parts: dict[
        Literal["asked_on", "batch", "trace"], Annotated[str, Field(pattern=r"^[0-9]+:[0-9]+$")]
    ] = Field(default_factory=dict)
    loads: Annotated[str, Field(min_length=1, max_length=8)] = "LOAD"
    unloads: Annotated[str, Field(min_length=1, max_length=8)] = "UNLOAD"

    @model_validator(mode="after")
    def _has_what_is_joined(self) -> Self:
        have = {*self.columns, *self.key_parts}
        if missing := sorted({"trace", "asked_on", "amount", "kind"} - have):
            raise ValueError(f"columns: {', '.join(missing)} must be there")
        return self


class Profile(Part):
    """A bank's line, whole."""

    bank: Word
    name: Words
    note: str = ""
    utc_offset_hours: Annotated[int, Field(ge=-12, le=14)] = 8
    framing: Framing
    line: Line
    dialect: Annotated[Iso8583 | FixedColumns | Xml, Field(discriminator="kind")]
    seal: Seal | None = None
    read: dict[str, Reading]
    messages: dict[VerbName, Message]
    codes: dict[Code, Meaning]
    limits: Limits
    undoing: Undoing
    cut_over: ClockTime
    file: DayFile
    has_batches: bool = False
    """Whether asks belong to a batch that a sign-in opens."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        unknown = sorted(set(self.read) - READS)
        if unknown:
            raise ValueError(f"read: {', '.join(unknown)}: only {', '.join(sorted(READS))}")
        if "code" not in self.read:
            raise ValueError("read: an answer has a code")
        if Verb.LOAD not in self.messages or Verb.REVERSE not in self.messages:
            raise ValueError("messages: at least load and reverse")
        if self.undoing.how == "query_then_reverse" and Verb.QUERY not in self.messages:
            raise ValueError("messages: query is missing, and undoing asks first")
        if self.has_batches and Verb.SIGN_IN not in self.messages:
            raise ValueError("messages: sign_in is missing, and asks belong to batches")
        for verb, name in _strangers(self):
            raise ValueError(f"messages.{verb}: the dialect has no field {name}")
        return self


def part_of(reading: str, fields: Mapping[str, str]) -> str:
    """What a reading finds; "" where the field is not there."""
    found = _READING.fullmatch(reading)
    if found is None:
        raise ValueError(f"{reading}: no reading")
    name, first, last = found.groups()
    value = fields.get(name, "")
    return value if first is None else value[int(first) : int(last)]


def _strangers(profile: Profile) -> list[tuple[Verb, str]]:
    """Fields that messages use and the dialect does not know."""
    dialect, found = profile.dialect, []
    for verb, message in profile.messages.items():
        used = {*message.send, *message.with_pin}
        if isinstance(dialect, Iso8583):
            known = {*dialect.fields, "t"}
        elif isinstance(dialect, FixedColumns):
            known = {one.name for one in [*dialect.header, *dialect.bodies.get(verb, [])]}
        else:
            continue
        found += [(verb, name) for name in sorted(used - known)]
    return found
