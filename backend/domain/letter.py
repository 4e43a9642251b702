"""Addresses for letters: how they are written, shown and proven, and what a carrier may answer.

UnavailableError
├── CarrierOffError        the school sends no letters this way
├── CarrierAwayError       no answer, or "later": worth trying again
└── CarrierFaultError      refused for a reason that is ours: settings, credit, a template
ForbiddenError
└── AddressRefusedError    there is no such address, or its owner wants nothing
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from backend.domain.errors import ForbiddenError, InvalidInputError, UnavailableError
from backend.domain.message import Channel
from backend.domain.wechat import read_phone

ADDRESS_CONTEXT: Final = "message-address"
"""Under which context an address is sealed."""
CODE_CONTEXT: Final = "message-address-code"
CODE_DIGITS: Final = 6
CODE_SECONDS: Final = 900
CODE_TRIES_MAX: Final = 5
CODE_AGAIN_SECONDS: Final = 60
"""After how long another code may be asked for."""
MAIL_LENGTH_MAX: Final = 128
_MAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as SMS (the text alone) or e-mail."""

    title: str
    text: str


class CarrierOffError(UnavailableError):
    """No such way is configured."""

    def __init__(self) -> None:
        super().__init__(
            "channel_off",
            zh="学校没有开通这种通知方式。",
            en="The school sends no messages this way.",
        )


class CarrierAwayError(UnavailableError):
    """No answer, a broken one, or "later". `how` is one word and never an address.

    `is_for_all`: nothing else would go through either; else this address alone has to wait.
    """

    def __init__(self, how: str, *, is_for_all: bool = True) -> None:
        super().__init__("channel_away", zh="暂时发不出去。", en="It does not answer.", how=how)
        self.how = how
        self.is_for_all = is_for_all


class CarrierFaultError(UnavailableError):
    """The same letter would be refused again, whoever it is for. `how` is one word."""

    def __init__(self, how: str) -> None:
        super().__init__("channel_fault", zh="通知被拒绝。", en="It was refused.", how=how)
        self.how = how


class AddressRefusedError(ForbiddenError):
    """Nothing will arrive there any more."""

    def __init__(self, how: str) -> None:
        super().__init__("address_refused", zh="地址无法送达。", en="No such address.", how=how)
        self.how = how


def read_address(channel: Channel, text: str) -> str:
    """An address as it is sent to. Raises InvalidInputError: not one of this channel."""
    if channel is Channel.SMS:
        return read_phone(text)
    address = text.strip()
    if len(address) > MAIL_LENGTH_MAX or not _MAIL.fullmatch(address):
        raise InvalidInputError("address", "an e-mail address is wanted", zh="请填写电子邮箱地址。")
    return address


def shown_address(channel: Channel, address: str) -> str:
    """What a page may show of it: the owner knows which it is, nobody learns it."""
    if channel is Channel.SMS:
        return f"{address[:3]}****{address[-4:]}"
    name, _, place = address.rpartition("@")
    return f"{name[:1]}***@{place}"[:64]


def new_code(raw: bytes) -> str:
    """The digits of a code from eight random bytes."""
    return f"{int.from_bytes(raw, 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}}"
