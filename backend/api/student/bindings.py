"""Binding a phone: with a code on paper, or by a phone number the school has."""

from __future__ import annotations

import base64

from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import actor_of, for_student, in_public
from backend.api.described import described
from backend.api.limits import Bucket, remote_address
from backend.api.parts import Parts, parts_of
from backend.api.reading import Shape, answer, read_json
from backend.api.session_told import PaperCode, WechatCode
from backend.api.told import At, Base64Text
from backend.domain.phone import secrets_for
from backend.tables.phones import Bound, Keyrings
from backend.usecases.bindings.bind_known_phone import bind_known_phone
from backend.usecases.bindings.bind_phone import bind_phone
from backend.usecases.cards.read_card import read_card
from backend.usecases.wechat.hash_number import hash_number
from backend.usecases.wechat.know_account import know_account
from campus_code import PhoneSecrets

routes = Blueprint("student_bindings")


class BindingShape(Shape):
    """The code as it was typed; with a code of `wx.login` the phone may log in by it later."""

    code: PaperCode
    wechat_code: WechatCode | None = None


class PhoneBindingShape(Shape):
    """The code of the phone-number button, and the code of `wx.login`."""

    phone_code: WechatCode
    wechat_code: WechatCode


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
    """Redeem a binding code: a session, and the secrets of this epoch and the next.

    When WeChat does not know its code or does not answer, nothing is redeemed.
    """
    parts = parts_of(request)
    await parts.limits.take(Bucket.BINDING, remote_address(request, parts.config))
    shape = read_json(request, BindingShape)
    at = int(parts.clock())
    wechat_id = None
    if shape.wechat_code is not None:
        wechat_id = await know_account(
            shape.wechat_code, wechat=parts.wechat, vault=parts.vault, at=at
        )
    bound = await bind_phone(
        shape.code,
        _keys(parts),
        at=at,
        randomness=parts.randomness,
        bus=parts.bus,
        wechat_id=wechat_id,
    )
    return answer(_bound_body(bound), 201)


@routes.post("/phone-bindings")
@in_public
@described(BoundTold, body=PhoneBindingShape, status=201)
async def redeem_number(request: Request) -> HTTPResponse:
    """Bind by the phone number the school has; 404 unknown_phone, 409 when several have it."""
    parts = parts_of(request)
    await parts.limits.take(Bucket.BINDING, remote_address(request, parts.config))
    shape = read_json(request, PhoneBindingShape)
    at = int(parts.clock())
    wechat_id = await know_account(shape.wechat_code, wechat=parts.wechat, vault=parts.vault, at=at)
    phone_hash = await hash_number(shape.phone_code, wechat=parts.wechat, vault=parts.vault)
    bound = await bind_known_phone(
        phone_hash,
        wechat_id,
        _keys(parts),
        at=at,
        randomness=parts.randomness,
        bus=parts.bus,
    )
    return answer(_bound_body(bound), 201)


@routes.get("/secrets")
@for_student
@described(SecretsListTold)
async def read_secrets(request: Request) -> HTTPResponse:
    """The secrets of this epoch and the next, for a phone that needs them anew."""
    parts = parts_of(request)
    at = int(parts.clock())
    view = await read_card(actor_of(request), rules=parts.rules.bundle, at=at)
    keyrings = parts.keyrings
    secrets = secrets_for(keyrings.terminal, keyrings.issuer, view.card.number, view.card.issue, at)
    body: SecretsListTold = {"server_at": at, "secrets": [secrets_body(one) for one in secrets]}
    return answer(body)


def _keys(parts: Parts) -> Keyrings:
    return Keyrings(parts.keyrings.terminal, parts.keyrings.issuer)


def _bound_body(bound: Bound) -> BoundTold:
    return {
        "session": bound.session,
        "expires_at": bound.expires_at,
        "card_number": bound.card_number,
        "issue": bound.issue,
        "secrets": [secrets_body(one) for one in bound.secrets],
    }


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
