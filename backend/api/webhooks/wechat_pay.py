"""What WeChat Pay tells us by itself. 204: taken. Anything else: it tells us again.

Everything is verified before anything is looked up, and nothing but the word FAIL and one sentence
goes back. No answer takes longer than WeChat Pay waits; work under way then goes on, and the next
notice finds it done.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final, Literal

from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import in_public
from backend.api.described import JSON, described
from backend.api.errors import status_of
from backend.api.parts import parts_of
from backend.api.reading import answer
from backend.domain.errors import XiaomaError
from backend.domain.refund import RefundState
from backend.usecases.refunds.apply_refund_notice import apply_refund_notice
from backend.usecases.top_ups.hear_payment import hear_payment

log = logging.getLogger("xiaoma.notices")

ANSWER_SECONDS: Final = 4.5
"""WeChat Pay waits five."""
BUSY: Final = 503

routes = Blueprint("webhooks_wechat_pay", url_prefix="/wechat-pay")


class NoticeFailedTold(TypedDict):
    """It is not taken, and may be told again."""

    code: Literal["FAIL"]
    message: str


@routes.post("/payments")
@in_public
@described(None, status=204, media="", takes=JSON, wrong=NoticeFailedTold)
async def payments(request: Request) -> HTTPResponse:
    """A payment notice, signed by WeChat Pay: its order is credited once, however often told."""
    parts = parts_of(request)
    return await _answered(
        hear_payment(
            request.headers.items(),
            request.body or b"",
            notices=parts.pay_notices,
            ledger=parts.ledger,
            clock=parts.clock,
        )
    )


@routes.post("/refunds")
@in_public
@described(None, status=204, media="", takes=JSON, wrong=NoticeFailedTold)
async def refunds(request: Request) -> HTTPResponse:
    """A refund notice, signed by WeChat Pay: that it arrived, or that it will not."""
    return await _answered(_hear_refund(request))


async def _hear_refund(request: Request) -> RefundState:
    parts = parts_of(request)
    told = parts.pay_notices.refund(request.headers.items(), request.body or b"")
    return await apply_refund_notice(parts.ledger, parts.clock, told)


async def _answered(work: Coroutine[Any, Any, object]) -> HTTPResponse:
    """204 when the work is done in time, else why not."""
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait({task}, timeout=ANSWER_SECONDS)
    if not done:
        task.add_done_callback(_note_late)
        return _failed(BUSY, "not done in time")
    try:
        task.result()
    except XiaomaError as error:
        log.warning("notice not taken: %s", error)
        return _failed(status_of(error), error.en)
    except Exception:
        log.exception("notice not taken")
        return _failed(BUSY, "something failed on our side")
    return HTTPResponse(status=204)


def _failed(status: int, message: str) -> HTTPResponse:
    body: NoticeFailedTold = {"code": "FAIL", "message": message}
    return answer(body, status)


def _note_late(task: asyncio.Task[object]) -> None:
    """Say how work ended that nobody waited for."""
    error = None if task.cancelled() else task.exception()
    log.warning("notice done late: %s", type(error).__name__ if error else "taken")
