"""What is true of doors on the server's side: what a door sends, and how long it is kept.

Who passed where at what hour is the most telling thing a school can know of a person. So it has an
end of its own, far shorter than money's: PASSAGES_KEPT_SECONDS, after which the worker deletes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from campus_code import DoorEvent

PASSAGES_KEPT_SECONDS: Final = 90 * 86_400
"""How long a door's events are kept after they happened."""
PASSAGES_SHOWN_MAX: Final = 100
LOOK_VERB: Final = "passages.look_up"
"""In the trail: somebody looked at a holder's passages, and had to say why."""
GRANTED_HOLDERS_MAX: Final = 80_000
"""So many, and their cards, still fit into one doors list with the frozen ones."""


@dataclass(frozen=True, slots=True)
class DoorUpload:
    """A door's events in order, their bytes, and the chain's hash before the first of them."""

    terminal_id: int
    first_sequence: int
    hash_before: bytes
    events: tuple[DoorEvent, ...]
    bodies: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class DoorStanding:
    """How far the server has a door's events, and their chain's hash there (hex)."""

    through: int
    chain: str
