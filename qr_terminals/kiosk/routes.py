"""
What the page on the kiosk's screen may ask.

Everything is a POST with a small JSON body, so that no address holds anything of a person. Each
body about a visit says which (`visit`, the number the page was told): what a page asks for a
person who has gone is refused, and never done to the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from qr_terminals.errors import RequestError, ServerError, VisitOverError
from qr_terminals.kiosk.drawing import squares
from qr_terminals.kiosk.hall import Hall, Login
from qr_terminals.kiosk.printer import Printer
from qr_terminals.kiosk.slips import CARD_DIGITS_SHOWN, emergency_text, receipt_note, receipt_text
from qr_terminals.kiosk.visitors import Visitor, Visitors, refusal_of
from qr_terminals.page import file_routes, read_body

FIELD_CHARACTERS_MAX: Final = 256
MONTH_MAX: Final = 999_912
PAYMENT_FIELDS: Final = (
    "payment_id", "merchant", "occurred_at", "period_id", "nominal_fen", "discount_fen",
    "fee_fen", "charged_fen", "borne_fen", "split_fen", "returned_fen", "is_undone",
    "was_offline", "was_late", "outcome", "reason", "dispute",
)  # fmt: skip
"""What the page is told of a payment; not the card's number."""
FILES: Final = {
    "/": "page.html",
    "/style.css": "style.css",
    "/app.js": "app.js",
    "/dom.js": "dom.js",
    "/asking.js": "asking.js",
    "/explain.js": "explain.js",
    "/picture.js": "picture.js",
    "/screens.js": "screens.js",
    "/words.js": "words.js",
}

Work = Callable[[Visitor, Mapping[str, Any]], dict[str, Any]]


class Deeds:
    """What is done for the person who is here, one method a route."""

    def __init__(self, visitors: Visitors, hall: Hall, printer: Printer, school: str) -> None:
        self._visitors = visitors
        self._hall = hall
        self._printer = printer
        self._school = school

    def card(self, visitor: Visitor, _body: Mapping[str, Any]) -> dict[str, Any]:
        """The overview; a hall has eyes, so the name is shortened."""
        told = self._hall.card(visitor.visit_id)
        return {
            "name": _shortened(str(told["name"])),
            "card_tail": str(told["card_number"])[-CARD_DIGITS_SHOWN:],
            "has_printer": self._printer.is_there,
            **{name: told[name] for name in ("state", "purses_fen", "spent_fen", "is_lift_mine")},
        }

    def payments(self, visitor: Visitor, body: Mapping[str, Any]) -> dict[str, Any]:
        """A page of a month's statement."""
        month = _number(body, "month", MONTH_MAX)
        told = self._hall.payments(visitor.visit_id, month, _number(body, "before", 2**63 - 1))
        lines = [_line(one) for one in told["payments"]]
        visitor.payments.update({one["payment_id"]: one for one in lines})
        return {"payments": lines, "next": told["next"]}

    def freeze(self, visitor: Visitor, _body: Mapping[str, Any]) -> dict[str, Any]:
        """Lost: stop money and doors."""
        return self._hall.freeze(visitor.visit_id)

    def freeze_state(self, visitor: Visitor, _body: Mapping[str, Any]) -> dict[str, Any]:
        """How many terminals know."""
        return self._hall.freeze_state(visitor.visit_id)

    def found(self, visitor: Visitor, _body: Mapping[str, Any]) -> dict[str, Any]:
        """Found again."""
        return self._hall.found(visitor.visit_id)

    def emergency_code(self, visitor: Visitor, _body: Mapping[str, Any]) -> dict[str, Any]:
        """The day's code."""
        visitor.emergency = self._hall.emergency_code(visitor.visit_id)
        return visitor.emergency

    def receipt(self, visitor: Visitor, body: Mapping[str, Any]) -> dict[str, Any]:
        """A receipt as text and as a QR code of that text: no address, nothing to look up."""
        payment, offset = _shown(visitor, body), visitor.utc_offset_seconds
        note = receipt_note(payment, self._school, offset)
        return {"text": receipt_text(payment, self._school, offset), "qr": squares(note)}

    def print_receipt(self, visitor: Visitor, body: Mapping[str, Any]) -> dict[str, Any]:
        """The receipt on paper."""
        payment = _shown(visitor, body)
        self._printer.print(receipt_text(payment, self._school, visitor.utc_offset_seconds))
        return {}

    def print_emergency_code(self, visitor: Visitor, _body: Mapping[str, Any]) -> dict[str, Any]:
        """The code that was just shown, on paper."""
        told = visitor.emergency
        if told is None:
            raise _unknown()
        self._printer.print(emergency_text(told["code"], told["on"], self._school))
        return {}

    def leave(self, visitor: Visitor, _body: Mapping[str, Any]) -> dict[str, Any]:
        """Forget him."""
        self._visitors.leave(visitor)
        return {}

    def touch(self, _visitor: Visitor, _body: Mapping[str, Any]) -> dict[str, Any]:
        """He is still here: his time has begun anew."""
        return {}


def kiosk_routes(visitors: Visitors, hall: Hall, printer: Printer, school: str) -> list[BaseRoute]:
    """The page's files, and one route for each thing it may ask."""
    own = Deeds(visitors, hall, printer, school)
    deeds: dict[str, Work] = {
        "card": own.card,
        "payments": own.payments,
        "freeze": own.freeze,
        "freeze-state": own.freeze_state,
        "found": own.found,
        "emergency-code": own.emergency_code,
        "receipt": own.receipt,
        "print-receipt": own.print_receipt,
        "print-emergency-code": own.print_emergency_code,
        "leave": own.leave,
        "touch": own.touch,
    }
    folder = files("qr_terminals.kiosk").joinpath("static")
    return [
        *file_routes(folder, FILES),
        *(_route(visitors, f"/visit/{name}", deed) for name, deed in deeds.items()),
        Route("/help", _helper(visitors), methods=["POST"]),
    ]


def _route(visitors: Visitors, path: str, deed: Work) -> Route:
    def work(body: Mapping[str, Any]) -> dict[str, Any]:
        visitor = visitors.here(body.get("visit"))
        try:
            return deed(visitor, body)
        except VisitOverError as error:
            visitors.end(visitor)
            raise RequestError(409, "visit_over", error.zh, error.en) from error
        except ServerError as error:
            raise refusal_of(error) from error

    async def answer(request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(work, await read_body(request)))

    return Route(path, answer, methods=["POST"])


def _helper(visitors: Visitors) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        body = await read_body(request)
        login = Login(_word(body, "login"), _word(body, "password"), _word(body, "totp"))
        await run_in_threadpool(visitors.help, login, _word(body, "number"))
        return JSONResponse({})

    return answer


def _line(told: Mapping[str, Any]) -> dict[str, Any]:
    tail = str(told["card_number"])[-CARD_DIGITS_SHOWN:]
    return {"card_tail": tail, **{name: told[name] for name in PAYMENT_FIELDS}}


def _shown(visitor: Visitor, body: Mapping[str, Any]) -> dict[str, Any]:
    """A payment that was shown in this visit; nothing else is asked for by its number."""
    payment = visitor.payments.get(_number(body, "payment_id", 2**63 - 1))
    if payment is None:
        raise _unknown()
    return payment


def _shortened(name: str) -> str:
    return f"{name[:1]}**" if name else ""


def _number(body: Mapping[str, Any], name: str, most: int) -> int:
    value = body.get(name)
    if type(value) is not int or not 0 <= value <= most:
        raise RequestError(
            400, "wrong_field", f"{name} 应为 0 到 {most} 的整数。", f"{name} must be 0..{most}."
        )
    return value


def _word(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if type(value) is not str or not 0 < len(value) <= FIELD_CHARACTERS_MAX:
        raise RequestError(400, "wrong_field", f"请填写 {name}。", f"Please fill in {name}.")
    return value


def _unknown() -> RequestError:
    return RequestError(
        404, "not_shown", "没有显示过这一项。", "This has not been shown in this visit."
    )
