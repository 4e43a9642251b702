"""Binding a phone: the one way in for a student."""

from __future__ import annotations

import base64
from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_student, in_public
from backend.api.described import NothingTold, described
from backend.api.limits import Bucket, remote_address
from backend.api.parts import parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.told import At, Base64Text
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


class SecretsTold(TypedDict):
    """What makes codes in one epoch: secrets derived for this card, never a master."""

    epoch: int
    card_number: str
    issue: int
    terminal_secret: Base64Text
    issuer_secret: Base64Text
    valid_from: At
    valid_until: At


class BoundTold(TypedDict):
    """A phone's session, and the secrets of this epoch and the next."""

    session: str
    expires_at: At
    card_number: str
    issue: int
    secrets: list[SecretsTold]


class SecretsListTold(TypedDict):
    """Secrets for a phone that needs them anew."""

    server_at: At
    secrets: list[SecretsTold]


@routes.post("/bindings")
@in_public
@described(BoundTold, body=BindingShape, status=201)
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
    body: BoundTold = {
        "session": bound.session,
        "expires_at": bound.expires_at,
        "card_number": bound.card_number,
        "issue": bound.issue,
        "secrets": [secrets_body(one) for one in bound.secrets],
    }
    return answer(body, 201)


@routes.get("/secrets")
@for_student
@described(SecretsListTold)
async def read_secrets(request: Request) -> HTTPResponse:
    """The secrets of this epoch and the next, for a phone that needs them anew."""
    parts = parts_of(request)
    at = int(parts.clock())
    view = await read_card(actor_of(request).id, rules=parts.rules.bundle, at=at)
    keyrings = parts.keyrings
    secrets = secrets_for(keyrings.terminal, keyrings.issuer, view.card.number, view.card.issue, at)
    body: SecretsListTold = {"server_at": at, "secrets": [secrets_body(one) for one in secrets]}
    return answer(body)


@routes.delete("/sessions")
@for_student
@described(NothingTold)
async def log_out(request: Request) -> HTTPResponse:
    """End this phone's session; its card stays bound until another phone is."""
    await end_session(actor_of(request), at=int(parts_of(request).clock()))
    return answer({})


def secrets_body(secrets: PhoneSecrets) -> SecretsTold:
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
