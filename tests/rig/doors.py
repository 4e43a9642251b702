"""Door rules of a small school, and the events of a door."""

from __future__ import annotations

from typing import Any

import orjson

from campus_code import (
    FIRST_HASH,
    Door,
    DoorEvent,
    DoorEventKind,
    DoorRules,
    Opening,
    Zone,
    chain_hash,
    door_rules_to_json,
)
from tests.rig.campus import STUDENT

LIBRARY, DORMITORY = 1, 2
ALWAYS = (0, 1, 2, 3, 4, 5, 6, 7)


def door_rules(*terminal_ids: int, zone: int = LIBRARY) -> DoorRules:
    """A library for students and a dormitory by grant; these terminals are doors of one zone."""
    return DoorRules(
        8 * 3600,
        {},
        {
            LIBRARY: Zone("图书馆", "Library", (Opening((STUDENT,), False, ALWAYS, 0, 1440),)),
            DORMITORY: Zone("宿舍", "Dormitory", (Opening((), True, ALWAYS, 0, 1440),)),
        },
        {terminal_id: Door(zone, "safe") for terminal_id in terminal_ids},
    )


def publication(rules: DoorRules, after: int = 0) -> dict[str, Any]:
    """The body with which an admin publishes them."""
    return {"after": after, "rules": orjson.loads(door_rules_to_json(rules))}


def passage(sequence: int, code: str, at: int, **changes: Any) -> DoorEvent:
    """A passage with a code, in at the library."""
    told: dict[str, Any] = {
        "sequence": sequence,
        "kind": DoorEventKind.ADMITTED,
        "at": at,
        "zone": LIBRARY,
        "side": "in",
        "credential": code,
        "card_number": code[3:11],
        "issue": int(code[11:13]),
        "step": at // 15,
        **changes,
    }
    return DoorEvent(**told)


def uploaded(*events: DoorEvent, hash_before: bytes = FIRST_HASH) -> dict[str, Any]:
    """The body of an upload."""
    return {
        "first_sequence": events[0].sequence if events else 1,
        "hash_before": hash_before.hex(),
        "events": [event.to_bytes().decode() for event in events],
    }


def chain_of(*events: DoorEvent, before: bytes = FIRST_HASH) -> bytes:
    """The chain's hash after these events."""
    for event in events:
        before = chain_hash(before, event.to_bytes())
    return before
