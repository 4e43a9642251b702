"""A device's way in: it enrols with a token somebody in the office made."""

from __future__ import annotations

import base64
from typing import Annotated

from pydantic import Field
from sanic import Blueprint, HTTPResponse, Request
from typing_extensions import TypedDict

from backend.api.access import in_public
from backend.api.described import described
from backend.api.limits import Bucket, remote_address
from backend.api.parts import parts_of
from backend.api.reading import Base64, Shape, answer, read_json
from backend.api.told import Base64Text
from backend.usecases.terminals.enrol_terminal import Device, enrol_terminal

routes = Blueprint("terminal_enrolments")

Key = Annotated[Base64, Field(min_length=32, max_length=32)]


class EnrolmentShape(Shape):
    """The token and the device's two public keys, each 32 raw bytes in base64."""

    token: str = Field(min_length=1, max_length=128)
    signing_key: Key
    sealing_key: Key
    model: str = Field(max_length=64)
    software: str = Field(max_length=64)


class EnrolledTold(TypedDict):
    """Who the terminal is from now on, the server's public key, and where its journal stands."""

    terminal_id: int
    name: str
    merchant: str
    group_id: str
    server_key: Base64Text
    school: str
    confirmed_through: int
    last_hash: str


@routes.post("/enrolments")
@in_public
@described(EnrolledTold, body=EnrolmentShape, status=201)
async def create(request: Request) -> HTTPResponse:
    """201: the terminal's number, place and group, and the server's public key."""
    parts = parts_of(request)
    await parts.limits.take(Bucket.ENROLMENT, remote_address(request, parts.config))
    shape = read_json(request, EnrolmentShape)
    device = Device(shape.signing_key, shape.sealing_key, shape.model, shape.software)
    enrolled = await enrol_terminal(shape.token, device, parts.clock())
    body: EnrolledTold = {
        "terminal_id": enrolled.terminal_id,
        "name": enrolled.name,
        "merchant": enrolled.merchant,
        "group_id": enrolled.group_id,
        "server_key": base64.b64encode(parts.vault.public_key().public_bytes_raw()).decode(),
        "school": parts.config.school,
        "confirmed_through": enrolled.confirmed_through,
        "last_hash": enrolled.last_hash,
    }
    return answer(body, 201)
