from __future__ import annotations

from backend.domain.access import Actor
from backend.domain.errors import InvalidInputError
from backend.domain.feature import BY_PLACE, Feature
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.places import require_place
from backend.tables.retrying import retried
from backend.tables.setting import SwitchRow
from backend.tables.versions import next_version
from campus_code import RulesBundle

LOCK = "settings"


@retried
async def switch_feature(
    feature: Feature,
    where: tuple[int, str],
    reason: str,
    *,
    is_on: bool | None,
    rules: RulesBundle,
    actor: Actor,
    at: int,
) -> None:
    """Switch a feature at (place, group), (0, "") being the school; None: as the place above.

    Raises:
        NotFoundError: no such place.
        InvalidInputError: no such group, or a place for a feature that has one switch.

    """
    place_id, group_id = where
    if (place_id or group_id) and feature not in BY_PLACE:
        raise InvalidInputError("feature", "has one switch, for the whole school")
    if group_id and group_id not in rules.groups:
        raise InvalidInputError("group_id", "is not a group of the rules in force")
    key = {"feature": feature.value, "place_id": place_id, "group_id": group_id}
    async with transaction():
        await next_version(LOCK)
        if place_id:
            await require_place(place_id)
        row = await SwitchRow.get_or_none(
            feature=feature.value, place_id=place_id, group_id=group_id
        )
        before = None if row is None else row.is_on
        if before == is_on:
            return
        if row is not None:
            await row.delete()
        if is_on is not None:
            await SwitchRow.create(
                feature=feature.value,
                place_id=place_id,
                group_id=group_id,
                is_on=is_on,
                changed_by=actor.label,
                changed_at=at,
            )
        subject = f"feature:{key.pop('feature')}"
        detail = {"before": before, "after": is_on, "reason": reason}
        await note(actor.label, "features.switch", subject, at, **key, **detail)
