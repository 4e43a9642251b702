"""
Codes in camera pictures: cutting a stream into pictures, and reading them with zxing-cpp.

Pure but for the decoder itself. It runs in the child process of `camera.py`, because it is native
code that looks at whatever is held before it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO

import zxingcpp
from PIL import Image

from qr_terminals.readers.framing import scan_text

FRAME_BYTES_MAX = 2 * 1024 * 1024
FRAME_PIXELS_MAX = 1920 * 1080
READ_BYTES = 64 * 1024
FORMATS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Code128])
_START = b"\xff\xd8\xff"
_END = b"\xff\xd9"


class FrameError(Exception):
    """A picture is none, or larger than a terminal looks at; it is left out."""


def cut_frames(stream: IO[bytes]) -> Iterator[bytes]:
    """
    The JPEG pictures of a stream that is nothing but JPEG pictures (MJPEG), one by one.

    Bytes between them are left out. More than FRAME_BYTES_MAX without an end is no picture: they
    are dropped, and the next beginning is looked for.
    """
    held = bytearray()
    while data := stream.read(READ_BYTES):
        looked = max(len(held) - 1, 0)  # an end may lie across two reads
        held += data
        while (end := held.find(_END, looked)) >= 0:
            start = held.find(_START, 0, end)
            if start >= 0:
                yield bytes(held[start : end + len(_END)])
            del held[: end + len(_END)]
            looked = 0
        if len(held) > FRAME_BYTES_MAX:
            held.clear()


def open_frame(data: bytes) -> Image.Image:
    """One JPEG as grey pixels. FrameError when it is damaged or too large."""
    try:
        picture = Image.open(io.BytesIO(data), formats=("JPEG",))
        if picture.width * picture.height > FRAME_PIXELS_MAX:
            raise FrameError(f"{picture.width}×{picture.height} is more than {FRAME_PIXELS_MAX}")
        picture.draft("L", picture.size)  # colour is not even decoded
        return picture.convert("L")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise FrameError(f"no picture: {error}") from error


def read_codes(picture: Image.Image) -> list[str]:
    """The texts of all QR codes and Code 128 bars in a grey picture, as a scanner would send."""
    found = zxingcpp.read_barcodes(picture, formats=FORMATS)
    return sorted({scan_text(one.bytes) for one in found if one.bytes})
