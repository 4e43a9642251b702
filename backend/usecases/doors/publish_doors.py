from __future__ import annotations

from typing import cast

from backend.domain.access import Actor
from backend.domain.errors import ConflictError, InvalidInputError
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.door import DoorGrantRow, DoorRulesRow
from backend.tables.doors import newest_door_rules, put_doors
from backend.tables.retrying import retried
from backend.tables.terminal import TerminalRow
from backend.tables.versions import DOORS, next_version
from backend.usecases.ports import Bus
from campus_code import DoorRules, RulesBundle, door_rules_to_json


@retried
async def publish_doors(
    doors: DoorRules,
    after: int,
    *,
    reason: str = "",
    rules: RulesBundle,
    actor: Actor,
    at: int,
    bus: Bus,
) -> int:
    """Put door rules in force in the place of version `after` (0: the first); their version.

    Raises:
        ConflictError: others were published meanwhile, or a granted zone is missing.
        InvalidInputError: a door is no living terminal, a class is none, or the offset from UTC is
            another than the school's.

    """
    if doors.utc_offset_seconds != rules.utc_offset_seconds:
        raise InvalidInputError("utc_offset_seconds", f"the school's is {rules.utc_offset_seconds}")
    _require_classes(doors, rules)
    async with transaction():
        version = await next_version(DOORS)  # from here on nobody else publishes
        newest = await newest_door_rules()
        if (0 if newest is None else newest.version) != after:
            raise ConflictError(
                "doors_changed",
                zh="门禁规则已被他人更新，请刷新后再改。",
                en="The door rules were changed meanwhile; load them again.",
                version=0 if newest is None else newest.version,
            )
        await _require_terminals(doors)
        await _require_granted(doors)
        await DoorRulesRow.create(
            version=version,
            body=door_rules_to_json(doors).decode(),
            published_at=at,
            published_by=actor.label,
        )
        await put_doors(doors)
        await note(actor.label, "doors.publish", f"doors:{version}", at, reason=reason)
    await bus.publish("doors", {"version": version})
    return version


def _require_classes(doors: DoorRules, rules: RulesBundle) -> None:
    for number, zone in doors.zones.items():
        named = {*zone.lockdown_classes, *(c for one in zone.openings for c in one.classes)}
        for class_id in sorted(named):
            if class_id not in rules.classes:
                raise InvalidInputError(f"zones.{number}", f"there is no class {class_id}")


async def _require_terminals(doors: DoorRules) -> None:
    living = TerminalRow.filter(id__in=sorted(doors.doors), revoked_at=None)
    known = set(cast("list[int]", await living.values_list("id", flat=True)))
    for terminal_id in sorted(doors.doors):
        if terminal_id not in known:
            raise InvalidInputError(f"doors.{terminal_id}", "is no enrolled terminal")


async def _require_granted(doors: DoorRules) -> None:
    zones = DoorGrantRow.all().distinct().values_list("zone", flat=True)
    granted = cast("list[int]", await zones)
    missing = sorted(zone for zone in granted if zone not in doors.zones)
    if missing:
        raise ConflictError(
            "still_in_use",
            zh="仍有人被授权的区域不能删除。",
            en="Zones that were granted to somebody are missing.",
            zones=missing,
        )
