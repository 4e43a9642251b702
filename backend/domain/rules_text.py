"""Reading a rules bundle that an office wrote."""

from __future__ import annotations

from backend.domain.errors import InvalidInputError
from backend.domain.payment import PERIOD_ID
from campus_code import RulesBundle, ShapeError, rules_from_json


def read_bundle(raw: bytes) -> RulesBundle:
    """A whole bundle from JSON bytes.

    Raises:
        InvalidInputError: naming the path that is wrong.

    """
    try:
        bundle = rules_from_json(raw)
    except ShapeError as error:
        field, _, why = str(error).partition(": ")
        raise InvalidInputError(field, why or "is not a rules bundle") from error
    for period in bundle.periods:
        if PERIOD_ID.fullmatch(period.id) is None:
            raise InvalidInputError("periods", f"{period.id}: an id is 1…16 of a-z A-Z 0-9 _ . : -")
    return bundle
