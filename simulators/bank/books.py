"""The bank's own books: accounts, the campus cards they are bound to, movements by their keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

Key = tuple[str, ...]
LOAD_FEN_MAX: Final = 50_000
ACCOUNTS: Final = (
    ("6200000000000000017", "张三", "110101200001010018", "135790", 1_000_000, "open"),
    ("6200000000000000025", "李四", "110101200001010026", "246802", 8_000, "open"),
    ("6200000000000000033", "王五", "110101200001010034", "111222", 90_000, "lost"),
    ("6200000000000000041", "赵六", "110101200001010042", "333444", 50_000, "closed"),
)
"""Numbers nobody has: number, name, identity number, PIN, fen, state."""


@dataclass
class Account:
    """One account; `card` is the campus card it is bound to, "" for none."""

    number: str
    name: str
    id_number: str
    pin: str
    balance_fen: int
    state: str
    card: str = ""


@dataclass
class Move:
    """Money that left an account (`LOAD`) or came to it (`UNLOAD`)."""

    key: Key
    account: str
    card: str
    fen: int
    kind: str
    reference: str
    at: int
    day: str
    is_undone: bool = False


def usual_accounts() -> dict[str, Account]:
    """Four people: one with money, one with little, one whose card is lost, one closed."""
    return {row[0]: Account(*row) for row in ACCOUNTS}


@dataclass
class Books:
    """What a bank knows. Answers are words; each wire has its own codes for them."""

    clock: Callable[[], float]
    accounts: dict[str, Account] = field(default_factory=usual_accounts)
    moves: dict[Key, Move] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)

    def take(self, key: Key, account: str, card: str, fen: int, day: str) -> tuple[str, str]:
        """Take money out of an account: a word, and the bank's reference of it."""
        if key in self.moves:
            return "duplicate", ""
        found = self.accounts.get(account)
        if word := self._trouble(found):
            return word, ""
        assert found is not None  # noqa: S101 - said to mypy: no account is a trouble
        if not 0 < fen <= LOAD_FEN_MAX:
            return "limit", ""
        if found.balance_fen < fen:
            return "poor", ""
        found.balance_fen -= fen
        return "ok", self._moved("LOAD", key, (account, card), fen, day)

    def give(self, key: Key, account: str, card: str, fen: int, day: str) -> tuple[str, str]:
        """Bring money back to an account."""
        if key in self.moves:
            return "duplicate", ""
        found = self.accounts.get(account)
        if word := self._trouble(found):
            return word, ""
        assert found is not None  # noqa: S101 - as above
        found.balance_fen += fen
        return "ok", self._moved("UNLOAD", key, (account, card), fen, day)

    def undo(self, key: Key, account: str, fen: int) -> tuple[str, str]:
        """Undo a movement; again is as good as once."""
        move = self.moves.get(key)
        if move is None:
            return "none", ""
        if (move.fen, move.account) != (fen, account):
            return "other_amount", ""
        if not move.is_undone:
            move.is_undone = True
            back = fen if move.kind == "LOAD" else -fen
            self.accounts[account].balance_fen += back
        return "ok", move.reference

    def stands(self, key: Key) -> tuple[str, str]:
        """Whether a movement stands."""
        move = self.moves.get(key)
        return ("none", "") if move is None or move.is_undone else ("ok", move.reference)

    def bind(self, account: str, card: str, name: str, id_number: str) -> str:
        """Bind an account to a campus card, when name and identity number are its owner's."""
        found = self.accounts.get(account)
        if word := self._trouble(found):
            return word
        assert found is not None  # noqa: S101 - as above
        if (found.name, found.id_number) != (name, id_number):
            return "other_person"
        if found.card not in {"", card}:
            return "bound_elsewhere"
        found.card = card
        return "ok"

    def unbind(self, account: str, card: str) -> str:
        """End it."""
        found = self.accounts.get(account)
        if found is None or found.card != card:
            return "not_bound"
        found.card = ""
        return "ok"

    def kept(self, day: str, agent: str = "") -> list[Move]:
        """What moved on a day and was not undone; of one agent's or terminal's keys where asked."""
        return [
            move
            for move in self.moves.values()
            if move.day == day and not move.is_undone and (not agent or move.key[0] == agent)
        ]

    def kept_fen(self) -> int:
        """What it has taken and not given back, less what it paid out."""
        signs = {"LOAD": 1, "UNLOAD": -1}
        return sum(signs[one.kind] * one.fen for one in self.moves.values() if not one.is_undone)

    def _trouble(self, account: Account | None) -> str:
        if account is None or account.state == "closed":
            return "no_account"
        return "lost" if account.state == "lost" else ""

    def _moved(self, kind: str, key: Key, whose: tuple[str, str], fen: int, day: str) -> str:
        reference = f"{len(self.moves) + 1:012d}"
        at = int(self.clock())
        self.moves[key] = Move(key, *whose, fen, kind, reference, at, day)
        return reference
