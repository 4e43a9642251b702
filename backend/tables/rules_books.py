"""Writing the next version of the rules, and what must hold before one may."""

from __future__ import annotations

from typing import cast

from tortoise.exceptions import IntegrityError

from backend.domain.errors import ConflictError
from backend.domain.times import utc
from backend.tables.cardholder import CardholderRow
from backend.tables.rollouts import running_rollout
from backend.tables.school import RulesRow
from backend.tables.terminal import TerminalRow
from campus_code import RulesBundle, to_json


async def next_rules_version() -> int:
    """The version a bundle must have to be written now: the newest plus one.

    Raises:
        ConflictError: a few terminals are trying one first; that is to end before.

    """
    # in this order: a trial that begins in between has taken the number
    newest = await RulesRow.all().order_by("-version").only("version").first()
    if await running_rollout() is not None:
        raise ConflictError(
            "rollout_running",
            zh="有一版规则正在试行，请先全部发布或撤回。",
            en="A bundle is being tried at a few terminals; promote it or roll it back first.",
        )
    return 1 if newest is None else int(newest.version) + 1


async def put_rules(bundle: RulesBundle, by: str, at: float) -> None:
    """Write a bundle under its own version; call inside `transaction()`.

    Raises:
        ConflictError: somebody else has just taken the number.

    """
    try:
        await RulesRow.create(
            version=bundle.version,
            body=to_json(bundle).decode(),
            published_at=utc(at),
            published_by=by,
        )
    except IntegrityError as error:
        raise other_version(bundle.version + 1) from error


def other_version(wanted: int) -> ConflictError:
    """Somebody published meanwhile."""
    return ConflictError(
        "rules_changed",
        zh="规则已被他人更新，请刷新后再改。",
        en="The rules were changed meanwhile; load them again.",
        version=wanted,
    )


async def require_in_use(bundle: RulesBundle) -> None:
    """Raise ConflictError when a class or a group that somebody has is missing."""
    classes = cast(
        "list[int]", await CardholderRow.all().distinct().values_list("class_id", flat=True)
    )
    living = TerminalRow.filter(revoked_at=None)
    groups = cast("list[str]", await living.distinct().values_list("group_id", flat=True))
    missing_classes = sorted(one for one in classes if one not in bundle.classes)
    missing_groups = sorted(one for one in groups if one not in bundle.groups)
    if missing_classes or missing_groups:
        raise ConflictError(
            "still_in_use",
            zh="仍在使用的卡类或终端组不能删除。",
            en="Card classes or terminal groups that are in use are missing.",
            classes=missing_classes,
            groups=missing_groups,
        )
