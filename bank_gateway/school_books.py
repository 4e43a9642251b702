"""The school's books, over the server's API: what a bank has moved is told until they have it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

import httpx

from bank_gateway.desk import Booking
from bank_gateway.journal import Entry
from bank_gateway.signing import signed

PATH: Final = "/bank/bookings"
SECONDS_MAX: Final = 10.0
BOOKED: Final = 200
REFUSED: Final = 409


class SchoolBooks:
    """Speaks to one server. Raises nothing that the server or the network can cause."""

    def __init__(self, http: httpx.AsyncClient, key: bytes, clock: Callable[[], float]) -> None:
        """`http` has the server's address."""
        self._http, self._key, self._clock = http, key, clock

    async def book(self, entry: Entry) -> Booking:
        """Tell it; BOOKED and REFUSED are the server's word, anything else is tried again."""
        body = json.dumps(told(entry), ensure_ascii=False, separators=(",", ":")).encode()
        headers = signed(self._key, "POST", PATH, body, int(self._clock()))
        headers["content-type"] = "application/json"
        try:
            answer = await self._http.post(PATH, content=body, headers=headers)
        except httpx.HTTPError:
            return Booking.AWAY
        if answer.status_code == BOOKED:
            return Booking.BOOKED
        return Booking.REFUSED if answer.status_code == REFUSED else Booking.AWAY


def told(entry: Entry) -> dict[str, str | int]:
    """What the server hears of an order that a bank has moved; of the account its last digits."""
    key = entry.key
    return {
        "order_id": entry.order.order_id,
        "verb": entry.order.verb.value,
        "bank": key.bank,
        "terminal": key.terminal,
        "day": key.day.isoformat(),
        "batch": key.batch,
        "trace": key.trace,
        "card_number": entry.order.card_number,
        "amount_fen": entry.order.amount_fen,
        "account_tail": entry.tail,
        "reference": entry.reference,
        "settled_on": entry.settled_on.isoformat() if entry.settled_on else "",
    }
