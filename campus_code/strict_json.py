"""JSON from and into frozen dataclasses, nothing guessed: used for the rules bundle."""

from __future__ import annotations

import dataclasses
import enum
import functools
import json
from collections.abc import Mapping
from typing import Any, Literal, NoReturn, TypeVar, get_args, get_origin, get_type_hints

from campus_code.errors import ShapeError

ITEMS_MAX = 1000  # of one list or object; the values have closer limits of their own
INTEGER_DIGITS_MAX = 20
MAY_BE_MISSING = {"may_be_missing": True}
"""Metadata of a field that came later: missing, its default stands; at its default, left out."""

T = TypeVar("T")


def load_object(raw: bytes, bytes_max: int) -> dict[str, Any]:
    """One JSON object from UTF-8 bytes. ShapeError for a key given twice, a fraction, too much."""
    if len(raw) > bytes_max:
        raise ShapeError(f"json: at most {bytes_max} bytes are allowed, not {len(raw)}")
    try:
        loaded = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_pairs,
            parse_int=_integer,
            parse_float=_no_fraction,
            parse_constant=_no_fraction,
        )
    except ShapeError:
        raise
    except (ValueError, RecursionError) as error:
        raise ShapeError("json: cannot be read") from error
    if type(loaded) is not dict:
        raise ShapeError("json: an object is wanted")
    return loaded


def decode(wanted: type[T], loaded: object) -> T:
    """Build a dataclass from loaded JSON; every field must be there and none besides.

    Only a field marked MAY_BE_MISSING may be left out.
    """
    built: T = _decode(wanted, loaded, "")
    return built


def encode(value: object) -> Any:  # noqa: ANN401 - JSON has many shapes
    """What `decode` reads, as plain JSON values: dataclasses become objects, tuples lists.

    A field marked MAY_BE_MISSING is left out at its default: a bundle without news is written as
    it was before there were any, and older terminals read it.
    """
    if dataclasses.is_dataclass(value):
        return {
            one.name: encode(inner)
            for one in dataclasses.fields(value)
            if not _is_left_out(one, inner := getattr(value, one.name))
        }
    if isinstance(value, Mapping):
        return {key: encode(inner) for key, inner in value.items()}
    return [encode(one) for one in value] if isinstance(value, tuple) else value


def _is_left_out(field: dataclasses.Field[Any], value: object) -> bool:
    if field.metadata != MAY_BE_MISSING:
        return False
    if field.default_factory is not dataclasses.MISSING:
        return bool(value == field.default_factory())
    return bool(value == field.default)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ShapeError("json: a key is given twice")
    return found


def _integer(digits: str) -> int:
    if len(digits) > INTEGER_DIGITS_MAX:
        raise ShapeError(f"json: a number of more than {INTEGER_DIGITS_MAX} digits")
    return int(digits)


def _no_fraction(text: str) -> NoReturn:
    raise ShapeError(f"json: only whole numbers are allowed, not {text[:INTEGER_DIGITS_MAX]}")


@functools.cache
def _hints(wanted: type) -> Mapping[str, Any]:
    return get_type_hints(wanted)


def _decode(wanted: Any, value: object, path: str) -> Any:  # noqa: ANN401 - typing forms
    origin = get_origin(wanted)
    if wanted in (int, str, bool):
        return _plain(wanted, value, path)
    if origin is Literal:
        if type(value) is not str or value not in get_args(wanted):
            raise ShapeError(f"{path}: one of {', '.join(get_args(wanted))} is wanted")
        return value
    if isinstance(wanted, type) and issubclass(wanted, enum.StrEnum):
        return _member(wanted, value, path)
    if origin is tuple:
        return _list(get_args(wanted)[0], value, path)
    if origin is Mapping:
        return _mapping(get_args(wanted), value, path)
    return _dataclass(wanted, value, path)


def _plain(wanted: type[T], value: object, path: str) -> T:
    # type() and not isinstance(): to Python True is a number, to us it is not
    if type(value) is not wanted:
        raise ShapeError(f"{path}: {wanted.__name__} is wanted, not {type(value).__name__}")
    return value


def _member(wanted: type[enum.StrEnum], value: object, path: str) -> enum.StrEnum:
    try:
        return wanted(_plain(str, value, path))
    except ValueError as error:
        raise ShapeError(f"{path}: one of {', '.join(wanted)} is wanted") from error


def _list(inner: object, value: object, path: str) -> tuple[Any, ...]:
    if type(value) is not list or len(value) > ITEMS_MAX:
        raise ShapeError(f"{path}: a list of at most {ITEMS_MAX} is wanted")
    return tuple(_decode(inner, one, f"{path}[{at}]") for at, one in enumerate(value))


def _mapping(inner: tuple[Any, Any], value: object, path: str) -> dict[Any, Any]:
    if type(value) is not dict or len(value) > ITEMS_MAX:
        raise ShapeError(f"{path}: an object of at most {ITEMS_MAX} is wanted")
    return {
        _key(inner[0], key, path): _decode(inner[1], one, f"{path}.{key}")
        for key, one in value.items()
    }


def _key(wanted: type, key: str, path: str) -> int | str:
    if wanted is str:
        return key
    is_canonical = key.isascii() and key.isdigit() and (key == "0" or key[0] != "0")
    if not is_canonical or len(key) > INTEGER_DIGITS_MAX:
        raise ShapeError(f"{path}: a whole number is wanted as key")
    return int(key)


def _dataclass(wanted: Any, value: object, path: str) -> Any:  # noqa: ANN401 - typing forms
    dot = f"{path}." if path else ""
    if type(value) is not dict:
        raise ShapeError(f"{path or 'json'}: an object is wanted, not {type(value).__name__}")
    fields = {one.name: one for one in dataclasses.fields(wanted)}
    for name in value:
        if name not in fields:
            raise ShapeError(f"{dot}{name[:40]}: is not a known field")
    hints = _hints(wanted)
    found = {}
    for name, one in fields.items():
        if name not in value and one.metadata == MAY_BE_MISSING:
            continue
        if name not in value:
            raise ShapeError(f"{dot}{name}: is missing")
        found[name] = _decode(hints[name], value[name], f"{dot}{name}")
    try:
        return wanted(**found)
    except ShapeError as error:
        raise ShapeError(f"{dot}{error}") from error
