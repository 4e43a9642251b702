"""A card in a real pcscd's reader, the terminal program, the server, its books: once, whole."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from backend.domain.card import Part
from backend.gateways.vault import FileVault
from backend.tables.card import CardRow
from backend.tables.database import DatabaseUrl, close_tables, open_tables
from backend.usecases.cards.freeze_card import freeze_card
from backend.usecases.chips.bind_chip import bind_chip
from backend.usecases.chips.open_chip_kinds import open_chip_kinds
from backend.usecases.key_board import open_chip_keys
from backend.usecases.ledger.verify_ledger import LedgerReport
from backend.usecases.rules.publish_rules import publish_rules
from campus_code import Chip, ChipKind, ChipRules, NfcRules, to_json
from qr_terminals.enrol import enrol
from simulators.cards import Silicon
from simulators.cards.classic import Classic
from simulators.cards.cpu import CpuCard
from simulators.cards.desfire import Desfire
from simulators.cards.phone import Phone
from simulators.cards.vpcd import in_field
from tests.rig.pcscd import pcscd
from tests.rig.process import ROOT, ServerProcess, serving, settings
from tests.rig.raw_books import read_books
from tests.rig.town import ADMIN, RULES, Town

FEN = 1250
CASH_FEN = 10_000
NFC = NfcRules(
    (
        ChipRules(ChipKind.DESFIRE, 5000, 9000),
        ChipRules(ChipKind.CPU, 5000, 9000),
        ChipRules(ChipKind.CLASSIC, 1500, 1500, 99991231),
    )
)


@dataclasses.dataclass
class School:
    """A town whose cardholders have chips: `cards[n]` is the n-th kind's, the last the phone's."""

    town: Town
    numbers: list[str]
    masters: dict[ChipKind, bytes]

    async def found(self) -> None:
        town, kinds = self.town, list(ChipKind)
        await open_tables(DatabaseUrl.parse(town.url))
        try:
            await town.found()
            rules = dataclasses.replace(RULES, version=RULES.version + 1, nfc=NFC)
            raw = to_json(rules)
            await publish_rules(raw, published_by="tests", at=time.time(), bus=town.bus)
            vault = FileVault(town.folder / "server.keys")
            await open_chip_kinds(
                rules, vault=vault, randomness=os.urandom, clock=time.time, bus=town.bus
            )
            self.masters = {key.kind: key.master for key in await open_chip_keys(vault)}
            for kind in (*kinds, None):
                _, (number,) = await town.holder(CASH_FEN, 1)
                self.numbers.append(number)
                if kind is not None:
                    row = await CardRow.get(number=number)
                    at = int(time.time()) - 60
                    await bind_chip(row.id, self.chip(kind), actor=ADMIN, at=at, bus=town.bus)
        finally:
            await close_tables()

    def card(self, kind: ChipKind) -> Desfire | CpuCard | Classic:
        """The chip of a kind as the counter wrote it."""
        master = self.masters[kind]
        if kind is ChipKind.DESFIRE:
            return Desfire.written(master)
        return CpuCard.written(master) if kind is ChipKind.CPU else Classic.written(master)

    def chip(self, kind: ChipKind) -> Chip:
        """How it is called."""
        one = self.card(kind)
        return Chip(kind, one.serial if isinstance(one, CpuCard) else one.uid)

    async def freeze(self, number: str) -> None:
        """The office freezes a card."""
        await open_tables(DatabaseUrl.parse(self.town.url))
        try:
            row = await CardRow.get(number=number)
            money = frozenset({Part.MONEY})
            at = int(time.time())
            await freeze_card(row.id, money, actor=ADMIN, at=at, bus=self.town.bus)
        finally:
            await close_tables()

    async def report(self) -> LedgerReport:
        """The books, re-added."""
        await open_tables(DatabaseUrl.parse(self.town.url))
        try:
            return await self.town.report()
        finally:
            await close_tables()


class Till:
    """`python -m qr_terminals` with the virtual reader, its lines as they come."""

    def __init__(self, home: Path) -> None:
        self.lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "qr_terminals", "--home", str(home), "--plain",
                "--nfc", "Virtual PCD", "--amount-fen", str(FEN), "--sync-seconds", "0.5",
                "--control", str(home.parent / "control"),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(orjson.loads(line))

    def end(self) -> None:
        """Stop it and let go of everything."""
        self.process.terminate()
        self.process.wait(10)
        self._thread.join(5)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def next(self, event: str = "shown", results: tuple[str, ...] = ("approved", "refused")) -> Any:
        """The next line of this kind."""
        until = time.monotonic() + 15
        while True:
            line = self.lines.get(timeout=max(until - time.monotonic(), 0.01))
            if line["event"] == event and line.get("result", results[0]) in results:
                return line

    def tap(self, card: Silicon) -> dict[str, Any]:
        """Hold a card there until the screen says something, and take it away."""
        with in_field(card):
            line: dict[str, Any] = self.next()
        time.sleep(0.5)  # pcscd looks for a virtual card every 400 ms
        return line


@pytest.fixture
def school(sqlite_template: Path, tmp_path: Path) -> School:
    path = tmp_path / "xiaoma.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    made = School(Town(f"sqlite://{path}", tmp_path), [], {})
    asyncio.run(made.found())
    return made


@contextlib.contextmanager
def selling(school: School, server: ServerProcess, folder: Path) -> Iterator[Till]:
    home = folder / "till"
    enrol(f"xm1:{server.base_url}|{school.town.tokens[0]}", home, int(time.time()))
    till = Till(home)
    try:
        till.next("synced")
        yield till
    finally:
        till.end()


def test_every_kind_of_card_pays_through_a_real_reader(school: School, tmp_path: Path) -> None:
    phone = Phone(school.town.secrets(school.numbers[3]), time.time)
    environment = settings(school.town.url, tmp_path)
    with (
        pcscd(tmp_path),
        serving(environment, tmp_path) as server,
        selling(school, server, tmp_path) as till,
    ):
        cards = [school.card(kind) for kind in ChipKind]
        told = [till.tap(one) for one in (phone, *cards)]
        assert [one["result"] for one in told] == ["approved"] * 4, [
            one.get("reason") for one in told
        ]
        forged = till.tap(Desfire.written(bytes(range(16))))
        assert (forged["result"], forged["reason"]) == ("refused", "wrong_chip")
        asyncio.run(school.freeze(school.numbers[1]))
        time.sleep(2)  # until the terminal has heard of it
        frozen = till.tap(school.card(ChipKind.CPU))
        assert (frozen["result"], frozen["reason"]) == ("refused", "frozen")
        till.next("synced")
        till.next("synced")
    books = read_books(school.town.url)
    assert len(books.payments) == 4
    report = asyncio.run(school.report())
    assert (report.findings, report.residual_fen) == ([], 0)
