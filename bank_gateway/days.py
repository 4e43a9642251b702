"""A bank's day, settled once: its file is read, what it proves is done, and both are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from bank_gateway.bank_files import BankFile, LineKey, read_bank_file
from bank_gateway.desk import Desk
from bank_gateway.journal import Entry, Journal
from bank_gateway.profile import Profile
from bank_gateway.reconciling import DayResult, Joined, key_of, proof, reconcile
from bank_gateway.states import State


class OtherFileError(Exception):
    """A day was settled by another file: nothing of this one is used."""


class DayOrderError(Exception):
    """The day before is not settled: what its file has cannot be told from what it has not."""


class Days:
    """Settles the days of every bank of a gateway."""

    def __init__(self, journal: Journal, desk: Desk, clock: Callable[[], float]) -> None:
        """Keep what it works with."""
        self._journal, self._desk, self._clock = journal, desk, clock

    async def settle(
        self, raw: bytes, name: str, profile: Profile, day: date, named: Mapping[str, str]
    ) -> DayResult:
        """Read the file of a day and do what it proves; the same file again changes nothing.

        Raises:
            BankFileError: the file is not used; see its faults.
            OtherFileError: another file settled this day. StateError: something is under way.
            DayOrderError: the day before had orders, and its file was not read.

        """
        file = await asyncio.to_thread(read_bank_file, raw, name, profile, day, named)
        settled_by = self._digest_of(file.bank, day)
        if settled_by not in {"", file.digest}:
            raise OtherFileError(f"{file.bank}: {day} was settled by another file")
        before = day - timedelta(days=1)
        if self._journal.of_day(file.bank, before) and not self.is_settled(file.bank, before):
            raise DayOrderError(f"{file.bank}: {before} must be settled before {day}")
        async with self._desk.held(file.bank):
            result = await asyncio.to_thread(self._reconciled, file)
            for one in result.joined:
                if one.entry is not None and one.after not in {None, one.entry.standing}:
                    assert one.after is not None  # noqa: S101 - said to mypy
                    self._journal.write(one.entry, one.after, int(self._clock()))
            if not settled_by:
                self._keep(file, result)
        await self._desk.sweep()
        return result

    def due(self, bank: str, today: date) -> list[date]:
        """The days before today with orders that no file settled, and yesterday; oldest first."""
        rows = self._journal.read(
            "SELECT DISTINCT day FROM entry WHERE bank=? AND day<? AND day NOT IN"
            " (SELECT day FROM bank_file WHERE bank=?)",
            bank, today.isoformat(), bank,
        )  # fmt: skip
        found = {date.fromisoformat(day) for (day,) in rows}
        yesterday = today - timedelta(days=1)
        if not self.is_settled(bank, yesterday):
            found.add(yesterday)
        return sorted(found)

    def is_settled(self, bank: str, day: date) -> bool:
        """Whether a file settled this day."""
        return bool(self._digest_of(bank, day))

    def proof(self, result: DayResult, bank: str) -> tuple[int, int]:
        """(what the bank took, what our books have of it), in fen."""
        booked = {
            key_of(one): one.order.amount_fen
            for one in self._entries(bank, result.day)
            if one.standing.state is State.BOOKED
        }
        return proof(result, booked)

    def _reconciled(self, file: BankFile) -> DayResult:
        today = self._journal.of_day(file.bank, file.day)
        before = self._journal.of_day(file.bank, file.day - timedelta(days=1))
        return reconcile(file, today, before, self._known(file.bank, file.day))

    def _entries(self, bank: str, day: date) -> list[Entry]:
        before = self._journal.of_day(bank, day - timedelta(days=1))
        return [*before, *self._journal.of_day(bank, day)]

    def _digest_of(self, bank: str, day: date) -> str:
        rows = self._journal.read(
            "SELECT digest FROM bank_file WHERE bank=? AND day=?", bank, day.isoformat()
        )
        return str(rows[0][0]) if rows else ""

    def _known(self, bank: str, day: date) -> frozenset[LineKey]:
        """The lines that other days' files had."""
        rows = self._journal.read(
            "SELECT terminal,asked_on,batch,trace FROM bank_line WHERE bank=? AND file_day<>?"
            " AND asked_on>=?",
            bank, day.isoformat(), (day - timedelta(days=1)).isoformat(),
        )  # fmt: skip
        return frozenset(
            LineKey(terminal, date.fromisoformat(asked_on), batch, trace)
            for terminal, asked_on, batch, trace in rows
        )

    def _keep(self, file: BankFile, result: DayResult) -> None:
        """The file and its lines; a line that another day's file had is refused by the journal."""
        lines = [_row(file, one) for one in result.joined if one.line is not None]
        with self._journal.writing() as raw:
            raw.execute(
                "INSERT INTO bank_file (bank,day,digest,lines,fen,read_at) VALUES (?,?,?,?,?,?)",
                (
                    file.bank, file.day.isoformat(), file.digest, len(file.lines), file.fen,
                    int(self._clock()),
                ),
            )  # fmt: skip
            raw.executemany(
                "INSERT INTO bank_line (bank,file_day,terminal,asked_on,batch,trace,verb,"
                "amount_fen,reference,tail,finding) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                lines,
            )


def _row(file: BankFile, one: Joined) -> tuple[object, ...]:
    line = one.line
    assert line is not None  # noqa: S101 - asked for those that have one
    key = line.key
    return (
        file.bank, file.day.isoformat(), key.terminal, key.asked_on.isoformat(), key.batch,
        key.trace, line.verb.value, line.amount_fen, line.reference, line.tail, one.finding.value,
    )  # fmt: skip
