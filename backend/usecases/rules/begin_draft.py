"""Begin to write other rules."""

from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.errors import NotFoundError
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.rollout import RulesDraftRow
from backend.tables.school import RulesRow


async def begin_draft(title: str, version: int, *, actor: Actor, at: int) -> RulesDraftRow:
    """A draft that is for now what `version` says.

    Raises:
        NotFoundError: there is no such version.

    """
    row = await RulesRow.get_or_none(version=version)
    if row is None:
        raise NotFoundError("unknown_rules", zh="没有这一版规则。", en="No such version of rules.")
    async with transaction():
        draft = await RulesDraftRow.create(
            title=title,
            body=row.body,
            base_version=version,
            made_by=actor.label,
            made_at=at,
            changed_by=actor.label,
            changed_at=at,
        )
        await note(actor.label, "rules.draft", f"rules_draft:{draft.id}", at, base=version)
    return draft
