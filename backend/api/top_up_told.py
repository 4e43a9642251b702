"""What phones are told of top-ups, whoever asks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sanic import HTTPResponse
from typing_extensions import TypedDict

from backend.api.parts import Parts
from backend.api.reading import Shape, answer
from backend.api.told import At, Fen
from backend.domain.forecast import is_low
from backend.domain.invitation import DAYS_MAX
from backend.domain.top_up import TOP_UP_FEN_MAX, TopUpState, proposed
from backend.tables.top_up_orders import TopUpView
from backend.usecases.order_desk import OrderDesk
from backend.usecases.top_ups.invite_relative import InvitationMade
from backend.usecases.top_ups.list_invitations import InvitationView
from backend.usecases.top_ups.list_top_ups import TopUpsView

KEY_LENGTH_MAX = 64
StateWord = Literal["pending", "paid", "closed", "held"]
STATES: dict[TopUpState, StateWord] = {
    TopUpState.STARTED: "pending",
    TopUpState.PENDING: "pending",
    TopUpState.CLOSING: "pending",
    TopUpState.CLOSED: "closed",
    TopUpState.HELD: "held",
    TopUpState.PAID: "paid",
}

RequestKey = Annotated[
    str, Field(min_length=8, max_length=KEY_LENGTH_MAX, pattern=r"^[A-Za-z0-9_:.\-]+$")
]
AmountFen = Annotated[int, Field(ge=1, le=TOP_UP_FEN_MAX)]


class TopUpShape(Shape):
    """What to order (fen). The phone makes `request_key` and keeps it before it sends this."""

    request_key: RequestKey
    amount_fen: AmountFen


class InviteShape(Shape):
    """The most a relative may pay (fen), and for how many days the address stands."""

    amount_fen_max: AmountFen
    days: Annotated[int, Field(ge=1, le=DAYS_MAX)]


class SheetTold(TypedDict):
    """What `wx.requestPayment` is called with."""

    app_id: str
    timestamp: str
    nonce: str
    package: str
    sign_type: str
    pay_sign: str


class TopUpTold(TypedDict):
    """A top-up. `balance_fen` is the cash purse's, null where it is not to be told.

    `held`: it waits for the school; the money is not lost. `sheet` is null unless it was asked for
    and the order may be paid.
    """

    number: str
    amount_fen: Fen
    state: StateWord
    started_at: At
    expires_at: At
    paid_at: At | None
    balance_fen: Fen | None
    sheet: SheetTold | None


class TopUpsTold(TypedDict):
    """Whether one can top up, with what, and the last ones, newest first.

    `days_left`: for how many days the purses last by what was spent lately, today counted; null:
    long, unknown, or not shared. `is_low`: tomorrow will not be covered.
    """

    is_on: bool
    amount_fen_max: Fen
    amounts_fen: list[Fen]
    last_amount_fen: Fen | None
    days_left: int | None
    is_low: bool
    top_ups: list[TopUpTold]


class TopUpInvitationTold(TypedDict):
    """An invitation that was made; its token was shown once."""

    invitation_id: int
    amount_fen_max: Fen
    made_at: At
    expires_at: At
    state: Literal["open", "paid", "ended"]


class TopUpInvitationsTold(TypedDict):
    """The newest invitations, newest first."""

    invitations: list[TopUpInvitationTold]


class InvitationMadeTold(TypedDict):
    """A new invitation. The token is shown once; the phone makes the address of it."""

    invitation_id: int
    token: str
    expires_at: At


def desk_of(parts: Parts) -> OrderDesk:
    """The desk that speaks to WeChat Pay about orders."""
    return OrderDesk(
        pay=parts.pay,
        merchant=parts.config.pay,
        ledger=parts.ledger,
        vault=parts.vault,
        clock=parts.clock,
        randomness=parts.randomness,
        amount_fen_max=parts.config.top_up_fen_max,
    )


def top_up_told(view: TopUpView) -> TopUpTold:
    """One order."""
    sheet: SheetTold | None = None
    if view.sheet is not None:
        sheet = {
            "app_id": view.sheet.app_id,
            "timestamp": view.sheet.timestamp,
            "nonce": view.sheet.nonce,
            "package": view.sheet.package,
            "sign_type": view.sheet.sign_type,
            "pay_sign": view.sheet.pay_sign,
        }
    return {
        "number": view.number,
        "amount_fen": view.amount_fen,
        "state": STATES[view.state],
        "started_at": view.started_at,
        "expires_at": view.expires_at,
        "paid_at": view.paid_at or None,
        "balance_fen": view.balance_fen,
        "sheet": sheet,
    }


def top_ups_told(view: TopUpsView, parts: Parts) -> TopUpsTold:
    """The page before the first tap."""
    highest_fen = parts.config.top_up_fen_max
    return {
        "is_on": parts.config.pay is not None,
        "amount_fen_max": highest_fen,
        "amounts_fen": list(proposed(highest_fen)),
        "last_amount_fen": view.last_amount_fen,
        "days_left": view.days_left,
        "is_low": is_low(view.days_left),
        "top_ups": [top_up_told(one) for one in view.top_ups],
    }


def invitations_answer(views: list[InvitationView]) -> HTTPResponse:
    """The list of a holder or a guardian."""
    body: TopUpInvitationsTold = {
        "invitations": [
            {
                "invitation_id": one.invitation_id,
                "amount_fen_max": one.amount_fen_max,
                "made_at": one.made_at,
                "expires_at": one.expires_at,
                "state": one.state.value,
            }
            for one in views
        ]
    }
    return answer(body)


def made_answer(made: InvitationMade) -> HTTPResponse:
    """A new one."""
    body: InvitationMadeTold = {
        "invitation_id": made.invitation_id,
        "token": made.token,
        "expires_at": made.expires_at,
    }
    return answer(body, 201)
