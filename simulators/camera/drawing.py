"""The pictures that are held before the camera."""

from __future__ import annotations

import qrcode
import zxingcpp
from PIL import Image

from campus_code import draw_code, draw_text

CODE_DIGITS = 34


def draw(text: str) -> Image.Image:
    """What a phone shows: a campus code as the format says, anything else as a plain QR code."""
    return draw_code(text) if len(text) == CODE_DIGITS and text[0] == "9" else draw_text(text)


def draw_as_usual(text: str) -> Image.Image:
    """The QR code that the library draws unasked: for 34 digits version 1 at level M."""
    drawing = qrcode.QRCode(border=4, box_size=8)
    drawing.add_data(text)
    drawing.make(fit=True)
    modules = drawing.get_matrix()
    side = len(modules)
    pixels = bytes(0 if dark else 255 for row in modules for dark in row)
    small = Image.frombytes("L", (side, side), pixels)
    return small.resize((side * 8, side * 8), Image.Resampling.NEAREST)


def draw_bars(text: str) -> Image.Image:
    """The digits as Code 128, for scanners that see only lines."""
    bars = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
    picture = Image.fromarray(bars.to_image(scale=4, add_quiet_zones=True))
    width, height = picture.size
    return picture.resize((width, max(height, width // 4)), Image.Resampling.NEAREST)
