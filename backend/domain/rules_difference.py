"""What differs between two rules bundles, path by path, as a person compares them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple


class Difference(NamedTuple):
    """A path that is not the same; `before` None: it is new, `after` None: it is gone."""

    path: str
    before: object
    after: object


DIFFERENCES_MAX = 500
"""More are not read by anybody."""
NAMED_BY = ("id", "code", "sync_age_seconds_max", "kind")
"""By which of its fields a member of a list is known, the first it has: not by its place."""


def differences(before: object, after: object) -> list[Difference]:
    """Every difference, by path, at most DIFFERENCES_MAX; `version` is left out."""
    found = []
    for one in _walk("", before, after):
        if one.path == "version":
            continue
        found.append(one)
        if len(found) == DIFFERENCES_MAX:
            break
    return found


def _walk(path: str, before: object, after: object) -> Iterator[Difference]:
    if before == after:
        return
    old, new = _members(before), _members(after)
    if old is None or new is None:
        yield Difference(path, before, after)
        return
    for key in sorted(set(old) | set(new)):
        inner = f"{path}.{key}" if path else key
        yield from _walk(inner, old.get(key), new.get(key))


def _members(value: object) -> Mapping[str, object] | None:
    """What a value is made of, by name; None when it is taken whole."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, list) or not value:
        return None
    for name in NAMED_BY:
        members: dict[str, object] = {}
        for one in value:
            if isinstance(one, dict) and name in one:
                members[str(one[name])] = one
        if len(members) == len(value):
            return members
    return None
