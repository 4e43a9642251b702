"""Pages of a list: a cursor that says where the page before ended, and never a page's number.

A list that is read by number shifts while people work in it, and its last pages cost what all
before them cost. So a page is asked for by its last row's key: `WHERE key < … ORDER BY key`.

    @described(PaymentsTold, query=PaymentsQuery)       # class PaymentsQuery(PageShape)
    async def list_payments(request: Request) -> HTTPResponse:
        query = read_query(request, PaymentsQuery)
        after = read_cursor(query.after, int)           # None, or the key of the last row
        rows = await read_payments(after, query.limit + 1)
        shown, following = turn(rows, query.limit, lambda row: (row.id,))
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

import orjson
from pydantic import Field

from backend.api.reading import Shape
from backend.domain.errors import InvalidInputError

PAGE_ROWS = 50
PAGE_ROWS_MAX = 200
CURSOR_CHARACTERS_MAX = 400
KEY_TEXT_MAX = 128
KEY_NUMBER_MAX = (1 << 63) - 1

AnyRow = TypeVar("AnyRow")
Key = tuple[int | str, ...]


class PageShape(Shape):
    """A page of a list: `after` is the `next` of the page before, "" for the first."""

    after: Annotated[str, Field(max_length=CURSOR_CHARACTERS_MAX)] = ""
    limit: Annotated[int, Field(ge=1, le=PAGE_ROWS_MAX)] = PAGE_ROWS


def write_cursor(key: Key) -> str:
    """The last row's key as a word for an address. It is no secret, and no promise either."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).rstrip(b"=").decode()


def read_cursor(text: str, *kinds: type[int | str]) -> Key | None:
    """The key a cursor stands for, None for "". `kinds` are those of the key's parts.

    Raises:
        InvalidInputError: this list did not make it.

    """
    if not text:
        return None
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        raise _foreign() from None
    if not isinstance(parts, list) or len(parts) != len(kinds):
        raise _foreign()
    if not all(_is_part(part, kind) for part, kind in zip(parts, kinds, strict=True)):
        raise _foreign()
    return tuple(parts)


def turn(
    rows: Sequence[AnyRow], limit: int, key: Callable[[AnyRow], Key]
) -> tuple[list[AnyRow], str | None]:
    """The page, and the cursor of the one after it; None at the end.

    `rows` are up to `limit` + 1: one more than is shown says that there is more.
    """
    shown = list(rows[:limit])
    following = write_cursor(key(shown[-1])) if len(rows) > limit else None
    return shown, following


def _is_part(part: object, kind: type[int | str]) -> bool:
    if type(part) is not kind:  # a bool is an int to isinstance
        return False
    if isinstance(part, int):
        return -KEY_NUMBER_MAX <= part <= KEY_NUMBER_MAX
    return len(str(part)) <= KEY_TEXT_MAX


def _foreign() -> InvalidInputError:
    return InvalidInputError("after", "is not the `next` of a page of this list")
