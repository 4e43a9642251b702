"""WeChat Pay, API v3, for one merchant: orders, refunds and bills, in domain values."""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final, TypeVar

from backend.domain.bill_text import BILL_BYTES_MAX
from backend.domain.errors import XiaomaError
from backend.domain.wechat_pay import (
    BillFile,
    BillKind,
    BillNotReadyError,
    NoBillError,
    OrderClosedError,
    OrderPaidError,
    OrderUsedError,
    PaymentTold,
    PaySheet,
    Prepay,
    RefundOrder,
    RefundRefusedError,
    RefundTold,
    UnknownToWechatPayError,
    WechatPayAwayError,
    WechatPayFaultError,
)
from backend.domain.wechat_pay_account import WechatPayAccount
from backend.gateways.wechat_pay_reading import ContentError, Fields, read_payment, read_refund
from backend.gateways.wechat_pay_signing import NONCE_BYTES, Signer, Verifier
from backend.gateways.wechat_pay_wire import RefusedError, Wire
from backend.usecases.ports import Clock, Randomness

log = logging.getLogger("xiaoma.wechat_pay")

NUMBER: Final = re.compile(r"[0-9A-Za-z_\-|*]{6,32}")
DESCRIPTION_LENGTH_MAX: Final = 127
PREPAY_ID_LENGTH_MAX: Final = 64
BEIJING: Final = timezone(timedelta(hours=8))
GZIP_WINDOW: Final = 31
"""zlib's word for "a gzip header is wanted"."""
BUSY: Final = frozenset({"SYSTEM_ERROR", "FREQUENCY_LIMITED", "BANKERROR", "USERPAYING"})
STATUS_BUSY: Final = 429
UNKNOWN_ORDER: Final = frozenset({"ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS"})
FAULTS_OF_OURS: Final = frozenset(
    {"SIGN_ERROR", "MCH_NOT_EXISTS", "APPID_MCHID_NOT_MATCH", "NOAUTH", "NO_AUTH"}
)
BILL_PATHS: Final = {
    BillKind.TRADE: "/v3/bill/tradebill?bill_date={day}&bill_type=ALL&tar_type=GZIP",
    BillKind.FUND_FLOW: "/v3/bill/fundflowbill?bill_date={day}&account_type=BASIC&tar_type=GZIP",
}

T = TypeVar("T")


class WechatPayGateway:
    """Every call may raise WechatPayAwayError (unknown what happened) and WechatPayFaultError.

    Never called inside a transaction. Each call carries a number of ours, so repeating it is safe.
    """

    def __init__(self, account: WechatPayAccount, *, clock: Clock, randomness: Randomness) -> None:
        """Read the keys. Raises VaultError: missing, open to others, or not what they should be."""
        self._account = account
        self._clock = clock
        self._randomness = randomness
        self._signer = Signer.read(account)
        self._wire = Wire(
            account, self._signer, Verifier.read(account), clock=clock, randomness=randomness
        )

    async def prepay(self, order: Prepay) -> PaySheet:
        """Make the order, or find it again, and answer what the phone opens it with.

        A repetition must have the same contents. Raises OrderPaidError, OrderClosedError,
        OrderUsedError.
        """
        if len(order.description) > DESCRIPTION_LENGTH_MAX:
            raise ValueError(f"description: at most {DESCRIPTION_LENGTH_MAX} characters")
        body: dict[str, object] = {
            "appid": self._account.app_id,
            "mchid": self._account.mchid,
            "description": order.description,
            "out_trade_no": _number(order.out_trade_no),
            "time_expire": _time(order.expires_at),
            "notify_url": self._account.payment_notify_url,
            "amount": {"total": order.amount_fen, "currency": "CNY"},
            "payer": {"openid": order.openid},
        }
        fields = await self._ask("POST", "/v3/pay/transactions/jsapi", body, _order_error)
        prepay_id = _read(lambda: fields.text("prepay_id", length_max=PREPAY_ID_LENGTH_MAX))
        nonce = self._randomness(NONCE_BYTES).hex()
        return self._signer.sheet(self._account.app_id, prepay_id, int(self._clock()), nonce)

    async def find(self, out_trade_no: str) -> PaymentTold:
        """The order by our number. Raises UnknownToWechatPayError."""
        path = f"/v3/pay/transactions/out-trade-no/{_number(out_trade_no)}"
        return await self._find(path, out_trade_no=out_trade_no)

    async def find_transaction(self, transaction_id: str) -> PaymentTold:
        """The order by WeChat Pay's number. Raises UnknownToWechatPayError."""
        path = f"/v3/pay/transactions/id/{_number(transaction_id)}"
        return await self._find(path, transaction_id=transaction_id)

    async def close_order(self, out_trade_no: str) -> None:
        """Let nobody pay it any more; closing again changes nothing.

        Raises OrderPaidError, UnknownToWechatPayError. After any other error, ask where it stands.
        """
        path = f"/v3/pay/transactions/out-trade-no/{_number(out_trade_no)}/close"
        await self._ask("POST", path, {"mchid": self._account.mchid}, _order_error)

    async def refund(self, order: RefundOrder) -> RefundTold:
        """Give back. The answer says that it was taken on, not that it arrived.

        Raises RefundRefusedError.
        """
        body: dict[str, object] = {
            "transaction_id": order.transaction_id,
            "out_refund_no": _number(order.out_refund_no),
            "reason": order.reason,
            "notify_url": self._account.refund_notify_url,
            "amount": {
                "refund": order.refund_fen,
                "total": order.total_fen,
                "currency": "CNY",
            },
        }
        fields = await self._ask("POST", "/v3/refund/domestic/refunds", body, _refund_error)
        told = _read(lambda: read_refund(fields))
        _same("out_refund_no", told.out_refund_no, order.out_refund_no)
        return told

    async def find_refund(self, out_refund_no: str) -> RefundTold:
        """The refund by our number. Raises UnknownToWechatPayError."""
        path = f"/v3/refund/domestic/refunds/{_number(out_refund_no)}"
        fields = await self._ask("GET", path, None, _refund_lookup_error)
        told = _read(lambda: read_refund(fields))
        _same("out_refund_no", told.out_refund_no, out_refund_no)
        return told

    async def bill(self, kind: BillKind, day_on: date) -> BillFile:
        """A day's bill, unzipped, its hash compared. Ready from ten in the morning after.

        Raises NoBillError, BillNotReadyError.
        """
        fields = await self._ask(
            "GET", BILL_PATHS[kind].format(day=day_on.isoformat()), None, _bill_error(day_on)
        )
        if _read(lambda: fields.text("hash_type")) != "SHA1":
            raise WechatPayFaultError("BILL_HASH_TYPE")
        wanted = _read(lambda: fields.text("hash_value")).lower()
        url = _read(lambda: fields.text("download_url", length_max=2048))
        try:
            raw = _unzip(await self._wire.download(url))
        except RefusedError as error:
            raise _ours(error, _no_error) from None
        # SHA-1 is what WeChat Pay gives; it finds accidents, and TLS keeps strangers out
        made = hashlib.sha1(raw, usedforsecurity=False).hexdigest()
        if not hmac.compare_digest(made, wanted):
            raise WechatPayFaultError("BILL_HASH")
        return BillFile(kind, day_on, raw)

    async def close(self) -> None:
        """End; calls under way are given up."""
        await self._wire.close()

    async def _find(self, path: str, **expected: str) -> PaymentTold:
        path = f"{path}?mchid={self._account.mchid}"
        fields = await self._ask("GET", path, None, _order_error)
        told = _read(lambda: read_payment(fields))
        for name, value in expected.items():
            if getattr(told, name) or name == "out_trade_no":
                _same(name, getattr(told, name), value)
        return told

    async def _ask(
        self,
        method: str,
        path: str,
        body: dict[str, object] | None,
        known: Callable[[RefusedError], XiaomaError | None],
    ) -> Fields:
        try:
            return await self._wire.ask(method, path, body)
        except RefusedError as error:
            raise _ours(error, known) from None


def _ours(error: RefusedError, known: Callable[[RefusedError], XiaomaError | None]) -> XiaomaError:
    if error.status == STATUS_BUSY or error.status >= 500 or error.code in BUSY:
        return WechatPayAwayError("busy")
    if error.code in FAULTS_OF_OURS:
        log.error("wechat pay: %s: %s", error, error.message)
        return WechatPayFaultError(error.code, error.status)
    mapped = known(error)
    if mapped is None:
        log.error("wechat pay: %s: %s", error, error.message)
        return WechatPayFaultError(error.code, error.status)
    return mapped


def _no_error(_error: RefusedError) -> XiaomaError | None:
    return None


def _order_error(error: RefusedError) -> XiaomaError | None:
    if error.code in UNKNOWN_ORDER:
        return UnknownToWechatPayError("order")
    if error.code in {"ORDERPAID", "ORDER_PAID"}:
        return OrderPaidError()
    if error.code in {"ORDER_CLOSED", "ORDERCLOSED"}:
        return OrderClosedError()
    return OrderUsedError() if error.code == "OUT_TRADE_NO_USED" else None


def _refund_error(error: RefusedError) -> XiaomaError | None:
    return RefundRefusedError(error.code)


def _refund_lookup_error(error: RefusedError) -> XiaomaError | None:
    return UnknownToWechatPayError("refund") if error.code in UNKNOWN_ORDER else None


def _bill_error(day_on: date) -> Callable[[RefusedError], XiaomaError | None]:
    def known(error: RefusedError) -> XiaomaError | None:
        if error.code == "NO_STATEMENT_EXIST":
            return NoBillError(day_on)
        return BillNotReadyError(day_on) if error.code == "STATEMENT_CREATING" else None

    return known


def _number(text: str) -> str:
    """A number that goes into an address: nothing else may come in with it."""
    if not NUMBER.fullmatch(text):
        raise ValueError("number: 6 to 32 of 0-9 A-Z a-z _ - | * are wanted")
    return text


def _time(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).astimezone(BEIJING).isoformat()


def _read(read: Callable[[], T]) -> T:
    try:
        return read()
    except ContentError as error:
        log.warning("wechat pay: an answer without a right %s", error)
        raise WechatPayAwayError("content") from None


def _same(name: str, told: str, asked: str) -> None:
    """Whether the answer is to what was asked: a signature says who, not to which question."""
    if told != asked:
        log.warning("wechat pay: an answer about another %s", name)
        raise WechatPayAwayError("other_answer")


def _unzip(zipped: bytes) -> bytes:
    """The text in a gzip file, BILL_BYTES_MAX at most."""
    unzipping = zlib.decompressobj(GZIP_WINDOW)
    try:
        raw = unzipping.decompress(zipped, BILL_BYTES_MAX + 1)
    except zlib.error:
        raise WechatPayFaultError("BILL_GZIP") from None
    if len(raw) > BILL_BYTES_MAX:
        raise WechatPayFaultError("BILL_SIZE")
    if not unzipping.eof or unzipping.unused_data:
        raise WechatPayFaultError("BILL_GZIP")
    return raw
