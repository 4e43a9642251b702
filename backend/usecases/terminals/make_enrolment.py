"""Hand out a one-time token with which one device may enrol."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain.access import Actor
from backend.domain.errors import InvalidInputError, NotFoundError
from backend.domain.terminal import revoked, unknown_terminal
from backend.domain.times import utc
from backend.domain.tokens import TOKEN_BYTES, session_token, token_hash
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.merchant import MerchantRow
from backend.tables.terminal import EnrolmentRow, TerminalRow
from backend.usecases.ports import Randomness
from campus_code import RulesBundle

ENROLMENT_SECONDS = 3600
"""A token that was not used within an hour has been printed for nobody."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The token, told once; only its hash is kept."""

    id: int
    token: str
    expires_at: int


async def make_enrolment(
    name: str,
    merchant_id: int,
    group_id: str,
    *,
    rules: RulesBundle,
    actor: Actor,
    at: float,
    randomness: Randomness,
) -> Enrolment:
    """A token for a new terminal.

    Raises:
        NotFoundError: no such merchant, it is closed, or it is not the actor's.
        InvalidInputError: the rules in force know no such group.

    """
    merchant = await MerchantRow.get_or_none(id=merchant_id, is_active=True)
    if merchant is None or not actor.reach.has_merchant(merchant_id):
        raise NotFoundError(
            "unknown_merchant", zh="没有这个商户。", en="There is no such merchant."
        )
    if group_id not in rules.groups:
        raise InvalidInputError("group_id", "is not a group of the rules in force")
    draft = EnrolmentRow(name=name, merchant_id=merchant_id, group_id=group_id)
    return await _record(draft, actor, at, randomness)


async def roll_terminal(
    terminal_id: int, *, actor: Actor, at: float, randomness: Randomness
) -> Enrolment:
    """A token with which a standing terminal gets new keys; its old ones end when it is used.

    Raises:
        NotFoundError: no such terminal, or not the actor's.
        ForbiddenError: it is revoked; a revoked terminal never comes back under its number.

    """
    terminal = await TerminalRow.get_or_none(id=terminal_id)
    if terminal is None or not actor.reach.has_merchant(terminal.merchant_id):
        raise unknown_terminal()
    if terminal.revoked_at is not None:
        raise revoked()
    draft = EnrolmentRow(
        name=terminal.name,
        merchant_id=terminal.merchant_id,
        group_id=terminal.group_id,
        terminal_id=terminal.id,
    )
    return await _record(draft, actor, at, randomness)


async def _record(
    draft: EnrolmentRow, actor: Actor, at: float, randomness: Randomness
) -> Enrolment:
    token = session_token(randomness(TOKEN_BYTES))
    draft.token_hash = token_hash(token)
    draft.made_by = actor.label
    draft.made_at = utc(at)
    draft.expires_at = utc(at + ENROLMENT_SECONDS)
    async with transaction():
        await draft.save()
        verb = "terminals.enrol" if draft.terminal_id is None else "terminals.roll"
        await note(
            actor.label,
            verb,
            f"enrolment:{draft.id}",
            int(at),
            name=draft.name,
            terminal_id=draft.terminal_id,
        )
    return Enrolment(draft.id, token, int(at) + ENROLMENT_SECONDS)
