"""
How well codes are read from a camera: our drawing of 34 digits (version 2, level H) against the one
the QR library makes of the same digits unasked (version 1, level M), under each condition.

Both are equally large in the frame, quiet zone included, because the phone's screen is. Frames come
from `simulators.camera.optics`, seeded: the n-th frame of a condition has the same pose, light and
flaw for both drawings. They are read by the function that the terminal's camera process calls.

    rate_<condition>        of our drawing, of the usual one: the part of frames read
    ratio_decode_time       CPU time a frame of ours by the usual one's, in turns
    misread                 frames in which something else than the digits was read; must be 0

    python3 benchmarks/scanning.py [--frames 40] [--across 125] [--json]
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

if not __package__:
    sys.path[0] = str(Path(__file__).resolve().parents[1])
from scripts import environment

environment.reexec(dev=False)

from PIL import Image

from benchmarks.figures import Spread, load_average, ratio_of, tell
from campus_code import EpochKey, card_number, issue_code, phone_secrets
from qr_terminals.readers.picture import read_codes
from simulators.camera.drawing import draw, draw_as_usual, draw_bars
from simulators.camera.optics import CONDITIONS, Condition, frame

SEED = 34
AT = 1_767_240_000
BARS_ACROSS = 560  # Code 128 is a line of 242 modules: it needs the width of the frame
BARS_CONDITIONS = ("clean", "blur", "noise", "dim", "low contrast", "cracked screen")
ROUNDS = 5
Draw = Callable[[str], Image.Image]


@dataclass(slots=True)
class Count:
    """Frames of one drawing under one condition."""

    frames: int = 0
    read: int = 0
    misread: int = 0
    seconds: list[float] = field(default_factory=list)

    def look(self, picture: Image.Image, text: str) -> None:
        """Read one frame."""
        begun_at = time.process_time()
        codes = read_codes(picture)
        self.seconds.append(time.process_time() - begun_at)
        self.frames += 1
        self.read += codes == [text]
        self.misread += any(code != text for code in codes)

    @property
    def rate(self) -> float:
        """The part of frames that were read."""
        return round(self.read / self.frames, 3)


def main() -> int:
    """Measure and tell; 1 when anything was misread."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else "")
    parser.add_argument("--frames", type=int, default=40, help="frames a condition and drawing")
    parser.add_argument("--across", type=float, default=125, help="pixels of the code in the frame")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    told = parser.parse_args()
    load = load_average()
    texts = codes(told.frames)
    ours, usual, bars = {}, {}, {}
    for condition in CONDITIONS.values():
        pair = {draw: Count(), draw_as_usual: Count()}
        for number, text in enumerate(texts):
            for drawing, count in pair.items():
                count.look(shot(drawing, text, told.across, condition, number), text)
        ours[condition.name], usual[condition.name] = pair[draw], pair[draw_as_usual]
    for name in BARS_CONDITIONS:
        bars[name] = Count()
        for number, text in enumerate(texts):
            condition = CONDITIONS[name]
            bars[name].look(shot(draw_bars, text, BARS_ACROSS, condition, number), text)
    figures = report(ours, usual, bars)
    figures |= {"across_pixels": told.across, "load": {"before": load, "after": load_average()}}
    tell(figures, as_json=told.json)
    return 1 if figures["misread"] else 0


def codes(count: int) -> list[str]:
    """True codes of as many cards, from keys drawn with a seed."""
    chance = random.Random(SEED)
    terminal, issuer = (
        EpochKey(7, AT - 86_400, AT + 86_400, chance.randbytes(32)) for _ in range(2)
    )
    numbers = [card_number(chance.randrange(10_000_000)) for _ in range(count)]
    return [issue_code(phone_secrets(terminal, issuer, number, 1), AT) for number in numbers]


def shot(drawing: Draw, text: str, across: float, condition: Condition, number: int) -> Image.Image:
    """One frame; its seed knows nothing of the drawing."""
    return frame(drawing(text), across, condition, f"{SEED}/{condition.name}/{number}")


def report(
    ours: Mapping[str, Count], usual: Mapping[str, Count], bars: Mapping[str, Count]
) -> dict[str, object]:
    """The figures."""
    figures: dict[str, object] = {
        f"rate_{name.replace(' ', '_')}": {
            "ours": ours[name].rate,
            "usual": usual[name].rate,
            **({"code_128": bars[name].rate} if name in bars else {}),
        }
        for name in ours
    }
    every = [*ours.values(), *usual.values(), *bars.values()]
    figures |= {
        "rate_all": {"ours": whole_rate(ours), "usual": whole_rate(usual)},
        "frames": sum(count.frames for count in every),
        "misread": sum(count.misread for count in every),
        "ratio_decode_time": ratio_of(rounds(ours), rounds(usual)),
        "milliseconds_a_frame": Spread.of([one * 1000 for one in rounds(ours)]).told(2),
        "milliseconds_a_frame_of_bars": Spread.of([one * 1000 for one in rounds(bars)]).told(2),
    }
    return figures


def whole_rate(counts: Mapping[str, Count]) -> float:
    """The mean over the conditions."""
    return round(sum(count.rate for count in counts.values()) / len(counts), 3)


def rounds(counts: Mapping[str, Count]) -> list[float]:
    """Mean CPU seconds a frame, in so many rounds: every n-th frame of each condition."""
    means = []
    for number in range(ROUNDS):
        part = [one for count in counts.values() for one in count.seconds[number::ROUNDS]]
        means.append(sum(part) / len(part))
    return means


if __name__ == "__main__":
    sys.exit(main())
