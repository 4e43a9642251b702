"""Messages the holder agrees to get: one for each time he says so in WeChat's own dialogue."""

from __future__ import annotations

from typing import Literal

from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_student
from backend.api.described import described
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.domain.message import Template
from backend.domain.wechat import WechatOffError
from backend.usecases.messages.agree_to_message import agree_to_message

routes = Blueprint("student_subscriptions")


class AcceptanceShape(Shape):
    """What WeChat's dialogue about a template was answered with."""

    template: Literal["payment", "freeze"]
    accepted: bool


class TemplateTold(TypedDict):
    """A kind of message, and the template id to ask WeChat's dialogue for."""

    template: Literal["payment", "freeze"]
    template_id: str


class TemplatesTold(TypedDict):
    """The messages this school sends; none without a mini-program account."""

    templates: list[TemplateTold]


class StoredTold(TypedDict):
    """How many messages of each kind may be sent by now."""

    payment: int
    freeze: int


@routes.get("/subscriptions")
@for_student
@described(TemplatesTold)
async def list_templates(request: Request) -> HTTPResponse:
    """The messages there are."""
    ids = parts_of(request).wechat.template_ids
    body: TemplatesTold = {
        "templates": [
            {"template": template.value, "template_id": ids[template]}
            for template in Template
            if template in ids
        ]
    }
    return answer(body)


@routes.post("/subscriptions")
@for_student
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
        actor=actor_of(request),
        at=int(parts.clock()),
    )
    body: StoredTold = {"payment": kept[Template.PAYMENT], "freeze": kept[Template.FREEZE]}
    return answer(body, 201)
