"""Reading drafts of rules, and changing one that nobody else has changed meanwhile."""

from __future__ import annotations

from backend.domain.errors import ConflictError, NotFoundError
from backend.tables.rollout import RulesDraftRow


async def open_draft(draft_id: int) -> RulesDraftRow:
    """A draft that has not ended.

    Raises:
        NotFoundError: there is no such draft.
        ConflictError: it was published or discarded.

    """
    row = await RulesDraftRow.get_or_none(id=draft_id)
    if row is None:
        raise NotFoundError("unknown_draft", zh="没有这份草稿。", en="There is no such draft.")
    if row.ended_at:
        raise ConflictError(
            "draft_ended", zh="这份草稿已发布或作废。", en="This draft was published or discarded."
        )
    return row


async def change_draft(row: RulesDraftRow, revision: int, **values: object) -> None:
    """Write a draft that still stands at `revision`; its revision rises by one.

    Raises:
        ConflictError: somebody else changed it meanwhile.

    """
    unchanged = RulesDraftRow.filter(id=row.id, revision=revision, ended_at=0)
    if not await unchanged.update(revision=revision + 1, **values):
        raise ConflictError(
            "draft_changed",
            zh="草稿已被他人修改，请刷新后再改。",
            en="The draft was changed meanwhile; load it again.",
        )
