"""The cashier's page: what it shows, what is typed on it, its files, and its server."""

from __future__ import annotations

from collections.abc import Callable

from qr_terminals.cashier.face import CashierFace
from qr_terminals.cashier.page import cashier_routes
from qr_terminals.config import Identity
from qr_terminals.control import Order
from qr_terminals.holdings import Holdings
from qr_terminals.page import Feed, PageServer

__all__ = ["CashierFace", "CashierPage", "cashier_routes"]


class CashierPage:
    """The page of one terminal: `face` belongs among the terminal's faces. Port 0 is a free one."""

    def __init__(
        self,
        port: int,
        identity: Identity,
        holdings: Holdings,
        sink: Callable[[Order], None],
        clock: Callable[[], float],
    ) -> None:
        feed = Feed()
        self.face = CashierFace(feed, identity, holdings, clock)
        self._server = PageServer(port, cashier_routes(sink), feed)
        self.url = self._server.url

    def start(self) -> None:
        """Begin to answer."""
        self._server.start()

    def stop(self) -> None:
        """End every stream and the thread."""
        self._server.stop()
