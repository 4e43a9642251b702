"""Hold bytes before the terminal's scan parsers, far more than the tests have time for.

`python3 scripts/fuzz_scans.py [--inputs 10000000] [--seed 1]` makes scans of every kind of nonsense
and of almost-codes, and sends each the way of a scan: framing, then parsing as a code and as an
emergency code. Nothing may be raised but a refusal, no input may take longer than 5 ms of CPU, and
memory must stay flat. Prints the figures; status 1 when one of them is missed.
"""

import argparse
import contextlib
import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
from scripts import environment

environment.reexec(dev=False)

from campus_code import RefusedError, parse_code, parse_emergency
from qr_terminals.readers.framing import FRAME_BYTES_MAX, Framer

CODE = b"9072024001301040897646836818487666"
QR_BYTES_MAX = 4296  # the most that one QR code can hold
CPU_SECONDS_MAX = 0.005
GROWTH_KILOBYTES_MAX = 4096
TOLD_EVERY = 1_000_000
WIDE = "".join(chr(0xFF10 + digit) for digit in range(10)).encode()


def main() -> int:
    """Run; the exit status."""
    parser = argparse.ArgumentParser(description="Fuzz the scan parsers.")
    parser.add_argument("--inputs", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    chance = random.Random(told.seed)
    makers = (noise, almost, digits, pieces, long)
    longest, parsed, before = 0.0, 0, peak_kilobytes()
    for number in range(1, told.inputs + 1):
        data = chance.choice(makers)(chance)
        begun_at = time.process_time()
        parsed += present(data)
        longest = max(longest, time.process_time() - begun_at)
        if number == TOLD_EVERY // 10:
            before = peak_kilobytes()  # by now everything has been imported and warmed
        if number % TOLD_EVERY == 0:
            print(f"{number:,}", flush=True)
    growth = peak_kilobytes() - before
    print(f"{told.inputs:,} inputs, {parsed:,} taken for codes, 0 uncaught")
    print(f"longest {longest * 1000:.2f} ms of CPU, memory grew {growth} kB")
    return int(longest > CPU_SECONDS_MAX or growth > GROWTH_KILOBYTES_MAX)


def present(data: bytes) -> int:
    """One scan, all its way up to the keys; how many of its texts parsed as a code."""
    texts: list[str] = []
    framer = Framer(texts.append, lambda: 0.0)
    framer.feed(data)
    framer.flush()
    return sum(takes(parse, text) for text in texts for parse in (parse_code, parse_emergency))


def takes(parse: Callable[[str], object], text: str) -> bool:
    """Whether a parser takes a text; if it does, the text is nothing but ASCII digits."""
    with contextlib.suppress(RefusedError):
        parse(text)
        if not (text.isascii() and text.isdigit() and len(text) <= FRAME_BYTES_MAX):
            raise AssertionError(f"{text!r} was taken for a code")
        return True
    return False


def noise(chance: random.Random) -> bytes:
    """Any bytes."""
    return chance.randbytes(chance.randrange(80))


def almost(chance: random.Random) -> bytes:
    """A code with a few bytes changed, lost or put in."""
    data = bytearray(CODE)
    for _ in range(chance.randrange(4)):
        place = chance.randrange(len(data))
        data[place : place + chance.randrange(2)] = chance.randbytes(chance.randrange(3))
    return bytes(data)


def digits(chance: random.Random) -> bytes:
    """Digits of any number, as many as codes of ours and of others have."""
    count = chance.choice((8, 15, 16, 17, 18, 24, 33, 34, 35, 48))
    return f"{chance.randrange(10**count):0{count}d}".encode()


def pieces(chance: random.Random) -> bytes:
    """What scanners and attackers put together."""
    parts = (CODE, b"]Q1", b"]C0", b"\x1b[A", b"\x00", b"\r", b"\x02", b"\x03", b" ", b"amount 1",
             WIDE, b"\xff", b"*", b"9", b"\xef\xbb\xbf")  # fmt: skip
    return b"".join(chance.choices(parts, k=chance.randrange(1, 8)))


def long(chance: random.Random) -> bytes:
    """As much as a QR code can hold, now and then."""
    if chance.random() > 0.02:
        return noise(chance)
    return chance.choice((CODE, b"9", WIDE, b"\x1b")) * (QR_BYTES_MAX // 34)


def peak_kilobytes() -> int:
    """The most memory this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    sys.exit(main())
