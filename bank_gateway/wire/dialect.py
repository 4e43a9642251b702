"""An ask as bytes, and bytes as the answer to an ask: the profile's templates around a codec.

An answer is believed when its seal fits and it repeats what makes it an answer to this ask. Any
other leaves the outcome unknown, with the reason a reversal gives the bank.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from bank_gateway.asking import Answer, Ask, Doubt, Key, Result, Totals, Verb
from bank_gateway.keys import WorkingKeys, pin_block
from bank_gateway.profile import FixedColumns, Iso8583, Message, Profile, Xml, part_of
from bank_gateway.wire.faults import FrameError, SealError
from bank_gateway.wire.fixed import FixedCodec
from bank_gateway.wire.iso8583 import Iso8583Codec
from bank_gateway.wire.seals import Sealer
from bank_gateway.wire.xml import XmlCodec

NO_KEY: Final = Key("", "", date.min, 0, 0)
TYPE: Final = "t"
BALANCED: Final = "1"


class Dialect:
    """One bank's wire for one terminal. `terminal`, `merchant` and `agent` are the bank's names."""

    def __init__(
        self, profile: Profile, *, terminal: str, merchant: str = "", agent: str = ""
    ) -> None:
        """Nothing is sent yet."""
        self.profile = profile
        self._named = {"terminal": terminal, "merchant": merchant, "agent": agent}
        self._codec = _codec(profile)
        self._sealer = Sealer(profile.seal) if profile.seal else None

    def message_of(self, ask: Ask, keys: WorkingKeys | None, secret: bytes = b"") -> bytes:
        """The bytes of an ask, without the framing's length.

        Raises:
            FrameError: this bank cannot be asked that, or a value its field cannot hold.
            SealError: it must be sealed, and there is no key yet.

        """
        message = self._message(ask.verb)
        fields = self._filled(ask, message, keys)
        if self._sealer is None or not message.is_sealed:
            return self._pack(ask.verb, fields)
        key = self._sealer.key_of(keys, secret)
        fields[self._sealer.field] = self._sealer.empty
        raw = self._pack(ask.verb, fields)
        fields[self._sealer.field] = self._sealer.seal(key, self._covered(raw, fields))
        return self._pack(ask.verb, fields)

    def answer_of(
        self, raw: bytes, ask: Ask, keys: WorkingKeys | None, secret: bytes = b""
    ) -> Answer:
        """What the bank says to an ask; UNKNOWN where it is not to be believed. Raises nothing.

        The block of working keys in a sign-in's answer is read by `keys_in`.
        """
        message = self._message(ask.verb)
        try:
            found = self._unpack(ask.verb, raw)
            if message.is_sealed:
                self._require_seal(raw, found, keys, secret)
            self._require_ours(found, ask, message, keys)
            return self._read(found, ask, message)
        except (FrameError, SealError) as error:
            return _false(str(error))

    def keys_in(self, raw: bytes) -> bytes:
        """The block of working keys in a sign-in's answer. Raises FrameError: there is none."""
        found = self._unpack(Verb.SIGN_IN, raw)
        try:
            return bytes.fromhex(part_of(self.profile.read["keys"], found))
        except (KeyError, ValueError):
            raise FrameError("the sign-in brought no keys") from None

    def fields_of(self, raw: bytes, verb: Verb, *, is_ours: bool) -> dict[str, str]:
        """The fields of a message, for a trace that people read. Raises FrameError."""
        if isinstance(self._codec, Iso8583Codec):
            return self._codec.unpack(raw, is_ours=is_ours)
        return self._unpack(verb, raw)

    def _message(self, verb: Verb) -> Message:
        message = self.profile.messages.get(verb)
        if message is None:
            raise FrameError(f"{self.profile.bank} cannot be asked for {verb}")
        return message

    def _filled(self, ask: Ask, message: Message, keys: WorkingKeys | None) -> dict[str, str]:
        values = {**self._named, **_values(ask, self.profile.utc_offset_hours)}
        if ask.pin:
            if keys is None:
                raise SealError("a PIN cannot be hidden before the first sign-in")
            values["pin_block"] = pin_block(keys.pik, ask.pin, ask.account).hex().upper()
        templates = {**message.send, **(message.with_pin if ask.pin else {})}
        return {name: template.format_map(values) for name, template in templates.items()}

    def _require_seal(
        self, raw: bytes, found: Mapping[str, str], keys: WorkingKeys | None, secret: bytes
    ) -> None:
        if self._sealer is None:
            return
        key = self._sealer.key_of(keys, secret)
        self._sealer.require(key, self._covered(raw, found), found.get(self._sealer.field, ""))

    def _require_ours(
        self, found: Mapping[str, str], ask: Ask, message: Message, keys: WorkingKeys | None
    ) -> None:
        """Raise FrameError unless the answer repeats what makes it one to this ask."""
        sent = self._filled(ask, message, keys)
        for name, wanted in message.want.items():
            if found.get(name) != wanted:
                raise FrameError(f"{name}: not the answer that is wanted")
        for name in message.same:
            if found.get(name) != sent.get(name):
                raise FrameError(f"{name}: answers another ask")

    def _read(self, found: Mapping[str, str], ask: Ask, message: Message) -> Answer:
        said = {name: part_of(where, found) for name, where in self.profile.read.items()}
        code = said["code"]
        meaning = self.profile.codes.get(code)
        result = message.codes.get(code, meaning.result if meaning else Result.UNKNOWN)
        return Answer(
            result=result,
            code=code,
            zh=meaning.zh if meaning else f"银行返回 {code}",
            en=meaning.en if meaning else f"the bank said {code}",
            reference=said.get("reference", ""),
            settled_on=_day(said.get("settled", ""), ask.key.day),
            amount_fen=_number(said.get("amount", "")),
            batch=_number(said.get("batch", "")),
            doubt=Doubt.NO_ANSWER if result is Result.UNKNOWN else None,
            is_balanced=said["balanced"] == BALANCED if "balanced" in said else None,
        )

    def _pack(self, verb: Verb, fields: Mapping[str, str]) -> bytes:
        if isinstance(self._codec, FixedCodec):
            return self._codec.pack(verb, fields)
        return self._codec.pack(fields)

    def _unpack(self, verb: Verb, raw: bytes) -> dict[str, str]:
        if isinstance(self._codec, FixedCodec):
            return self._codec.unpack(verb, raw)
        return self._codec.unpack(raw)

    def _covered(self, raw: bytes, fields: Mapping[str, str]) -> bytes:
        if isinstance(self._codec, XmlCodec):
            own = self._sealer.field if self._sealer else ""
            text = "".join(value for name, value in fields.items() if name != own)
            return text.encode(self._codec.charset)
        return self._codec.covered(raw)


def _codec(profile: Profile) -> Iso8583Codec | FixedCodec | XmlCodec:
    dialect = profile.dialect
    if isinstance(dialect, Iso8583):
        return Iso8583Codec(dialect)
    if isinstance(dialect, FixedColumns):
        return FixedCodec(dialect)
    assert isinstance(dialect, Xml)  # noqa: S101 - the three kinds there are
    return XmlCodec(dialect)


def _values(ask: Ask, utc_offset_hours: int) -> dict[str, str | int]:
    """What a template may name, but for the terminal's own names."""
    at = datetime.fromtimestamp(ask.at, UTC) + timedelta(hours=utc_offset_hours)
    original = ask.original or NO_KEY
    totals = ask.totals or Totals()
    return {
        "account": ask.account,
        "card": ask.card_number,
        "card_hex": ask.card_number.encode().hex().upper(),
        "name": ask.name,
        "id_number": ask.id_number,
        "amount": ask.amount_fen,
        "batch": ask.key.batch,
        "trace": ask.key.trace,
        "day": f"{ask.key.day:%Y%m%d}",
        "date": f"{at:%m%d}",
        "time": f"{at:%H%M%S}",
        "stamp": f"{at:%Y%m%d%H%M%S}",
        "doubt": ask.doubt.value if ask.doubt else "",
        "original_batch": original.batch,
        "original_trace": original.trace,
        "original_day": f"{original.day:%Y%m%d}" if ask.original else "",
        "original_date": f"{original.day:%m%d}" if ask.original else "",
        "loads": totals.loads,
        "loads_fen": totals.loads_fen,
        "unloads": totals.unloads,
        "unloads_fen": totals.unloads_fen,
        "pin_block": "",
    }


def _false(why: str) -> Answer:
    return Answer(
        Result.UNKNOWN,
        zh="银行的应答不可信",
        en=f"the bank's answer is not to be believed: {why}",
        doubt=Doubt.FALSE_ANSWER,
    )


def _number(text: str) -> int | None:
    """A number of an answer. Raises FrameError: what stands there is none."""
    if not text.strip():
        return None
    if not (text.strip().isascii() and text.strip().isdigit()):
        raise FrameError("a number that is none")
    return int(text)


def _day(text: str, asked: date) -> date | None:
    """The day an answer says, as MMDD (of the year nearest to the ask) or YYYYMMDD.

    Raises FrameError: it is no day.
    """
    text = text.strip()
    if not text:
        return None
    try:
        if len(text) == 8:
            return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
        near = (asked.year - 1, asked.year, asked.year + 1)
        month, day = int(text[:2]), int(text[2:])
        found = [date(year, month, day) for year in near if _is_day(year, month, day)]
        return min(found, key=lambda one: abs(one - asked))
    except ValueError:
        raise FrameError("a day that is none") from None


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
