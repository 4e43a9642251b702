"""
A camera's program that films what a scene file says.

    python -m simulators.camera SCENE [--condition tilt] [--across 200] [--a-second 15]

Each line of SCENE is one text in sight, drawn as a phone would show it; an empty file is an empty
counter. The file is read again for every frame. MJPEG goes to standard output.
"""

from __future__ import annotations

import argparse
import io
import itertools
import sys
import time
from pathlib import Path

from PIL import Image

from simulators.camera.drawing import draw
from simulators.camera.optics import CONDITIONS, HEIGHT, WIDTH, Condition, frame

QUALITY = 80


def main(words: list[str]) -> int:
    """Film until nobody looks; the exit status."""
    parser = argparse.ArgumentParser(prog="simulators.camera", description=__doc__)
    parser.add_argument("scene", type=Path)
    parser.add_argument("--condition", choices=sorted(CONDITIONS), default="clean")
    parser.add_argument("--across", type=float, default=200, help="pixels of the code")
    parser.add_argument("--a-second", type=float, default=15, help="frames a second")
    told = parser.parse_args(words)
    for number in itertools.count():
        picture = film(told.scene, told.across, CONDITIONS[told.condition], number)
        try:
            sys.stdout.buffer.write(to_jpeg(picture))
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            return 0
        time.sleep(1 / told.a_second)
    return 0


def film(scene: Path, across: float, condition: Condition, number: int) -> Image.Image:
    """The frame of this number: the scene's codes side by side."""
    texts = [line for line in scene.read_text("utf-8").splitlines() if line]
    if not texts:
        return frame(None, across, condition, str(number))
    whole = Image.new("L", (WIDTH, HEIGHT))
    for place, text in enumerate(texts):
        one = frame(draw(text), across, condition, f"{number}/{place}")
        wide = WIDTH // len(texts)
        middle = (WIDTH - wide) // 2
        whole.paste(one.crop((middle, 0, middle + wide, HEIGHT)), (place * wide, 0))
    return whole


def to_jpeg(picture: Image.Image) -> bytes:
    """One picture of the stream."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
