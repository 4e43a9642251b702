"""A code scanner in USB-COM mode: it looks at a picture and types what it reads into a port.

The port is a pseudo-terminal; the terminal program opens its far end by path, as it opens a real
one, and cannot tell the difference.
"""

from __future__ import annotations

import os
import tty

import zxingcpp
from PIL import Image

from campus_code import draw_code, draw_text

CODE_DIGITS = 34
ENDING = b"\r\n"  # what scanners send after a code, as they leave the factory


class MisreadError(Exception):
    """The decoder read nothing, or something else than was drawn."""


def draw(text: str) -> Image.Image:
    """The picture a phone shows: a campus code as the format says, anything else as plain QR."""
    return draw_code(text) if len(text) == CODE_DIGITS and text[0] == "9" else draw_text(text)


def read(picture: Image.Image) -> str:
    """What zxing-cpp reads in a picture; only QR codes are looked for."""
    found = zxingcpp.read_barcodes(
        picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    if len(found) != 1:
        raise MisreadError(f"{len(found)} codes were found in the picture")
    text: str = found[0].text
    return text


class Scanner:
    """One scanner on a pseudo-terminal; `path` is what the terminal opens."""

    def __init__(self) -> None:
        """Make the port. The far end stays open here too, as a plugged-in device does."""
        self._near, self._far = os.openpty()
        tty.setraw(self._far)
        self.path = os.ttyname(self._far)

    def scan(self, text: str) -> None:
        """Draw what a phone shows, read the picture, and type what was read into the port."""
        seen = read(draw(text))
        if seen != text:
            raise MisreadError(f"drawn …{text[-4:]}, read …{seen[-4:]}")
        os.write(self._near, seen.encode("ascii") + ENDING)

    def unplug(self) -> None:
        """Close the port."""
        os.close(self._near)
        os.close(self._far)
