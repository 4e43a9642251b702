"""What would this tap do? Asked by the office, answered by the one rule."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_staff
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.told import Day, Fen
from backend.domain.terminal import TERMINAL_ID_MAX
from backend.usecases.rules.try_tap import Question, Spending, Tried, Under, try_tap
from campus_code import Approved, ChipKind, CredentialKind, OfflineKnown, Refusal
from campus_code.limits import AMOUNT_FEN_MAX, AT_MAX, CLASS_ID_MAX, ID_LENGTH_MAX, VERSION_MAX
from campus_code.rules import (
    COUNT_LIMIT_MAX,
    OFFLINE_PAYMENTS_MAX,
    PURSES_MAX,
    SYNC_AGE_SECONDS_MAX,
    TERMINAL_FEN_MAX,
)

routes = Blueprint("admin_taps")

AmountFen = Annotated[int, Field(ge=0, le=AMOUNT_FEN_MAX)]
PurseName = Annotated[str, Field(min_length=1, max_length=ID_LENGTH_MAX)]


class TapAloneShape(Shape):
    """What the terminal alone would know; `entry_limit_fen` null: the card's own."""

    sync_age_seconds: int = Field(ge=0, le=2 * SYNC_AGE_SECONDS_MAX)
    payments: int = Field(ge=0, le=OFFLINE_PAYMENTS_MAX)
    spent_fen: AmountFen
    entry_limit_fen: AmountFen | None
    terminal_fen: int = Field(ge=0, le=TERMINAL_FEN_MAX)


class TapSpendingShape(Shape):
    """What is assumed to be spent before; `apart_seconds` null: no earlier tap here."""

    day_fen: AmountFen
    meal_fen: AmountFen
    meal_count: int = Field(ge=0, le=COUNT_LIMIT_MAX)
    apart_seconds: int | None = Field(ge=0, le=AT_MAX)


class TryTapShape(Shape):
    """One tap: under which rules (zeros: those in force), by whom, where, when, how much.

    A person's `number` or "" with a `class_id`; a `terminal_id` or 0 with a `group_id`. `alone`
    null asks the server. What is null of `balances` and `spending` is taken from the books.
    """

    draft_id: int = Field(ge=0, le=VERSION_MAX)
    version: int = Field(ge=0, le=VERSION_MAX)
    number: str = Field(max_length=32)
    class_id: int = Field(ge=0, le=CLASS_ID_MAX)
    terminal_id: int = Field(ge=0, le=TERMINAL_ID_MAX)
    group_id: str = Field(max_length=ID_LENGTH_MAX)
    at: int = Field(ge=0, le=AT_MAX)
    asked_fen: AmountFen | None
    has_pin: bool
    credential: Literal["code", "emergency", "card"]
    chip: Literal["desfire", "cpu", "classic"] | None
    alone: TapAloneShape | None
    balances: dict[PurseName, AmountFen] | None = Field(max_length=PURSES_MAX)
    spending: TapSpendingShape | None


class TapStepTold(TypedDict):
    """A step of the judging, its figures (amounts in fen), and whether it ended here."""

    step: str
    figures: dict[str, int | str | None]
    is_refused: bool


class TriedTapTold(TypedDict):
    """The verdict. `reason` null: approved; then the amounts stand, and which purse pays what.

    `version` 0: a draft was asked.
    """

    version: int
    group_id: str
    class_id: int
    holder_id: int
    period_id: str
    business_on: Day
    is_approved: bool
    reason: Refusal | None
    evidence: dict[str, Any]
    zh: str
    en: str
    nominal_fen: Fen
    discount_fen: Fen
    fee_fen: Fen
    charged_fen: Fen
    split: dict[str, int]
    steps: list[TapStepTold]


@routes.post("/rules/tries")
@for_staff("rules.try")
@described(TriedTapTold, body=TryTapShape)
async def ask(request: Request) -> HTTPResponse:
    """200: what it would do, and why; no money moves. A person can read that he was looked at."""
    shape = read_json(request, TryTapShape)
    at = int(parts_of(request).clock())
    return answer(_told(await try_tap(_question(shape), actor=actor_of(request), at=at)))


def _question(shape: TryTapShape) -> Question:
    alone, spending = shape.alone, shape.spending
    return Question(
        under=Under(shape.draft_id, shape.version),
        at=shape.at,
        asked_fen=shape.asked_fen,
        number=shape.number,
        class_id=shape.class_id,
        terminal_id=shape.terminal_id,
        group_id=shape.group_id,
        has_pin=shape.has_pin,
        credential=CredentialKind(shape.credential),
        chip=None if shape.chip is None else ChipKind(shape.chip),
        offline=None if alone is None else OfflineKnown(**alone.model_dump()),
        balances=None if shape.balances is None else dict(shape.balances),
        spending=None if spending is None else Spending(**spending.model_dump()),
    )


def _told(tried: Tried) -> TriedTapTold:
    told, verdict = tried.explanation, tried.explanation.verdict
    steps: list[TapStepTold] = [
        {"step": one.name, "figures": dict(one.figures), "is_refused": one.is_refused}
        for one in told.steps
    ]
    body: TriedTapTold = {
        "version": tried.version,
        "group_id": tried.group_id,
        "class_id": tried.class_id,
        "holder_id": tried.holder_id,
        "period_id": told.period_id,
        "business_on": told.business_on,
        "is_approved": False,
        "reason": None,
        "evidence": {},
        "zh": "通过",
        "en": "Approved",
        "nominal_fen": 0,
        "discount_fen": 0,
        "fee_fen": 0,
        "charged_fen": 0,
        "split": {},
        "steps": steps,
    }
    if isinstance(verdict, Approved):
        body["is_approved"] = True
        body["nominal_fen"] = verdict.nominal_fen
        body["discount_fen"] = verdict.discount_fen
        body["fee_fen"] = verdict.fee_fen
        body["charged_fen"] = verdict.charged_fen
        body["split"] = dict(verdict.split)
        return body
    body["reason"] = verdict.reason
    body["evidence"] = dict(verdict.evidence)
    body["zh"], body["en"] = verdict.sentence("zh"), verdict.sentence("en")
    return body
