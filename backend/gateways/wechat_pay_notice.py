"""What comes to our notice addresses: believed only after every check, in this order.

Every signed header there, once; the body not too long; its time within five minutes of ours; its
key among the configured; the signature over the raw bytes; the envelope; the decryption; the
kind of event this address is for; the fields. Comparing with our own order comes after, in
`domain.top_up`, and crediting a transaction once for ever is the tables'.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from backend.domain.wechat_pay import (
    NoticeFault,
    NoticeRefusedError,
    PaymentTold,
    RefundTold,
    TradeState,
)
from backend.domain.wechat_pay_account import WechatPayAccount
from backend.gateways.wechat_pay_reading import ContentError, Fields, read_payment, read_refund
from backend.gateways.wechat_pay_signing import SCHEME, Opener, SignatureError, Signed, Verifier
from backend.usecases.ports import Clock

NOTICE_BYTES_MAX: Final = 65_536
RESOURCE_LENGTH_MAX: Final = 49_152
ALGORITHM: Final = "AEAD_AES_256_GCM"
RESOURCE_TYPE: Final = "encrypt-resource"
PAYMENT_EVENT: Final = "TRANSACTION.SUCCESS"
PAYMENT_TYPE: Final = "transaction"
REFUND_EVENT: Final = "REFUND."
REFUND_TYPE: Final = "refund"
HEADERS: Final = (
    "wechatpay-timestamp",
    "wechatpay-nonce",
    "wechatpay-signature",
    "wechatpay-serial",
    "wechatpay-signature-type",
)
_FAULTS: Final = {
    "timestamp": NoticeFault.TIMESTAMP,
    "nonce": NoticeFault.HEADERS,
    "serial": NoticeFault.SERIAL,
    "probe": NoticeFault.PROBE,
    "signature": NoticeFault.SIGNATURE,
    "decryption": NoticeFault.DECRYPTION,
}


class Notices:
    """Reads notices; needs no network."""

    def __init__(self, verifier: Verifier, opener: Opener, clock: Clock) -> None:
        self._verifier = verifier
        self._opener = opener
        self._clock = clock

    @classmethod
    def read_keys(cls, account: WechatPayAccount, clock: Clock) -> Notices:
        """Read the keys. Raises VaultError."""
        return cls(Verifier.read(account), Opener.read(account), clock)

    def payment(self, headers: Iterable[tuple[str, str]], body: bytes) -> PaymentTold:
        """A payment notice. Raises NoticeRefusedError.

        `headers` are all of the request's, repeated ones repeated; `body` the bytes that came.
        """
        event, fields = self._open(headers, body, PAYMENT_TYPE)
        if event != PAYMENT_EVENT:
            raise NoticeRefusedError(NoticeFault.EVENT)
        try:
            told = read_payment(fields)
        except ContentError as fault:
            raise NoticeRefusedError(NoticeFault.CONTENT, str(fault)) from None
        if told.trade_state is not TradeState.SUCCESS:
            raise NoticeRefusedError(NoticeFault.CONTENT, "trade_state")
        return told

    def refund(self, headers: Iterable[tuple[str, str]], body: bytes) -> RefundTold:
        """A refund notice: SUCCESS, ABNORMAL or CLOSED. Raises NoticeRefusedError."""
        event, fields = self._open(headers, body, REFUND_TYPE)
        if not event.startswith(REFUND_EVENT):
            raise NoticeRefusedError(NoticeFault.EVENT)
        try:
            told = read_refund(fields, "refund_status")
        except ContentError as fault:
            raise NoticeRefusedError(NoticeFault.CONTENT, str(fault)) from None
        if event != REFUND_EVENT + told.status.value:
            raise NoticeRefusedError(NoticeFault.EVENT)
        if not told.mchid:
            raise NoticeRefusedError(NoticeFault.CONTENT, "mchid")
        return told

    def _open(
        self, headers: Iterable[tuple[str, str]], body: bytes, wanted_type: str
    ) -> tuple[str, Fields]:
        signed = _signed(headers)
        if len(body) > NOTICE_BYTES_MAX:
            raise NoticeRefusedError(NoticeFault.SIZE)
        try:
            self._verifier.verify(signed, body, self._clock())
            envelope = Fields.of(body)
            resource = envelope.inner("resource")
            event = envelope.text("event_type")
            envelope.require("resource_type", RESOURCE_TYPE)
            resource.require("algorithm", ALGORITHM)
            original_type = resource.text("original_type")
            plain = self._opener.open(
                resource.text("ciphertext", length_max=RESOURCE_LENGTH_MAX),
                resource.text("nonce"),
                resource.any_text("associated_data"),
            )
        except SignatureError as fault:
            raise NoticeRefusedError(_FAULTS[fault.what]) from None
        except ContentError as fault:
            raise NoticeRefusedError(NoticeFault.ENVELOPE, str(fault)) from None
        if original_type != wanted_type:
            raise NoticeRefusedError(NoticeFault.EVENT)
        try:
            return event, Fields.of(plain)
        except ContentError as fault:
            raise NoticeRefusedError(NoticeFault.CONTENT, str(fault)) from None


def _signed(headers: Iterable[tuple[str, str]]) -> Signed:
    """The five headers. Raises NoticeRefusedError when one is missing, empty or there twice."""
    found: dict[str, str] = {}
    for name, value in headers:
        lower = name.lower()
        if lower in HEADERS:
            if lower in found:
                raise NoticeRefusedError(NoticeFault.HEADERS, f"{lower} twice")
            found[lower] = value.strip()
    for name in HEADERS:
        if not found.get(name):
            raise NoticeRefusedError(NoticeFault.HEADERS, f"no {name}")
    if found["wechatpay-signature-type"] != SCHEME:
        raise NoticeRefusedError(NoticeFault.SIGNATURE_TYPE)
    return Signed(
        timestamp=found["wechatpay-timestamp"],
        nonce=found["wechatpay-nonce"],
        signature=found["wechatpay-signature"],
        serial=found["wechatpay-serial"],
    )
