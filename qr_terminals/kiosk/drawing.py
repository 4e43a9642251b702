"""A text as a QR code, in squares that a page draws itself."""

from __future__ import annotations

from typing import Any

import qrcode


def squares(text: str) -> dict[str, Any]:
    """The size in modules without a margin, and an SVG path of the dark ones."""
    code = qrcode.QRCode(border=0, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text.encode())
    code.make(fit=True)
    rows = code.get_matrix()
    dark = [
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_on in enumerate(row) if is_on
    ]
    return {"size": len(rows), "path": "".join(dark)}
