from __future__ import annotations

from collections.abc import Mapping

from backend.domain.access import Actor
from backend.domain.card import unknown_cardholder
from backend.domain.door import GRANTED_HOLDERS_MAX
from backend.domain.errors import ConflictError, InvalidInputError
from backend.tables.audit import note
from backend.tables.cardholder import CardholderRow
from backend.tables.database import transaction
from backend.tables.door import DoorGrantRow
from backend.tables.doors import newest_door_rules, rules_of, tell_doors
from backend.tables.retrying import retried
from backend.usecases.ports import Bus


@retried
async def grant_zones(
    holder_id: int, zones: Mapping[int, int], *, actor: Actor, at: int, bus: Bus
) -> None:
    """Grant a holder these zones and no others: zone → Unix second of its end, 0 for none.

    The same again changes nothing.

    Raises:
        NotFoundError: no such holder. InvalidInputError: a zone the rules do not know.
        ConflictError: as many holders were granted zones as doors can hold.

    """
    version = 0
    async with transaction():
        holder = await CardholderRow.select_for_update().get_or_none(id=holder_id)
        if holder is None:
            raise unknown_cardholder()
        known = rules_of(await newest_door_rules()).zones
        for zone in zones:
            if zone not in known:
                raise InvalidInputError("zones", f"the door rules know no zone {zone}")
        before = await DoorGrantRow.filter(holder_id=holder_id)
        if {row.zone: row.until_at for row in before} != dict(zones):
            if zones and not before:
                await _require_room()
            await DoorGrantRow.filter(holder_id=holder_id).delete()
            await DoorGrantRow.bulk_create(
                [
                    DoorGrantRow(
                        holder_id=holder_id,
                        zone=zone,
                        until_at=until,
                        made_by=actor.label,
                        made_at=at,
                    )
                    for zone, until in sorted(zones.items())
                ]
            )
            version = await tell_doors(holder_id)
            subject = f"cardholder:{holder_id}"
            await note(actor.label, "doors.grant", subject, at, zones=sorted(zones))
    if version:
        await bus.publish("doors", {"version": version})


async def _require_room() -> None:
    holders = await DoorGrantRow.all().distinct().values_list("holder_id", flat=True)
    if len(holders) >= GRANTED_HOLDERS_MAX:
        raise ConflictError(
            "too_many_grants",
            zh="授权人数已满。",
            en="Zones are granted to as many people as doors can hold.",
        )
