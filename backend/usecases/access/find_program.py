"""Find out which of the school's programs is asking."""

from __future__ import annotations

import json

from backend.domain.access import Actor, Appointment, Audience, Role
from backend.domain.errors import ForbiddenError, UnauthenticatedError
from backend.domain.place import NO_REACH, WHOLE_SCHOOL, Reach
from backend.domain.tokens import token_hash
from backend.tables.api_token import ApiTokenRow
from backend.tables.places import reach_of

USED_SECONDS = 60
"""How exact the time of the last use is: one write a minute."""


async def find_program(token: str, verb: str, at: int) -> Actor:
    """The program of a token, with its reach, read anew for every request.

    Raises:
        UnauthenticatedError: an unknown, ended or expired token.
        ForbiddenError: it may not read this.

    """
    row = await ApiTokenRow.get_or_none(token_hash=token_hash(token), ended_at=0)
    if row is None or row.expires_at <= at:
        raise UnauthenticatedError(
            "no_token", zh="令牌无效或已过期。", en="The token is unknown, ended or expired."
        )
    if verb not in json.loads(row.verbs):
        raise ForbiddenError(
            "not_permitted",
            zh="令牌没有这项权限。",
            en="The token may not read this.",
            verb=verb,
        )
    if at - row.used_at >= USED_SECONDS:
        await ApiTokenRow.filter(id=row.id).update(used_at=at)
    return Actor(Audience.PROGRAM, row.id, row.name, reach=await _reach(row.place_id))


async def _reach(place_id: int) -> Reach:
    if not place_id:
        return WHOLE_SCHOOL
    reach = await reach_of([Appointment(Role.AUDITOR, place_id)])
    return reach if reach.place_ids else NO_REACH
