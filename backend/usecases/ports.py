"""Protocols for what stands outside our walls, and for time and chance."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from backend.domain.letter import Letter
from backend.domain.message import Template
from backend.domain.payment import Attempt, Outcome
from backend.domain.shipping import Shipment
from backend.domain.wechat_pay import (
    BillFile,
    BillKind,
    PaymentTold,
    PaySheet,
    Prepay,
    RefundOrder,
    RefundTold,
)

Clock = Callable[[], float]
"""Unix seconds, as `time.time` gives them."""

Randomness = Callable[[int], bytes]
"""That many unguessable bytes, as `secrets.token_bytes` gives them."""

Payload = dict[str, object]


class Subscription(Protocol):
    """What was published since `subscribe` returned; close it when nobody listens any more."""

    def __aiter__(self) -> Subscription:
        """It is its own iterator."""

    async def __anext__(self) -> Payload:
        """Wait for the next one."""

    async def aclose(self) -> None:
        """Stop listening."""


class Bus(Protocol):
    """Wake-ups between processes. At most once: what a wake-up means is always in SQL too."""

    async def publish(self, topic: str, payload: Payload) -> None:
        """Tell every listener in every process; never raises because the bus is down."""

    def subscribe(self, topic: str) -> Subscription:
        """Listen from now on."""

    async def is_well(self) -> bool:
        """Whether other processes can be reached at this moment."""

    async def close(self) -> None:
        """End; listeners' iterations end too."""


class Vault(Protocol):
    """Holds the server's two keys: one seals secrets at rest, one signs documents."""

    def seal(self, plain: bytes, context: str) -> str:
        """Encrypt for storage; opens only under the same context."""

    def open(self, sealed: str, context: str) -> bytes:
        """Decrypt what was stored. Raises VaultError when it was changed or moved."""

    def keyed_hash(self, plain: bytes, context: str) -> str:
        """Hash in hex under a key of the vault's: for looking up what must not be guessed."""

    def signing_key(self) -> Ed25519PrivateKey:
        """The key that signs documents for terminals."""

    def public_key(self) -> Ed25519PublicKey:
        """Its public half: terminals learn it once, when they enrol."""


class Counter(Protocol):
    """Counts how often a thing happened within a window, across processes."""

    async def add(self, key: str, window_seconds: int) -> int:
        """Count one more and answer the total. Raises OSError when the store is away."""


class Payments(Protocol):
    """The path of money, as the composition root and the routes see it."""

    def pay(self, attempt: Attempt) -> Awaitable[Outcome]:
        """Queue one tap or reversal; answered when its set has committed."""

    async def post(self, attempts: Sequence[Attempt]) -> list[Outcome]:
        """Post an upload's records, in order."""

    async def drain(self) -> None:
        """Take no new payment, and return when the last set has committed and is answered."""


class Wechat(Protocol):
    """The mini-program's WeChat; every call may raise what `domain.wechat` lists.

    Never called inside a transaction: an answer takes seconds when it takes long.
    """

    @property
    def template_ids(self) -> Mapping[Template, str]:
        """The messages that may be sent, and the ids a phone asks its owner about."""

    @property
    def long_term(self) -> frozenset[Template]:
        """Those of them that are agreed to once for all."""

    async def openid_of(self, code: str) -> str:
        """Who logged in with a `wx.login` code; a code works once, for five minutes."""

    async def phone_of(self, code: str) -> str:
        """The phone number (`+86…`) behind a code of the phone-number button; once, too."""

    async def send(self, openid: str, template: Template, body: Mapping[str, str]) -> None:
        """Send one subscribe message: keyword → value."""

    async def ship(self, shipment: Shipment) -> None:
        """Tell the order management that a top-up was delivered; WechatFaultError: its number."""

    async def is_shipped(self, transaction_id: str) -> bool:
        """Whether it knows that an order was delivered."""

    async def close(self) -> None:
        """End; calls under way are given up."""


class Carrier(Protocol):
    """Carries letters to addresses, by SMS or e-mail; raises what `domain.letter` lists.

    Never called inside a transaction.
    """

    async def send(self, address: str, letter: Letter, key: str) -> None:
        """Send one letter; the same `key` again is the same letter."""

    async def close(self) -> None:
        """End."""


class WechatPay(Protocol):
    """The school's merchant account; every call may raise what `domain.wechat_pay` lists.

    Never called inside a transaction. Each call carries a number of ours, so it may be repeated.
    """

    async def prepay(self, order: Prepay) -> PaySheet:
        """Make the order, or find it again, and answer what the phone opens it with."""

    async def find(self, out_trade_no: str) -> PaymentTold:
        """The order by our number."""

    async def find_transaction(self, transaction_id: str) -> PaymentTold:
        """The order by WeChat Pay's number."""

    async def close_order(self, out_trade_no: str) -> None:
        """Let nobody pay it any more."""

    async def refund(self, order: RefundOrder) -> RefundTold:
        """Give back; the answer says that it was taken on, not that it arrived."""

    async def find_refund(self, out_refund_no: str) -> RefundTold:
        """The refund by our number."""

    async def bill(self, kind: BillKind, day_on: date) -> BillFile:
        """A day's bill, its hash compared."""

    async def close(self) -> None:
        """End; calls under way are given up."""


class PayNotices(Protocol):
    """Reads what WeChat Pay sends us; NoticeRefusedError for what is not to be believed."""

    def payment(self, headers: Iterable[tuple[str, str]], body: bytes) -> PaymentTold:
        """A payment notice: all headers of the request, repeated ones repeated, and its bytes."""

    def refund(self, headers: Iterable[tuple[str, str]], body: bytes) -> RefundTold:
        """A refund notice."""
