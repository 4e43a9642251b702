"""Put a rules bundle in force."""

from __future__ import annotations

from backend.domain.rules_text import read_bundle
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.rules_books import (
    next_rules_version,
    other_version,
    put_rules,
    require_in_use,
)
from backend.usecases.ports import Bus
from campus_code import RulesBundle


async def publish_rules(raw: bytes, *, published_by: str, at: float, bus: Bus) -> RulesBundle:
    """Publish JSON bytes as the next version; terminals are woken up.

    The bundle's own version must be the newest plus one, so that nobody overwrites what somebody
    else has just published.

    Raises:
        InvalidInputError: naming the path that is wrong.
        ConflictError: another version stands, one is being tried, or a class or group still in
            use is missing.

    """
    bundle = read_bundle(raw)
    version = await next_rules_version()
    if bundle.version != version:
        raise other_version(version)
    await require_in_use(bundle)
    async with transaction():
        await put_rules(bundle, published_by, at)
        await note(published_by, "rules.publish", f"rules:{version}", int(at))
    await bus.publish("rules", {"version": version})
    return bundle
