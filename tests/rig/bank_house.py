"""The simulated bank on one wire, with what tests ask about it."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass

from simulators.bank.app import Bank
from simulators.bank.books import Account, Key
from simulators.bank.files import file_of, name_of
from simulators.bank.pos import MASTER
from simulators.bank.texts import SHARED
from tests.rig.banking import ACCOUNT, AT

__all__ = ["MASTER", "SHARED", "BankHouse", "open_bank"]


@dataclass
class BankHouse:
    """A bank that listens on loopback for one wire."""

    bank: Bank
    wire: str

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.bank.ports[self.wire]

    @property
    def asked(self) -> Counter[str]:
        """How often it was asked, by the wire's own word."""
        return self.bank.books.asked

    @property
    def account(self) -> Account:
        """The account that tests take from."""
        return self.bank.books.accounts[ACCOUNT]

    @property
    def kept_fen(self) -> int:
        """What it has taken and not given back."""
        return self.bank.books.kept_fen()

    @property
    def moved(self) -> dict[Key, int]:
        """What it moved, by key, undone or not."""
        return {key: move.fen for key, move in self.bank.books.moves.items()}

    def plan(self, *faults: str) -> None:
        """What the next asks meet."""
        for fault in faults:
            self.bank.faults.plan(fault)

    def file(self, planted: str = "") -> tuple[bytes, str]:
        """The file of today, and its name."""
        day = self.bank.today()
        return file_of(self.bank.books, self.wire, day, planted), name_of(self.wire, day)


@contextlib.asynccontextmanager
async def open_bank(wire: str) -> AsyncIterator[BankHouse]:
    """A bank whose day is that of the tests."""
    bank = Bank(lambda: AT)
    await bank.listen(wire)
    try:
        yield BankHouse(bank, wire)
    finally:
        await bank.close()
