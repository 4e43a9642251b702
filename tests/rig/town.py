"""A school behind real server processes: people with codes of their own, tills that speak HTTP."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from backend.domain.access import Actor, Audience, Role
from backend.domain.accounts import SchoolAccount
from backend.domain.times import utc
from backend.gateways.vault import FileVault
from backend.tables.accounts import open_payable, open_purses_for
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.database import DatabaseUrl, close_tables, open_tables
from backend.tables.ledger import Ledger
from backend.tables.merchant import MerchantRow
from backend.tables.store import make_store
from backend.usecases.bindings.make_binding_code import make_binding_code
from backend.usecases.epochs.open_epochs import open_epochs
from backend.usecases.key_board import KeyBoard
from backend.usecases.ledger.credit_purse import credit_purse
from backend.usecases.ledger.verify_ledger import LedgerReport, verify_ledger
from backend.usecases.rules.publish_rules import publish_rules
from backend.usecases.terminals.make_enrolment import make_enrolment
from campus_code import (
    STEP_SECONDS,
    GroupRules,
    PhoneSecrets,
    card_number,
    issue_code,
    phone_secrets,
    to_json,
)
from tests.rig.campus import make_rules
from tests.rig.device import Device
from tests.rig.listening import RememberingBus
from tests.rig.process import ServerProcess, serving, settings

ADMIN = Actor(Audience.STAFF, 1, "tests", role=Role.ADMIN)
TILLS = 4
ALL_DAY = GroupRules("canteen", "食堂", "Canteen", accepts_outside_periods=True, kind="canteen")
RULES = make_rules(groups={"canteen": ALL_DAY})
"""Real servers have real clocks: these tills sell at midnight too."""


@dataclass(frozen=True)
class Sent:
    """What a till sent; `tests.rig.raw_books.Sent`."""

    terminal_id: int
    sequence: int
    reverses: int = 0


@dataclass
class Town:
    """Cards by number: `cards[n]` belongs to the holder it was made for."""

    url: str
    folder: Path
    bus: RememberingBus = field(default_factory=RememberingBus)
    keys: KeyBoard = field(init=False)
    tills: list[Device] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    numbers: count[int] = field(default_factory=lambda: count(1))
    sequences: count[int] = field(default_factory=lambda: count(1))

    async def found(self) -> None:
        """Rules, key epochs, a merchant, and tokens for its tills."""
        vault = FileVault.make(self.folder / "server.keys")
        raw = to_json(RULES)
        await publish_rules(raw, published_by="tests", at=time.time(), bus=self.bus)
        await open_epochs(vault, os.urandom, time.time(), self.bus)
        await MerchantRow.create(id=1, name="面馆")
        await open_payable(1)
        self.keys = KeyBoard(vault)
        await self.keys.refresh()
        for number in range(TILLS):
            made = await make_enrolment(
                f"till {number}",
                1,
                "canteen",
                rules=RULES,
                actor=ADMIN,
                at=time.time(),
                randomness=os.urandom,
            )
            self.tokens.append(made.token)

    async def enrol(self, server: ServerProcess) -> None:
        """Every till over HTTP."""
        async with httpx.AsyncClient(base_url=server.base_url) as http:
            for token in self.tokens:
                device = Device()
                assert (await device.enrol(http, f"xm1:x|{token}")).status_code == 201
                opened = await device.open_session(http, int(time.time()))
                assert opened.status_code == 201, opened.text
                self.tills.append(device)

    async def holder(self, cash_fen: int, cards: int) -> tuple[int, list[str]]:
        """A holder with so many cards on one purse; the tables must be open."""
        first = next(self.numbers)
        at = utc(time.time())
        row = await CardholderRow.create(number=f"S{first}", name="x", class_id=1, created_at=at)
        await open_purses_for([row.id])
        numbers = [card_number(next(self.numbers)) for _ in range(cards)]
        await CardRow.bulk_create(
            [CardRow(number=one, holder_id=row.id, issue=1, opened_at=at) for one in numbers]
        )
        ledger = Ledger(make_store(DatabaseUrl.parse(self.url)), time.time, "town")
        await ledger.open()
        await credit_purse(ledger, "cash", SchoolAccount.OPENING, [(row.id, cash_fen)])
        await ledger.close()
        return row.id, numbers

    async def report(self) -> LedgerReport:
        """The backend's own verification."""
        ledger = Ledger(make_store(DatabaseUrl.parse(self.url)), time.time, "town")
        await ledger.open()
        try:
            return await verify_ledger(ledger)
        finally:
            await ledger.close()

    async def binding_code(self, number: str) -> str:
        """A code with which a phone binds to this card."""
        card = await CardRow.get(number=number)
        made = await make_binding_code(
            card.id, actor=ADMIN, at=int(time.time()), randomness=os.urandom
        )
        return made.code

    def secrets(self, number: str, issue: int = 1) -> PhoneSecrets:
        """What the phone of a card holds this week."""
        now = int(time.time())
        (terminal,) = [one for one in self.keys.terminal.keys if _is_now(one, now)][-1:]
        (issuer,) = [one for one in self.keys.issuer.keys if _is_now(one, now)][-1:]
        return phone_secrets(terminal, issuer, number, issue)

    def code(self, number: str, steps: int = 0, issue: int = 1) -> str:
        """The code a phone shows now, or so many steps from now."""
        at = int(time.time()) + steps * STEP_SECONDS
        return issue_code(self.secrets(number, issue), at)

    def tap(self, till: Device, code: str, asked_fen: int) -> dict[str, Any]:
        """The body of a tap under the next sequence; remembered as an intent."""
        sequence = next(self.sequences)
        self.sent.append(Sent(till.terminal_id, sequence))
        return {
            "sequence": sequence,
            "credential": code,
            "credential_kind": "code",
            "asked_fen": asked_fen,
        }


def _is_now(key: Any, now: int) -> bool:  # an EpochKey
    return bool(key.valid_from <= now < key.valid_until)


@contextmanager
def town_of(url: str, folder: Path, **environment: str) -> Iterator[tuple[Town, ServerProcess]]:
    """Found a town on a migrated database and serve it by processes of their own."""
    town = Town(url, folder)

    async def found() -> None:
        try:
            await open_tables(DatabaseUrl.parse(url))
            await town.found()
        finally:
            await close_tables()

    asyncio.run(found())
    with serving(settings(url, folder, **environment), folder) as server:
        asyncio.run(town.enrol(server))
        yield town, server
