"""Profiles as files: YAML, told every mistake at once, each with its line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from bank_gateway.profile import Profile

SHIPPED: Final = Path(__file__).parent / "profiles"
"""Generic profiles; a school copies one and fills in what its bank says."""
FILE_BYTES_MAX: Final = 256 * 1024
DEPTH_MAX: Final = 8
TAGS: Final = {
    f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str", "int", "float", "bool", "null")
}
Spot = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong, and where: line and column from 1."""

    line: int
    column: int
    where: str
    what: str


class ProfileError(Exception):
    """A profile that cannot be used, with all its mistakes."""

    def __init__(self, name: str, mistakes: Sequence[Mistake]) -> None:
        """`name` is the file's."""
        self.name, self.mistakes = name, tuple(mistakes)
        lines = [f"{name}:{one.line}:{one.column}: {one.where}: {one.what}" for one in mistakes]
        super().__init__("\n".join(lines))


def read_profile(path: Path) -> Profile:
    """Read and check a profile. Raises ProfileError with every mistake, OSError."""
    raw = path.read_bytes()
    if len(raw) > FILE_BYTES_MAX:
        raise ProfileError(path.name, [Mistake(1, 1, "file", f"more than {FILE_BYTES_MAX} bytes")])
    return profile_from(raw, path.name)


def profile_from(raw: bytes, name: str) -> Profile:
    """The profile that these bytes are. Raises ProfileError with every mistake."""
    spots: dict[tuple[str, ...], Spot] = {}
    mistakes: list[Mistake] = []
    try:
        node = yaml.compose(raw.decode(), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        at = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise ProfileError(name, [Mistake(*at, "yaml", str(error.problem))]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ProfileError(name, [Mistake(1, 1, "yaml", str(error))]) from None
    value = _value(node, (), spots, mistakes)
    if not isinstance(value, dict):
        raise ProfileError(name, [Mistake(1, 1, "file", "must be a mapping")])
    profile = None
    try:
        profile = Profile.model_validate(value)
    except ValidationError as error:
        mistakes += [_mistake(one, spots) for one in error.errors()]
    if mistakes or profile is None:
        raise ProfileError(name, sorted(mistakes, key=lambda one: (one.line, one.column)))
    return profile


def _value(
    node: yaml.Node | None,
    path: tuple[str, ...],
    spots: dict[tuple[str, ...], Spot],
    mistakes: list[Mistake],
) -> Any:  # noqa: ANN401 - whatever the file holds
    """A node as a plain value; where each part stands, and names that stand twice."""
    if node is None:
        return None
    at = (node.start_mark.line + 1, node.start_mark.column + 1)
    spots.setdefault(path, at)
    if node.tag not in TAGS or len(path) > DEPTH_MAX:
        mistakes.append(
            Mistake(*at, ".".join(path), "only plain values, and not deep in each other")
        )
        return None
    if isinstance(node, yaml.MappingNode):
        made: dict[str, Any] = {}
        for key, inner in node.value:
            word = str(key.value)
            at = (key.start_mark.line + 1, key.start_mark.column + 1)
            if word in made:
                mistakes.append(Mistake(*at, ".".join((*path, word)), "stands here twice"))
            spots[*path, word] = at
            made[word] = _value(inner, (*path, word), spots, mistakes)
        return made
    if isinstance(node, yaml.SequenceNode):
        parts = enumerate(node.value)
        return [_value(inner, (*path, str(n)), spots, mistakes) for n, inner in parts]
    return yaml.SafeLoader("").construct_object(node)


def _mistake(error: Any, spots: dict[tuple[str, ...], Spot]) -> Mistake:  # noqa: ANN401 - pydantic's
    """Pydantic's error at the spot of the file that it is about: the nearest that stands there."""
    loc = [str(one) for one in error["loc"]]
    path = tuple(loc)
    while path and path not in spots:
        path = _without_one(path, spots)
    line, column = spots.get(path, (1, 1))
    what = str(error["msg"]).removeprefix("Value error, ")
    return Mistake(line, column, ".".join(loc) or "profile", what)


def _without_one(path: tuple[str, ...], spots: dict[tuple[str, ...], Spot]) -> tuple[str, ...]:
    """A union's tag is in pydantic's path and not in the file: try without each, then the end."""
    for at in range(len(path) - 1):
        shorter = path[:at] + path[at + 1 :]
        if shorter in spots:
            return shorter
    return path[:-1]
