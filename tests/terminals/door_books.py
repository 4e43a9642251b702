"""What a stand-in server keeps of a door's events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from campus_code import FIRST_HASH, DoorEvent, chain_hash, door_event_from_bytes


@dataclass
class DoorBooks:
    """What a server keeps of a door's events; `forgets_through` restores an older backup."""

    events: dict[int, bytes] = field(default_factory=dict)
    conflicts: list[bytes] = field(default_factory=list)
    through: int = 0
    chain: bytes = FIRST_HASH
    uploads: int = 0

    def take(self, body: dict[str, Any]) -> dict[str, Any]:
        assert set(body) == {"first_sequence", "hash_before", "events"}
        self.uploads += 1
        chain = bytes.fromhex(body["hash_before"])
        for place, text in enumerate(body["events"]):
            raw, sequence = text.encode(), body["first_sequence"] + place
            assert door_event_from_bytes(raw).sequence == sequence
            if sequence <= self.through:
                if self.events.get(sequence) != raw:
                    self.conflicts.append(raw)
                continue
            self.chain = chain = chain_hash(chain, raw)
            self.events[sequence], self.through = raw, sequence
        return {"confirmed_through": self.through, "last_hash": self.chain.hex()}

    def forget(self, through: int) -> None:
        self.events = {n: raw for n, raw in self.events.items() if n <= through}
        self.through, self.chain = through, FIRST_HASH
        for number in sorted(self.events):
            self.chain = chain_hash(self.chain, self.events[number])

    def told(self) -> list[DoorEvent]:
        return [door_event_from_bytes(self.events[n]) for n in sorted(self.events)]
