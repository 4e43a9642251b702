"""`python3 benchmarks/tap.py [--json]`: how long a card must stay in the field, by kind.

Through a real pcscd and vsmartcard's virtual reader: from the connected card to who it is, in turns
with one bare exchange of a command and its answer on the same connection. The ratio says how many
exchanges' time a kind takes, for the virtual reader has neither radio nor silicon: on real hardware
an exchange takes 5 to 60 ms and everything else here next to nothing. What the terminal computes
meanwhile is the same kind asked without a reader, told in milliseconds.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=True)

from benchmarks.figures import Spread, load_average, ratio_of, tell
from campus_code import ChipKey, ChipKeys, ChipKind, ChipRules, EpochKey, NfcRules, phone_secrets
from qr_terminals.cards.identify import Shown, Wanted, identify
from qr_terminals.cards.safe import HeldKeys
from qr_terminals.readers.pcsc import Slot
from simulators.cards import Direct, Silicon
from simulators.cards.classic import Classic
from simulators.cards.cpu import CpuCard
from simulators.cards.desfire import Desfire
from simulators.cards.phone import Phone
from simulators.cards.vpcd import in_field
from tests.rig.pcscd import pcscd

AT = 1_767_240_000
TAPS = 200
ROUNDS = 5
CARD_SECONDS = 10.0
TODAY = 20260101
MASTER = bytes(range(16))
BARE = b"\xff\xca\x00\x00\x00"
MILLISECONDS = 1000


def cards() -> dict[str, Silicon]:
    """One of each kind."""
    keys = [EpochKey(7, 0, 2 * AT, bytes(range(start, start + 32))) for start in (0, 32)]
    secrets = phone_secrets(keys[0], keys[1], "20240013", 1)
    return {
        "phone": Phone(secrets, lambda: AT),
        ChipKind.DESFIRE.value: Desfire.written(MASTER),
        ChipKind.CPU.value: CpuCard.written(MASTER),
        ChipKind.CLASSIC.value: Classic.written(MASTER),
    }


def wanted() -> Wanted:
    """A terminal that takes every kind."""
    keys = ChipKeys(tuple(ChipKey(kind, MASTER) for kind in ChipKind))
    rules = NfcRules(tuple(ChipRules(kind, 1000, 1000, TODAY) for kind in ChipKind))
    return Wanted(1, 1250, rules, HeldKeys(keys, os.urandom), TODAY)


def seconds_of(deed: Callable[[], object], times: int) -> float:
    """Seconds one deed takes on average."""
    began = time.perf_counter()
    for _ in range(times):
        deed()
    return (time.perf_counter() - began) / times


def measure(slot: Slot, one: Silicon, taps: int) -> dict[str, Any]:
    """One kind, in turns with bare exchanges and with the same card without a reader."""
    asked, whole, bare, direct = wanted(), [], [], []
    with in_field(one):
        until = time.monotonic() + CARD_SECONDS
        while not slot.has_card(0.1):
            assert time.monotonic() < until, "the card was not seen"
        card = slot.connect()
        assert card is not None

        def tap(reader: Any = card) -> Shown:  # noqa: ANN401 - a Card, of a reader or of none
            return identify(reader, asked, os.urandom, lambda: 0.0)

        tap()
        for _ in range(ROUNDS):
            whole.append(seconds_of(tap, taps))
            bare.append(seconds_of(lambda: card.transmit(BARE), taps))
            direct.append(seconds_of(lambda: tap(Direct(one)), taps))
        card.disconnect()
    until = time.monotonic() + CARD_SECONDS
    while slot.has_card(0.1):
        assert time.monotonic() < until, "the card did not leave"
    return {
        "ratio_to_bare_exchange": ratio_of(whole, bare),
        "milliseconds": Spread.of([one * MILLISECONDS for one in whole]).told(3),
        "milliseconds_without_reader": Spread.of([one * MILLISECONDS for one in direct]).told(3),
        "milliseconds_bare": Spread.of([one * MILLISECONDS for one in bare]).told(3),
    }


def main() -> int:
    """Measure every kind and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the usual taps")
    asked = parser.parse_args()
    taps = max(round(TAPS * asked.scale), 5)
    figures: dict[str, Any] = {"taps_a_round": taps}
    with (
        tempfile.TemporaryDirectory(prefix="xm-tap-") as name,
        pcscd(Path(name)),
        closing(Slot()) as slot,
    ):
        for kind, one in cards().items():
            figures[kind] = measure(slot, one, taps)
    figures["load_average"] = load_average()
    tell(figures, as_json=asked.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
