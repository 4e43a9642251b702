"""Drawing a code as the phone shows it; qrcode and Pillow are loaded only when it is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from campus_code.code import parse_code
from campus_code.errors import ShapeError
from campus_code.limits import require_int

if TYPE_CHECKING:
    from PIL import Image

QUIET_ZONE: Final = 4  # modules; less and scanners miss the code
PIXELS_A_MODULE: Final = 8
PIXELS_A_MODULE_MAX: Final = 100
CODE_VERSION: Final = 2  # with level H its numeric capacity is exactly 34
NUMERIC_MODE: Final = 1  # of ISO 18004; qrcode's own name for it has no literal type
TEXT_LENGTH_MAX: Final = 300


def draw_code(text: str, pixels_a_module: int = PIXELS_A_MODULE) -> Image.Image:
    """The QR code of 34 digits: version 2, level H, numeric. RefusedError if it is no code."""
    import qrcode
    from qrcode.util import QRData

    parse_code(text)
    drawing = qrcode.QRCode(
        version=CODE_VERSION, error_correction=qrcode.ERROR_CORRECT_H, border=QUIET_ZONE
    )
    drawing.add_data(QRData(text, mode=NUMERIC_MODE))
    drawing.make(fit=False)  # another version would be another picture than the phone's
    return _image(drawing.get_matrix(), pixels_a_module)


def draw_text(text: str, pixels_a_module: int = PIXELS_A_MODULE) -> Image.Image:
    """The QR code of a short text at level M, for enrolment tokens. ShapeError if it is long."""
    import qrcode

    if not 1 <= len(text) <= TEXT_LENGTH_MAX:
        raise ShapeError(f"text: 1..{TEXT_LENGTH_MAX} characters are allowed, not {len(text)}")
    drawing = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=QUIET_ZONE)
    drawing.add_data(text)
    drawing.make(fit=True)
    return _image(drawing.get_matrix(), pixels_a_module)


def _image(modules: Sequence[Sequence[bool | None]], pixels_a_module: int) -> Image.Image:
    from PIL import Image

    require_int("pixels_a_module", pixels_a_module, 1, PIXELS_A_MODULE_MAX)
    side = len(modules)
    small = Image.frombytes(
        "L", (side, side), bytes(0 if m else 255 for row in modules for m in row)
    )
    return small.resize((side * pixels_a_module, side * pixels_a_module), Image.Resampling.NEAREST)
