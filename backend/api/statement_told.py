"""A page of a statement, as its holder and those he lets see it are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, cast

from pydantic import Field
from typing_extensions import TypedDict

from backend.api.reading import Shape
from backend.api.told import At, Day, Fen
from backend.domain.spending import MONTH_MAX
from backend.domain.statement import StatementLine

LINES_MAX = 50
LINES_USUAL = 20
ID_MAX = 2**63 - 1

DisputeWord = Literal["", "open", "upheld", "refused"]


class PageQuery(Shape):
    """A page, newest first: `before` is the last id of the page before, 0 for the newest."""

    before: Annotated[int, Field(ge=0, le=ID_MAX)] = 0
    limit: Annotated[int, Field(ge=1, le=LINES_MAX)] = LINES_USUAL


class PaymentsQuery(PageQuery):
    """A page of payments; a month YYYYMM keeps those of its business days, 0 keeps all."""

    month: Annotated[int, Field(ge=0, le=MONTH_MAX)] = 0


class PaymentTold(TypedDict):
    """One payment. charged = nominal − discount + fee; the school bore `borne_fen` of it.

    `split_fen` is what each purse paid, `returned_fen` what came back since; `is_undone`: nothing
    of it stands. `reason` says why the school bore a part, `courtesy` that it gave the meal.
    `dispute` is empty for a payment that nobody contests.
    """

    payment_id: int
    card_number: str
    merchant: str
    terminal: str
    occurred_at: At
    posted_at: At
    business_on: Day
    period_id: str
    nominal_fen: Fen
    discount_fen: Fen
    fee_fen: Fen
    charged_fen: Fen
    borne_fen: Fen
    split_fen: dict[str, Fen]
    returned_fen: Fen
    is_undone: bool
    was_offline: bool
    was_late: bool
    outcome: str
    reason: str
    dispute: DisputeWord


class PaymentsTold(TypedDict):
    """A page of payments; `next` is what to send as `before`, 0 when this was the last page."""

    payments: list[PaymentTold]
    next: int


def payments_told(lines: Sequence[StatementLine], lines_max: int) -> PaymentsTold:
    """A page of a statement as JSON; a page that is not full is the last."""
    payments: list[PaymentTold] = [
        {
            "payment_id": line.payment_id,
            "card_number": line.card_number,
            "merchant": line.merchant,
            "terminal": line.terminal,
            "occurred_at": line.occurred_at,
            "posted_at": line.posted_at,
            "business_on": line.business_on,
            "period_id": line.period_id,
            "nominal_fen": line.nominal_fen,
            "discount_fen": line.discount_fen,
            "fee_fen": line.fee_fen,
            "charged_fen": line.charged_fen,
            "borne_fen": line.borne_fen,
            "split_fen": dict(line.split),
            "returned_fen": line.returned_fen,
            "is_undone": line.is_undone,
            "was_offline": line.was_offline,
            "was_late": line.was_late,
            "outcome": line.outcome,
            "reason": line.reason,
            "dispute": cast("DisputeWord", line.dispute),
        }
        for line in lines
    ]
    next_id = lines[-1].payment_id if len(lines) == lines_max else 0
    return {"payments": payments, "next": next_id}
