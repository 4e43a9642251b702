"""What the seal of one line of the trail covers: everything it says, and the seal before it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

FIRST_HASH: Final = "0" * 64
CONTEXT: Final = "audit-seal"
"""Under which context the server's vault makes the seals' hashes."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain; whoever has written it down finds out when the end is cut off."""

    number: int = 0
    hash: str = FIRST_HASH


def sealed_text(head: Head, audit_id: int, line: Mapping[str, object]) -> bytes:
    """The bytes under the next seal; `line` holds at, actor, verb, subject and detail.

    JSON in one form, so that no two lines make the same bytes.
    """
    at = line["at"]
    if not isinstance(at, datetime):
        raise TypeError("at: a datetime is wanted")
    said = [
        head.hash,
        head.number + 1,
        audit_id,
        (at - _EPOCH) // timedelta(microseconds=1),
        line["actor"],
        line["verb"],
        line["subject"],
        line["detail"],
    ]
    return json.dumps(said, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()
