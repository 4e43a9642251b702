"""Put a rules bundle in force."""

from __future__ import annotations

from typing import cast

from tortoise.exceptions import IntegrityError

from backend.domain.errors import ConflictError, InvalidInputError
from backend.domain.payment import PERIOD_ID
from backend.domain.times import utc
from backend.tables.audit import note
from backend.tables.cardholder import CardholderRow
from backend.tables.database import transaction
from backend.tables.school import RulesRow
from backend.tables.terminal import TerminalRow
from backend.usecases.ports import Bus
from campus_code import RulesBundle, ShapeError
from campus_code.rules import rules_from_json, to_json


async def publish_rules(raw: bytes, *, published_by: str, at: float, bus: Bus) -> RulesBundle:
    """Publish JSON bytes as the next version; terminals are woken up.

    The bundle's own version must be the newest plus one, so that nobody overwrites what somebody
    else has just published.

    Raises:
        InvalidInputError: naming the path that is wrong.
        ConflictError: another version stands, or a class or group still in use is missing.

    """
    try:
        bundle = rules_from_json(raw)
    except ShapeError as error:
        field, _, why = str(error).partition(": ")
        raise InvalidInputError(field, why or "is not a rules bundle") from error
    newest = await RulesRow.all().order_by("-version").first()
    version = 1 if newest is None else newest.version + 1
    if bundle.version != version:
        raise _other_version(version)
    for period in bundle.periods:
        if PERIOD_ID.fullmatch(period.id) is None:
            raise InvalidInputError("periods", f"{period.id}: an id is 1…16 of a-z A-Z 0-9 _ . : -")
    await _require_in_use(bundle)
    try:
        async with transaction():
            await RulesRow.create(
                version=version,
                body=to_json(bundle).decode(),
                published_at=utc(at),
                published_by=published_by,
            )
            await note(published_by, "rules.publish", f"rules:{version}", int(at))
    except IntegrityError as error:
        raise _other_version(version + 1) from error
    await bus.publish("rules", {"version": version})
    return bundle


def _other_version(wanted: int) -> ConflictError:
    return ConflictError(
        "rules_changed",
        zh="规则已被他人更新，请刷新后再改。",
        en="The rules were changed meanwhile; load them again.",
        version=wanted,
    )


async def _require_in_use(bundle: RulesBundle) -> None:
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
