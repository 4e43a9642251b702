"""
The kiosk in the hall: who shows a code sees his card, for minutes, and is forgotten.

`Hall` asks the server, `Visitors` knows who stands there and until when, `kiosk_routes` is what the
page on the screen may ask, `Printer` prints through CUPS. Nothing of a person is written to the
disk or to a log, and the page is given neither the visit's number at the server nor any key.
"""

from qr_terminals.kiosk.hall import Hall
from qr_terminals.kiosk.printer import Printer
from qr_terminals.kiosk.routes import kiosk_routes
from qr_terminals.kiosk.visitors import Visitors

__all__ = ["Hall", "Printer", "Visitors", "kiosk_routes"]
