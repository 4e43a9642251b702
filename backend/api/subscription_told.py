"""What holders and guardians are asked and told about messages by WeChat: the same for both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from typing_extensions import TypedDict

from backend.api.reading import Shape
from backend.domain.message import Stock, Template, asked_now
from backend.usecases.ports import Wechat

TemplateWord = Literal[
    "payment", "freeze", "top_up", "low", "over", "refund", "benefit", "dispute", "lot"
]


class AcceptanceShape(Shape):
    """What WeChat's dialogue about a template was answered with."""

    template: TemplateWord
    accepted: bool


class TemplateTold(TypedDict):
    """A kind of message, and the template id to ask WeChat's dialogue for.

    `messages_left` is how many more may be sent; of a long-term template all may, once agreed to.
    """

    template: TemplateWord
    template_id: str
    is_long_term: bool
    is_agreed: bool
    messages_left: int


class TemplatesTold(TypedDict):
    """The messages this school sends; none without a mini-program account.

    `ask_now`: which of them a fitting tap may ask for at this moment, in one dialogue.
    """

    templates: list[TemplateTold]
    ask_now: list[TemplateWord]


class StoredTold(TypedDict):
    """How many messages of each kind may be sent by now."""

    payment: int
    freeze: int
    top_up: int
    low: int
    over: int
    refund: int
    benefit: int
    dispute: int
    lot: int


def templates_told(
    wechat: Wechat, stocks: Mapping[Template, Stock] | None, at: int
) -> TemplatesTold:
    """The answer; `stocks` is None for who has no WeChat account, he is asked for nothing."""
    ids = wechat.template_ids
    known = {one: (stocks or {}).get(one, Stock()) for one in Template if one in ids}
    asked = asked_now(known, wechat.long_term, at) if stocks is not None else ()
    return {
        "templates": [
            {
                "template": one.value,
                "template_id": ids[one],
                "is_long_term": one in wechat.long_term,
                "is_agreed": stock.may_be_sent,
                "messages_left": stock.messages_left,
            }
            for one, stock in known.items()
        ],
        "ask_now": [one.value for one in asked],
    }


def stored_told(stocks: Mapping[Template, Stock]) -> StoredTold:
    """The counts by kind."""
    left = {one: stock.messages_left for one, stock in stocks.items()}
    return {
        "payment": left[Template.PAYMENT],
        "freeze": left[Template.FREEZE],
        "top_up": left[Template.TOP_UP],
        "low": left[Template.LOW],
        "over": left[Template.OVER],
        "refund": left[Template.REFUND],
        "benefit": left[Template.BENEFIT],
        "dispute": left[Template.DISPUTE],
        "lot": left[Template.LOT],
    }
