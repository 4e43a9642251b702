"""Messages a person agrees to get: one for each time he says so in WeChat's own dialogue.

Holders and guardians have the same routes.
"""

from __future__ import annotations

from sanic import HTTPResponse, Request

from backend.api.access import SharedRoutes, actor_of
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import answer, read_json
from backend.api.subscription_told import (
    AcceptanceShape,
    StoredTold,
    TemplatesTold,
    stored_told,
    templates_told,
)
from backend.domain.message import Template
from backend.domain.wechat import WechatOffError
from backend.usecases.messages.agree_to_message import agree_to_message
from backend.usecases.messages.read_stocks import read_stocks


@described(TemplatesTold)
async def list_templates(request: Request) -> HTTPResponse:
    """The messages there are, how many may be sent, and which to ask for at the next tap."""
    parts = parts_of(request)
    stocks = await read_stocks(actor_of(request))
    return answer(templates_told(parts.wechat, stocks, int(parts.clock())))


@described(StoredTold, body=AcceptanceShape, status=201)
async def agree(request: Request) -> HTTPResponse:
    """Store that one message may be sent; 503 wechat_off for a message nobody sends."""
    parts = parts_of(request)
    shape = read_json(request, AcceptanceShape)
    template = Template(shape.template)
    if template not in parts.wechat.template_ids:
        raise WechatOffError
    kept = await agree_to_message(
        template,
        is_accepted=shape.accepted,
        is_long_term=template in parts.wechat.long_term,
        actor=actor_of(request),
        at=int(parts.clock()),
    )
    return answer(stored_told(kept), 201)


SUBSCRIPTIONS: SharedRoutes = (
    ("GET", "/subscriptions", list_templates),
    ("POST", "/subscriptions", agree),
)
