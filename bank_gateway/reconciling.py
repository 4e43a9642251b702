"""A bank's day against our own: line by line, what each comes to, and what then stands.

The bank is the authority on what it moved. Nothing of the day may be under way: no ask is out, and
reversals are stopped, or one could give back what the file has just proved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bank_gateway import states
from bank_gateway.bank_files import BankFile, BankLine, LineKey
from bank_gateway.journal import Entry
from bank_gateway.states import Incident, Standing, State


class Finding(StrEnum):
    """What a line, or an order without one, comes to."""

    EQUAL = "equal"
    TO_BOOK = "to_book"
    """长款: the bank took it, and our books do not have it yet. It is booked now."""
    UNDONE = "undone"
    """Nobody knew, and the bank has nothing of it."""
    PENDING = "pending"
    """Booked here, not in the file: the bank may have cut its day before. The next one tells."""
    BANK_HAS_NOT = "bank_has_not"
    """短款: booked here, and in neither file: people decide."""
    AMOUNT_DIFFERS = "amount_differs"
    NO_ORDER = "no_order"
    """The bank has it, and no order of ours does: people decide whose it is."""


FOR_PEOPLE = frozenset({Finding.BANK_HAS_NOT, Finding.AMOUNT_DIFFERS, Finding.NO_ORDER})


@dataclass(frozen=True, slots=True)
class Joined:
    """One order and one line that belong together, or one of them alone."""

    finding: Finding
    entry: Entry | None = None
    line: BankLine | None = None
    after: Standing | None = None
    incident: Incident | None = None


@dataclass(frozen=True, slots=True)
class DayResult:
    """A day held against the bank's: everything found, and whether it comes to nothing."""

    day: date
    joined: tuple[Joined, ...]

    def counted(self) -> dict[Finding, tuple[int, int]]:
        """How many of each, and how much (fen; the bank's amount where it has one)."""
        found: dict[Finding, tuple[int, int]] = {}
        for one in self.joined:
            count, fen = found.get(one.finding, (0, 0))
            found[one.finding] = (count + 1, fen + _fen(one))
        return found

    @property
    def for_people(self) -> tuple[Joined, ...]:
        """What a person must decide."""
        return tuple(one for one in self.joined if one.finding in FOR_PEOPLE)


def reconcile(
    file: BankFile, today: Sequence[Entry], before: Sequence[Entry], known: frozenset[LineKey]
) -> DayResult:
    """Join a file with the orders of its day, and with those of the day before that it is about.

    `known`: lines that an earlier file had; an order among them is settled already.

    Raises StateError: something of the day is still under way.
    """
    entries = {key_of(one): one for one in [*today, *before]}
    lines = {line.key: line for line in file.lines}
    joined = [_with_line(line, entries.get(line.key)) for line in file.lines]
    for entry in [*today, *before]:
        key = key_of(entry)
        if key in lines or key in known:
            continue
        found = _without_line(entry, is_last_chance=entry.key.day < file.day)
        if found is not None:
            joined.append(found)
    return DayResult(file.day, tuple(joined))


def key_of(entry: Entry) -> LineKey:
    """What joins an order to its line."""
    return LineKey(entry.key.terminal, entry.key.day, entry.key.batch, entry.key.trace)


def proof(result: DayResult, booked: Mapping[LineKey, int]) -> tuple[int, int]:
    """(what the bank took, what our books have of it) once everything that can be is booked.

    Both in fen. They differ by nothing but what `for_people` names.
    """
    took = sum(one.line.amount_fen for one in result.joined if one.line)
    have = sum(booked.get(one.line.key, 0) for one in result.joined if one.line)
    return took, have


def _with_line(line: BankLine, entry: Entry | None) -> Joined:
    if entry is None:
        return Joined(Finding.NO_ORDER, line=line)
    if (line.amount_fen, line.verb) != (entry.order.amount_fen, entry.order.verb):
        return Joined(Finding.AMOUNT_DIFFERS, entry, line)
    after, incident = states.settle(entry.standing, is_in_file=True)
    finding = Finding.EQUAL if entry.standing.state is State.BOOKED else Finding.TO_BOOK
    return Joined(finding, entry, line, after, incident)


def _without_line(entry: Entry, *, is_last_chance: bool) -> Joined | None:
    after, incident = states.settle(entry.standing, is_in_file=False)
    if incident is Incident.BANK_HAS_NOT:
        finding = Finding.BANK_HAS_NOT if is_last_chance else Finding.PENDING
        return Joined(finding, entry, None, after, incident if is_last_chance else None)
    if after != entry.standing:
        return Joined(Finding.UNDONE, entry, None, after)
    return None  # declined or failed on both sides: nobody has anything


def _fen(one: Joined) -> int:
    if one.line is not None:
        return one.line.amount_fen
    return one.entry.order.amount_fen if one.entry else 0
