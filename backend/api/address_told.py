"""Addresses for letters, as their owners ask and are told: the same for holders and guardians."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, cast

from pydantic import Field
from typing_extensions import TypedDict

from backend.api.reading import Shape
from backend.domain.errors import NotFoundError
from backend.domain.letter import CarrierOffError
from backend.domain.message import Channel
from backend.tables.message import AddressRow

ChannelWord = Literal["sms", "mail"]
LanguageWord = Literal["zh", "en"]


class AddressShape(Shape):
    """Where letters are wanted (a phone number or an e-mail address), and in which language."""

    channel: ChannelWord
    address: Annotated[str, Field(min_length=3, max_length=128)]
    language: LanguageWord = "zh"


class ConfirmationShape(Shape):
    """The code that was sent there."""

    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class AddressTold(TypedDict):
    """An address: what may be shown of it, and whether its code came back.

    `is_failing`: nothing arrives there any more.
    """

    channel: ChannelWord
    shown: str
    language: LanguageWord
    is_confirmed: bool
    is_failing: bool


class AddressesTold(TypedDict):
    """What somebody left, and the ways this school sends letters."""

    channels: list[ChannelWord]
    addresses: list[AddressTold]


def address_told(row: AddressRow) -> AddressTold:
    """One address."""
    return {
        "channel": cast("ChannelWord", row.channel),
        "shown": row.shown,
        "language": cast("LanguageWord", row.language),
        "is_confirmed": row.agreed_at > 0,
        "is_failing": row.failed_at > 0,
    }


def addresses_told(rows: Sequence[AddressRow], channels: Sequence[Channel]) -> AddressesTold:
    """All of them."""
    return {
        "channels": [cast("ChannelWord", channel.value) for channel in channels],
        "addresses": [address_told(row) for row in rows],
    }


def channel_named(word: str) -> Channel:
    """The channel in an address's path. NotFoundError for what is none."""
    if word not in (Channel.SMS, Channel.MAIL):
        raise NotFoundError("unknown_address", zh="没有登记这个地址。", en="No such address.")
    return Channel(word)


def require_channel(channel: Channel, known: Sequence[Channel]) -> None:
    """Raise CarrierOffError unless the school sends letters this way."""
    if channel not in known:
        raise CarrierOffError
