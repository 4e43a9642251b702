"""QR pictures as rows of 0 and 1: the page draws them itself, no picture is kept anywhere."""

from __future__ import annotations

import qrcode
from qrcode.constants import ERROR_CORRECT_M


def qr_rows(text: str) -> list[str]:
    """The modules of a code, a row each, dark ones 1, without the quiet zone."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(text)
    code.make()
    return ["".join("1" if dark else "0" for dark in row) for row in code.get_matrix()]
