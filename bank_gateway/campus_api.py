"""The campus side: a few routes for the school's server, and for nobody else."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from pydantic import Field, ValidationError
from sanic import HTTPResponse, Request, Sanic

from bank_gateway.asking import Answer, Verb
from bank_gateway.desk import Desk, RefusedError
from bank_gateway.journal import ORDER_ID_MAX, Entry, Journal, Order, OrderConflictError
from bank_gateway.partner import Partner
from bank_gateway.profile import Part, VerbName
from bank_gateway.signing import UnsignedError, require_signed

JSON: Final = "application/json"
BODY_BYTES_MAX: Final = 16_384
FEN_MAX: Final = 100_000_000
DEEDS: Final = frozenset({Verb.SIGN_IN, Verb.SIGN_OUT, Verb.ECHO})
Banks = dict[tuple[str, str], Partner]
Handler = Callable[..., Coroutine[Any, Any, HTTPResponse]]


class OrderShape(Part):
    """An order as the server sends it. `pin` is the bank card's, where the bank asks for it."""

    order_id: Annotated[str, Field(pattern=rf"^[A-Za-z0-9\-]{{8,{ORDER_ID_MAX}}}$")]
    verb: VerbName
    bank: Annotated[str, Field(max_length=32)]
    account: Annotated[str, Field(pattern=r"^[0-9]{8,32}$", repr=False)]
    card_number: Annotated[str, Field(pattern=r"^[0-9]{1,16}$")]
    name: Annotated[str, Field(max_length=64)] = ""
    amount_fen: Annotated[int, Field(ge=1, le=FEN_MAX)]
    pin: Annotated[str, Field(pattern=r"^([0-9]{4,12})?$", repr=False)] = ""


@dataclass(frozen=True, slots=True)
class Gateway:
    """What stands behind the routes."""

    desk: Desk
    journal: Journal
    banks: Banks
    key: bytes = field(repr=False)
    clock: Callable[[], float]


def build_app(name: str, gateway: Gateway) -> Sanic[Any, Any]:
    """The app; every route wants the server's MAC."""
    app: Sanic[Any, Any] = Sanic(name, configure_logging=False)
    app.config.REQUEST_MAX_SIZE = BODY_BYTES_MAX
    routes = _Routes(gateway)

    def signed(handler: Handler) -> Handler:
        async def guarded(request: Request, **parts: str) -> HTTPResponse:
            asked = (request.method, request.path, request.body or b"")
            try:
                require_signed(gateway.key, asked, request.headers, int(gateway.clock()))
            except UnsignedError as error:
                return _told({"error": "unsigned", "en": str(error)}, 401)
            return await handler(request, **parts)

        guarded.__name__ = handler.__name__
        return guarded

    for method, path, handler in (
        ("POST", "/orders", routes.order),
        ("GET", "/orders/<order_id:str>", routes.look),
        ("GET", "/state", routes.state),
        ("POST", "/banks/<bank:str>/terminals/<terminal:str>/<verb:str>", routes.operate),
    ):
        app.add_route(signed(handler), path, methods=[method])
    return app


class _Routes:
    """What the routes do."""

    def __init__(self, gateway: Gateway) -> None:
        self._desk, self._journal, self._banks = gateway.desk, gateway.journal, gateway.banks

    async def order(self, request: Request) -> HTTPResponse:
        """200: the order and what became of it; again, the same. 409, 422: it was not taken."""
        try:
            shape = OrderShape.model_validate_json(request.body or b"")
        except ValidationError as error:
            fields = [".".join(str(part) for part in one["loc"]) for one in error.errors()]
            return _told({"error": "invalid", "fields": fields}, 400)
        terminal = self._desk.place_for(shape.bank, shape.order_id)
        order = Order(
            shape.order_id, shape.verb, shape.bank, terminal, shape.account, shape.card_number,
            shape.name, shape.amount_fen, shape.pin,
        )  # fmt: skip
        try:
            return _told(_order(await self._desk.take(order)))
        except OrderConflictError:
            words = {"zh": "该编号已用于别的订单。", "en": "This id was used for another order."}
            return _told({"error": "order_id_used", **words}, 409)
        except RefusedError as error:
            return _told({"error": error.word, "zh": error.zh, "en": error.en}, 422)

    async def look(self, _request: Request, order_id: str) -> HTTPResponse:
        """200: an order as it stands. 404: none."""
        entry = self._journal.find(order_id)
        if entry is None:
            return _told({"error": "unknown_order"}, 404)
        history = self._journal.history(entry)
        told = [{"at": at, "state": state.value, "code": code} for at, state, code in history]
        return _told({**_order(entry), "history": told})

    async def state(self, _request: Request) -> HTTPResponse:
        """200: every terminal's line, sign-in, batch and what waits at it; and what is overdue."""
        waiting = self._journal.open_ones()
        terminals = [
            {
                "bank": bank,
                "terminal": terminal,
                "is_open": partner.is_line_open,
                "is_signed_in": partner.is_signed_in,
                "batch": self._journal.batch(bank, terminal),
                "waiting": sum(
                    one.key.bank == bank and one.key.terminal == terminal for one in waiting
                ),
            }
            for (bank, terminal), partner in sorted(self._banks.items())
        ]
        overdue = [_order(one) for one in self._desk.overdue()]
        return _told({"terminals": terminals, "overdue": overdue})

    async def operate(self, _request: Request, bank: str, terminal: str, verb: str) -> HTTPResponse:
        """200: what came of signing in or out, or of an echo."""
        if (bank, terminal) not in self._banks or verb not in DEEDS:
            return _told({"error": "unknown_terminal_or_deed"}, 404)
        if verb == Verb.SIGN_IN:
            return _told(_answer(await self._desk.sign_in(bank, terminal)))
        return _told(_answer(await self._desk.operate(bank, terminal, Verb(verb))))


def _order(entry: Entry) -> dict[str, Any]:
    """An order for the server: no account but its last digits, no PIN."""
    return {
        "order_id": entry.order.order_id,
        "verb": entry.order.verb.value,
        "bank": entry.key.bank,
        "terminal": entry.key.terminal,
        "account_tail": entry.tail,
        "card_number": entry.order.card_number,
        "amount_fen": entry.order.amount_fen,
        "state": entry.standing.state.value,
        "code": entry.code,
        "zh": entry.zh,
        "en": entry.en,
        "reference": entry.reference,
        "made_at": entry.made_at,
        "changed_at": entry.changed_at,
    }


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "result": answer.result.value,
        "code": answer.code,
        "zh": answer.zh,
        "en": answer.en,
        "batch": answer.batch,
    }


def _told(value: dict[str, Any], status: int = 200) -> HTTPResponse:
    body = json.dumps(value, ensure_ascii=False)
    return HTTPResponse(body, status=status, content_type=JSON)
