"""
A page on the terminal's own box: for the cashier's screen, for the kiosk in the hall.

`PageServer` serves the routes it is handed to 127.0.0.1 and nobody else, on a thread of its own.
What the page shows comes through a `Feed`; what a person does on it comes back as a small JSON
body, read by `read_body`. Neither keys nor whole codes ever stand in either.
"""

from qr_terminals.page.bodies import read_body
from qr_terminals.page.feed import Feed
from qr_terminals.page.files import file_routes
from qr_terminals.page.server import PageServer

__all__ = ["Feed", "PageServer", "file_routes", "read_body"]
