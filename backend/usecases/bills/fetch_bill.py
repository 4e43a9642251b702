"""Fetch a day's bill from WeChat Pay, or take it from a file that somebody downloaded there."""

from __future__ import annotations

import asyncio
import gzip
import io
import zlib
from dataclasses import dataclass
from typing import Final

from backend.domain.bill_day import require_ready
from backend.domain.bill_text import BILL_BYTES_MAX, BillFault, BillRefusedError
from backend.domain.errors import ConflictError
from backend.domain.wechat_pay import BillKind, NoBillError
from backend.tables.audit import note
from backend.tables.bill import BillRow
from backend.tables.bills import Reading, find_bill, has_payments, keep_bill
from backend.tables.database import transaction
from backend.usecases.ports import WechatPay

GZIP_MAGIC: Final = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class BillKept:
    """A bill that is here now. `is_new`: this call brought it; `line_count` 0: nothing moved."""

    kind: BillKind
    line_count: int
    is_new: bool


async def fetch_bill(pay: WechatPay, reading: Reading, *, by: str, at: int) -> BillKept:
    """Ask WeChat Pay for one bill, unless it is here already; asked again it changes nothing.

    Raises:
        ConflictError: the day is not over yet, or WeChat Pay says that nothing moved on a day of
            which we hold payments.
        BillNotReadyError: it is still being made; ask again later.
        BillRefusedError: what came is not that day's bill, or not whole.
        WechatPayAwayError, WechatPayFaultError: it was not fetched.

    """
    require_ready(reading.day_on, at)
    standing = await find_bill(reading.kind, reading.day_on)
    if standing is not None and standing.text_hash:
        return BillKept(reading.kind, standing.line_count, is_new=False)
    try:
        raw = (await pay.bill(reading.kind, reading.day_on)).raw
    except NoBillError:
        # an error of WeChat Pay's is not signed, so it is not believed against our own books
        if await has_payments(reading.day_on):
            raise _missing(reading) from None
        raw = b""
    if raw == b"" and standing is not None:
        return BillKept(reading.kind, 0, is_new=False)
    kept = await keep_bill(reading, raw, by=by, at=at)
    return await _noted(reading, kept, "bills.fetch", by=by, at=at)


async def upload_bill(reading: Reading, raw: bytes, *, by: str, at: int) -> BillKept:
    """Take a file that a person downloaded; the same checks, but there is no hash to compare.

    Raises:
        BillRefusedError: it is not that day's bill of this merchant, not whole, or was read before.
        ConflictError: the day is not over yet, or another file stands for it.

    """
    require_ready(reading.day_on, at)
    text = await asyncio.to_thread(_unzipped, raw)
    if not text:
        raise BillRefusedError(BillFault.HEADER, 1)
    kept = await keep_bill(reading, text, by=by, at=at)
    return await _noted(reading, kept, "bills.upload", by=by, at=at)


async def _noted(reading: Reading, kept: BillRow, verb: str, *, by: str, at: int) -> BillKept:
    async with transaction():
        subject = f"bill:{reading.kind}:{kept.day_on}"
        await note(by, verb, subject, at, lines=kept.line_count, digest=kept.text_hash)
    return BillKept(reading.kind, kept.line_count, is_new=True)


def _unzipped(raw: bytes) -> bytes:
    """The text; WeChat Pay's site hands out either."""
    if not raw.startswith(GZIP_MAGIC):
        return raw
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as file:
            text = file.read(BILL_BYTES_MAX + 1)
    except (OSError, EOFError, zlib.error):
        raise BillRefusedError(BillFault.NO_SUMMARY) from None
    return text


def _missing(reading: Reading) -> ConflictError:
    return ConflictError(
        "bill_missing",
        zh=f"微信支付称 {reading.day_on} 没有账单，但当日有已支付的充值。"
        "请稍后重取，或手工上传账单。",
        en=f"WeChat Pay says that nothing moved on {reading.day_on}, and top-ups were paid on it."
        " Fetch it again later, or upload it.",
    )
