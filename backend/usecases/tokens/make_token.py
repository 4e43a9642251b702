from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from backend.domain.access import TOKEN_VERBS, Actor
from backend.domain.errors import InvalidInputError
from backend.domain.tokens import API_TOKEN_PREFIX, TOKEN_BYTES, session_token, token_hash
from backend.tables.api_token import ApiTokenRow
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.places import require_place
from backend.usecases.ports import Randomness

DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class TokenDraft:
    """A program that is to read: its name, what, below which place (0: the school), how long."""

    name: str
    verbs: Sequence[str]
    place_id: int
    days: int


@dataclass(frozen=True, slots=True)
class MadeToken:
    """The token, told once; only its hash is kept."""

    id: int
    token: str = field(repr=False)
    expires_at: int


async def make_token(
    draft: TokenDraft, *, actor: Actor, at: int, randomness: Randomness
) -> MadeToken:
    """Give a program of the school a token that reads and never writes.

    Raises:
        InvalidInputError: no verb, or one that no program may.
        NotFoundError: no such place.

    """
    verbs = sorted(set(draft.verbs))
    if not verbs or not set(verbs) <= TOKEN_VERBS:
        raise InvalidInputError("verbs", f"one or more of {', '.join(sorted(TOKEN_VERBS))}")
    token = API_TOKEN_PREFIX + session_token(randomness(TOKEN_BYTES))
    expires_at = at + draft.days * DAY_SECONDS
    async with transaction():
        if draft.place_id:
            await require_place(draft.place_id)
        row = await ApiTokenRow.create(
            name=draft.name,
            token_hash=token_hash(token),
            verbs=json.dumps(verbs),
            place_id=draft.place_id,
            made_by=actor.label,
            made_at=at,
            expires_at=expires_at,
        )
        detail = {"verbs": verbs, "place_id": draft.place_id, "days": draft.days}
        await note(actor.label, "tokens.make", f"token:{row.id}", at, name=draft.name, **detail)
    return MadeToken(int(row.id), token, expires_at)
