"""Where a person wants letters when WeChat has none left to send: a number for SMS, an e-mail.

Holders and guardians have the same routes.
"""

from __future__ import annotations

from sanic import HTTPResponse, Request

from backend.api.access import SharedRoutes, actor_of
from backend.api.address_told import (
    AddressesTold,
    AddressShape,
    AddressTold,
    ConfirmationShape,
    address_told,
    addresses_told,
    channel_named,
    require_channel,
)
from backend.api.described import NothingTold, described
from backend.api.limits import Bucket
from backend.api.parts import parts_of
from backend.api.reading import answer, read_json
from backend.domain.message import Channel, Language
from backend.tables.addresses import addresses_of
from backend.usecases.messages.confirm_address import confirm_address
from backend.usecases.messages.end_address import end_address
from backend.usecases.messages.keep_address import keep_address


@described(AddressesTold)
async def list_addresses(request: Request) -> HTTPResponse:
    """What was left, only so much of it that its owner knows which it is."""
    rows = await addresses_of(actor_of(request))
    return answer(addresses_told(rows, parts_of(request).config.letter_channels))


@described(AddressTold, body=AddressShape, status=201)
async def keep(request: Request) -> HTTPResponse:
    """Keep an address in place of the one before; a code is sent there, and nothing else yet."""
    parts = parts_of(request)
    shape = read_json(request, AddressShape)
    actor = actor_of(request)
    channel = Channel(shape.channel)
    require_channel(channel, parts.config.letter_channels)
    await parts.limits.take(Bucket.ADDRESS_CODE, actor.label)
    row = await keep_address(
        channel,
        shape.address,
        Language(shape.language),
        actor=actor,
        at=int(parts.clock()),
        randomness=parts.randomness,
        vault=parts.vault,
    )
    return answer(address_told(row), 201)


@described(AddressTold, body=ConfirmationShape, status=201)
async def confirm(request: Request, word: str) -> HTTPResponse:
    """Prove the address with the code that was sent there."""
    parts = parts_of(request)
    shape = read_json(request, ConfirmationShape)
    row = await confirm_address(
        channel_named(word),
        shape.code,
        actor=actor_of(request),
        at=int(parts.clock()),
        vault=parts.vault,
    )
    return answer(address_told(row), 201)


@described(NothingTold)
async def end(request: Request, word: str) -> HTTPResponse:
    """Forget an address."""
    await end_address(channel_named(word), actor=actor_of(request))
    return answer({})


ADDRESSES: SharedRoutes = (
    ("GET", "/addresses", list_addresses),
    ("POST", "/addresses", keep),
    ("POST", "/addresses/<word:str>/confirmations", confirm),
    ("DELETE", "/addresses/<word:str>", end),
)
