"""The routes of the cashier's page: its files, and orders."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from qr_terminals.cashier.orders import read_order
from qr_terminals.control import Order
from qr_terminals.page import file_routes, read_body

FOLDER: Final = "static"
FILES: Final = {
    "/": "till.html",
    "/till.css": "till.css",
    "/till.js": "till.js",
    "/books.js": "books.js",
    "/dialogs.js": "dialogs.js",
    "/dom.js": "dom.js",
    "/entry.js": "entry.js",
    "/link.js": "link.js",
    "/result.js": "result.js",
    "/sound.js": "sound.js",
    "/words.js": "words.js",
}
TAKEN: Final = 202


def cashier_routes(sink: Callable[[Order], None]) -> list[BaseRoute]:
    """The page's routes; each order goes into the sink, and what comes of it into the feed."""

    async def take_order(request: Request) -> Response:
        sink(read_order(await read_body(request)))
        return JSONResponse({"taken": True}, status_code=TAKEN)

    static = files(__package__).joinpath(FOLDER)
    return [*file_routes(static, FILES), Route("/orders", take_order, methods=["POST"])]
