"""Binding a phone: the one way in for a student."""

from __future__ import annotations

import base64
from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request

from backend.api.access import actor_of, for_student, in_public
from backend.api.limits import Bucket, remote_address
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.domain.phone import secrets_for
from backend.usecases.bindings.bind_phone import bind_phone
from backend.usecases.cards.read_card import read_card
from backend.usecases.sessions.end_session import end_session
from campus_code import PhoneSecrets

CODE_LENGTH_MAX = 24  # ten characters, however they were grouped

routes = Blueprint("student_bindings")


class BindingShape(Shape):
    """The code as it was typed."""

    code: Annotated[str, Field(min_length=1, max_length=CODE_LENGTH_MAX)]


@routes.post("/bindings")
@in_public
async def redeem_code(request: Request) -> HTTPResponse:
    """Redeem a binding code: a session, and the secrets of this epoch and the next."""
    parts = parts_of(request)
    await parts.limits.take(Bucket.BINDING, remote_address(request, parts.config))
    bound = await bind_phone(
        read_json(request, BindingShape).code,
        terminal_keys=parts.keyrings.terminal,
        issuer_keys=parts.keyrings.issuer,
        at=int(parts.clock()),
        randomness=parts.randomness,
        bus=parts.bus,
    )
    body = {
        "session": bound.session,
        "expires_at": bound.expires_at,
        "card_number": bound.card_number,
        "issue": bound.issue,
        "secrets": [secrets_body(one) for one in bound.secrets],
    }
    return answer(body, 201)


@routes.get("/secrets")
@for_student
async def read_secrets(request: Request) -> HTTPResponse:
    """The secrets of this epoch and the next, for a phone that needs them anew."""
    parts = parts_of(request)
    at = int(parts.clock())
    view = await read_card(actor_of(request).id, rules=parts.rules.bundle, at=at)
    keyrings = parts.keyrings
    secrets = secrets_for(keyrings.terminal, keyrings.issuer, view.card.number, view.card.issue, at)
    return answer({"server_at": at, "secrets": [secrets_body(one) for one in secrets]})


@routes.delete("/sessions")
@for_student
async def log_out(request: Request) -> HTTPResponse:
    """End this phone's session; its card stays bound until another phone is."""
    await end_session(actor_of(request), at=int(parts_of(request).clock()))
    return answer({})


def secrets_body(secrets: PhoneSecrets) -> dict[str, object]:
    """One epoch's secrets as JSON; derived ones only, a master is never here."""
    return {
        "epoch": secrets.epoch,
        "card_number": secrets.card_number,
        "issue": secrets.issue,
        "terminal_secret": base64.b64encode(secrets.terminal_secret).decode(),
        "issuer_secret": base64.b64encode(secrets.issuer_secret).decode(),
        "valid_from": secrets.valid_from,
        "valid_until": secrets.valid_until,
    }
