"""What one person asks for and another decides: the answers to whoever is not the other one."""

from __future__ import annotations

from backend.domain.errors import ConflictError, ForbiddenError


def two_people() -> ForbiddenError:
    """The answer to whoever would approve what he asked for himself."""
    return ForbiddenError(
        "two_people", zh="须由另一人批准。", en="Somebody else has to approve this."
    )


def decided_already(decision: str) -> ConflictError:
    """The answer to another decision than the one that stands."""
    return ConflictError(
        "decided_already", zh="已经作出决定。", en="This was decided.", decision=decision
    )
