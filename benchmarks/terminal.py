"""`python3 benchmarks/terminal.py [--json]`: what a terminal adds to the disk, and to pyotp.

Two ratios. One: from the scan of a code to its durable record, through the terminal's own event
loop, state machine, rule and journal with no server in reach, against one bare durable append of
the very same bytes to another SQLite file (WAL, synchronous=FULL), tap by tap in turns. A log that
still grows costs more than one that overwrites itself, and ours, of three a tap, stops growing
first; so the two phases are told apart and nothing is taken from between. Two: codes
verified per second by `campus_code.verify_code` against `pyotp.TOTP.verify` alone, which is handed
ready objects and checks neither format, key, window nor check digit.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import queue
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=False)

import pyotp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.figures import Spread, load_average, tell
from campus_code import (
    CardEntry,
    CardState,
    ClassRules,
    DocumentKind,
    EmergencyRules,
    EpochKey,
    GroupRules,
    Keyring,
    OfflineTier,
    RulesBundle,
    TerminalRecord,
    card_number,
    issue_code,
    keyring_to_bytes,
    pack_directory,
    phone_secrets,
    seal_to,
    sign_document,
    to_json,
    verify_code,
)
from campus_code.keys import Role
from qr_terminals.client import Client
from qr_terminals.clock import TrustedClock
from qr_terminals.holdings import KEYRING_CONTEXT, Holdings
from qr_terminals.journal import JOURNAL_FILE, Journal
from qr_terminals.keys import make_keys
from qr_terminals.parts import Inbox, TerminalParts
from qr_terminals.readers import Scan
from qr_terminals.screen import Screen
from qr_terminals.state import Mode
from qr_terminals.sync import Contact, SyncFailed, SyncLoop
from qr_terminals.terminal import Terminal

TAPS = 2_000
TAPS_PER_ROUND = 100
TAPS_GROWING = 300  # both logs grow for so long at least, ours by three small pages a tap
TAPS_UNTIL_ROUND = 1_100  # from then on both overwrite what their checkpoints have freed
CARDS = 50_000
CODES = 4_000
CODE_ROUNDS = 9
AT = 1_767_240_000  # 2026-01-01 12:00 in Shanghai
EPOCH_SECONDS = 7 * 86_400
NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody answers, as behind a cut cable
OFFLINE_AFTER_SECONDS = 10.0
NO_SYNC_SECONDS = 3_600.0  # one try at the start, which fails, and none while we measure
PRICE_FEN = 1_250
DISK_FOLDER = "/var/tmp"  # noqa: S108 - a disk where /tmp may be memory, which has nothing durable
MICROSECONDS = 1_000_000


def new_key() -> EpochKey:
    """A master key around `AT`."""
    return EpochKey(7, AT - EPOCH_SECONDS, AT + EPOCH_SECONDS, os.urandom(32))


@dataclass(slots=True)
class Phones:
    """A school's phones at second `AT`: the n-th card's code, shown once each."""

    terminal_key: EpochKey = field(default_factory=new_key)
    issuer_key: EpochKey = field(default_factory=new_key)

    def code(self, number: int) -> str:
        """The code the n-th card's phone shows at `AT`."""
        secrets = phone_secrets(self.terminal_key, self.issuer_key, card_number(number), 1)
        return issue_code(secrets, AT)

    @property
    def keyring(self) -> Keyring:
        """What a terminal holds; nothing in it is warm."""
        return Keyring((self.terminal_key,))


class TimedJournal(Journal):
    """A journal that notes when a record had become durable."""

    asked_at = 0.0
    durable_at = 0.0

    def append(self, record: TerminalRecord, *, closes_attempt: bool = False) -> None:
        """See `Journal.append`."""
        self.asked_at = time.perf_counter()
        super().append(record, closes_attempt=closes_attempt)
        self.durable_at = time.perf_counter()


def rules() -> RulesBundle:
    """One class, one window that asks a fixed amount of everybody."""
    return RulesBundle(
        version=1,
        school="Benchmark",
        utc_offset_seconds=8 * 3600,
        day_starts_minute=0,
        periods=(),
        classes={1: ClassRules(1, "学生", "Student", offline_limit_fen=10_000)},
        groups={"canteen": GroupRules("canteen", "食堂", "Canteen", accepts_outside_periods=True)},
        offline=(OfflineTier(7 * 86_400, 10_000, 1_000),),
        emergency=EmergencyRules(1_500),
    )


@dataclass(frozen=True, slots=True)
class Tap:
    """One tap: its record, and seconds from the scan until three moments."""

    record: TerminalRecord
    to_verdict: float
    to_durable: float
    to_shown: float


class OfflineTerminal:
    """A whole terminal without a network, its clocks standing still at `AT`."""

    def __init__(self, home: Path, phones: Phones) -> None:
        keys, server_key = make_keys(home), Ed25519PrivateKey.generate()
        self.journal = TimedJournal(home / JOURNAL_FILE)
        holdings = Holdings(home, keys, server_key.public_key())
        sealed = seal_to(
            keys.sealing.public_key(), keyring_to_bytes(phones.keyring), KEYRING_CONTEXT
        )
        entries = [
            CardEntry(card_number(number), 1, CardState.ACTIVE, 1, 10_000)
            for number in range(1, CARDS + 1)
        ]
        for kind, payload in (
            (DocumentKind.RULES, to_json(rules())),
            (DocumentKind.KEYRING, sealed),
            (DocumentKind.CARD_DIRECTORY, pack_directory(entries)),
        ):
            holdings.take(sign_document(kind, 1, AT, payload, server_key))
        clock = TrustedClock(lambda: float(AT), lambda: 1_000.0)
        self.journal.set_mark("last_sync_at", AT)
        self._screen = (home / "screen").open("w", encoding="utf-8")
        self._client = Client(NOWHERE, 1, keys, clock.rough)
        self._inbox: Inbox = queue.SimpleQueue()
        screen = Screen(self._screen, is_plain=True)
        parts = TerminalParts(
            "canteen", self.journal, holdings, clock, self._client, screen, PRICE_FEN
        )
        self.terminal = Terminal(parts, self._inbox)
        contact = Contact(
            self._client, self.journal, holdings, clock, keys, 1, self.terminal.health
        )
        self.terminal.start([], SyncLoop(contact, self._inbox.put, NO_SYNC_SECONDS))
        assert isinstance(self._inbox.get(timeout=OFFLINE_AFTER_SECONDS), SyncFailed)

    def close(self) -> None:
        """Let go of its files and threads."""
        self.terminal.quit()
        self.terminal.run()
        self._client.close()
        self.journal.close()
        self._screen.close()

    def give_up_server(self, codes: Iterator[str]) -> None:
        """Tap until it asks nobody any more, as it does after three failures."""
        while True:
            self.terminal.take(Scan(next(codes)))
            if not self._is_asking:
                return
            while self._is_asking:
                self.terminal.take(self._inbox.get(timeout=OFFLINE_AFTER_SECONDS))

    @property
    def _is_asking(self) -> bool:
        return self.terminal.state.mode is Mode.ASKING

    def tap(self, code: str) -> Tap:
        """Scan one code and see it through."""
        before = self.journal.sequence
        began = time.perf_counter()
        self.terminal.take(Scan(code))
        shown_at = time.perf_counter()
        assert self.journal.sequence == before + 1, self.terminal.state.shown
        journal = self.journal
        record = self.terminal.state.shown.record
        assert record is not None
        assert not record.was_online
        return Tap(record, journal.asked_at - began, journal.durable_at - began, shown_at - began)


class BareFile:
    """The plainest durable append there is: one row, one commit."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("CREATE TABLE line(id INTEGER PRIMARY KEY, body BLOB NOT NULL)")

    def append(self, body: bytes) -> float:
        """Seconds until these bytes are durable."""
        began = time.perf_counter()
        self._connection.execute("INSERT INTO line(body) VALUES(?)", (body,))
        return time.perf_counter() - began

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def measure_taps(folder: Path, taps: int) -> dict[str, Any]:
    """Scan to durable against a bare append, tap by tap in turns."""
    phones = Phones()
    codes = [phones.code(number) for number in range(1, TAPS_UNTIL_ROUND + taps + 20)]
    terminal, bare = OfflineTerminal(folder, phones), BareFile(folder / "bare.sqlite3")
    unused = iter(codes)
    terminal.give_up_server(unused)
    tapped: list[Tap] = []
    plain: list[float] = []
    try:
        for _ in range(TAPS_UNTIL_ROUND + taps):
            tap = terminal.tap(next(unused))
            tapped.append(tap)
            plain.append(bare.append(tap.record.to_bytes()))
    finally:
        bare.close()
        terminal.close()
    growing = by_round([tap.to_durable for tap in tapped[:TAPS_GROWING]], plain[:TAPS_GROWING])
    del tapped[:TAPS_UNTIL_ROUND], plain[:TAPS_UNTIL_ROUND]
    durable = [tap.to_durable for tap in tapped]
    return {
        "taps": taps,
        "ratio_to_bare_append": Spread.of(by_round(durable, plain)).told(2),
        "ratio_while_logs_grow": Spread.of(growing).told(2),
        "ratio_of_medians": round(median(durable) / median(plain), 2),
        "bare_append_us": round(median(plain) * MICROSECONDS, 1),
        "scan_to_verdict_us": round(median(tap.to_verdict for tap in tapped) * MICROSECONDS, 1),
        "scan_to_durable_us": round(median(durable) * MICROSECONDS, 1),
        "scan_to_shown_us": round(median(tap.to_shown for tap in tapped) * MICROSECONDS, 1),
    }


def by_round(ours: Sequence[float], plain: Sequence[float]) -> list[float]:
    """The ratio of the sums of each round of taps."""
    starts = range(0, len(ours), TAPS_PER_ROUND)
    return [
        sum(ours[at : at + TAPS_PER_ROUND]) / sum(plain[at : at + TAPS_PER_ROUND]) for at in starts
    ]


def measure_codes(codes: int) -> dict[str, Any]:
    """Codes a second: ours with and without the card's secret in memory, and pyotp's own."""
    phones = Phones()
    numbers = [card_number(number) for number in range(1, codes + 1)]
    shown = [phones.code(number) for number in range(1, codes + 1)]
    key, moment = phones.terminal_key, datetime.fromtimestamp(AT, UTC)
    ready = []
    for number, code in zip(numbers, shown, strict=True):
        secret = phones.keyring.secret(key, Role.TERMINAL, number, 1)
        totp = pyotp.TOTP(
            base64.b32encode(secret).decode(), digits=9, digest=hashlib.sha256, interval=15
        )
        ready.append((totp, code[16:25]))
    cold: list[float] = []
    warm: list[float] = []
    plain: list[float] = []
    for _ in range(CODE_ROUNDS):
        keyring = phones.keyring
        for rates in (cold, warm):
            began = time.perf_counter()
            for code in shown:
                verify_code(code, keyring, AT)
            rates.append(codes / (time.perf_counter() - began))
        began = time.perf_counter()
        right = [totp.verify(nine, for_time=moment) for totp, nine in ready]
        plain.append(codes / (time.perf_counter() - began))
        assert all(right)
    return {
        "codes": codes,
        "verify_ratio_to_pyotp": Spread.of(
            [ours / theirs for ours, theirs in zip(warm, plain, strict=True)]
        ).told(2),
        "verify_new_card_ratio_to_pyotp": Spread.of(
            [ours / theirs for ours, theirs in zip(cold, plain, strict=True)]
        ).told(2),
        "verified_per_second": Spread.of(warm).told(0),
        "verified_new_cards_per_second": Spread.of(cold).told(0),
        "pyotp_per_second": Spread.of(plain).told(0),
    }


def main() -> int:
    """Measure both and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the usual taps, codes")
    asked = parser.parse_args()
    taps = max(round(TAPS * asked.scale / TAPS_PER_ROUND), 1) * TAPS_PER_ROUND
    with tempfile.TemporaryDirectory(prefix="xm-terminal-", dir=DISK_FOLDER) as name:
        figures = measure_taps(Path(name), taps)
    figures |= measure_codes(max(int(CODES * asked.scale), 100))
    figures["load_average"] = load_average()
    tell(figures, as_json=asked.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
