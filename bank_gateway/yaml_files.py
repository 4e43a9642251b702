"""YAML files held against a model: every mistake is told at once, each with its line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

FILE_BYTES_MAX: Final = 256 * 1024
DEPTH_MAX: Final = 8
TAGS: Final = {
    f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str", "int", "float", "bool", "null")
}
Spot = tuple[int, int]
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong, and where: line and column from 1."""

    line: int
    column: int
    where: str
    what: str


class MistakesError(Exception):
    """A file that cannot be used, with all its mistakes."""

    def __init__(self, name: str, mistakes: Sequence[Mistake]) -> None:
        """`name` is the file's."""
        self.name, self.mistakes = name, tuple(mistakes)
        lines = [f"{name}:{one.line}:{one.column}: {one.where}: {one.what}" for one in mistakes]
        super().__init__("\n".join(lines))


def checked(raw: bytes, name: str, model: type[Model]) -> Model:
    """What these bytes say, as a model. Raises MistakesError with every mistake."""
    if len(raw) > FILE_BYTES_MAX:
        raise MistakesError(name, [Mistake(1, 1, "file", f"more than {FILE_BYTES_MAX} bytes")])
    spots: dict[tuple[str, ...], Spot] = {}
    mistakes: list[Mistake] = []
    try:
        node = yaml.compose(raw.decode(), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        at = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise MistakesError(name, [Mistake(*at, "yaml", str(error.problem))]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise MistakesError(name, [Mistake(1, 1, "yaml", str(error))]) from None
    value = _value(node, (), spots, mistakes)
    if not isinstance(value, dict):
        raise MistakesError(name, [Mistake(1, 1, "file", "must be a mapping")])
    made = None
    try:
        made = model.model_validate(value)
    except ValidationError as error:
        mistakes += [_mistake(one, spots) for one in error.errors()]
    if mistakes or made is None:
        raise MistakesError(name, sorted(mistakes, key=lambda one: (one.line, one.column)))
    return made


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
    return Mistake(line, column, ".".join(loc) or "file", what)


def _without_one(path: tuple[str, ...], spots: dict[tuple[str, ...], Spot]) -> tuple[str, ...]:
    """A union's tag is in pydantic's path and not in the file: try without each, then the end."""
    for at in range(len(path) - 1):
        shorter = path[:at] + path[at + 1 :]
        if shorter in spots:
            return shorter
    return path[:-1]
