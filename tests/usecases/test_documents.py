"""What terminals hold: deltas applied one after the other equal the whole."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import pytest_asyncio

from backend.domain.access import Actor, Audience, Role
from backend.domain.errors import InvalidInputError
from backend.domain.times import utc
from backend.gateways.vault import FileVault
from backend.tables import holdings
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.database import DatabaseUrl, transaction
from backend.tables.staff import AuditRow
from backend.tables.versions import DIRECTORY, deny, next_version, read_versions
from backend.usecases import document_shelf
from backend.usecases.denylists.confirm_denylist import confirm_denylist
from backend.usecases.denylists.read_denylist import read_denylist
from backend.usecases.document_shelf import DocumentShelf, Paper
from campus_code import (
    CardDirectory,
    CardState,
    Denylist,
    DocumentError,
    DocumentFault,
    DocumentKind,
    card_number,
    open_document,
)
from tests.rig.campus import NOON

CARDS = 40


@pytest_asyncio.fixture
async def shelf(db: DatabaseUrl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DocumentShelf:
    """A shelf over forty cards, read in pages of eight."""
    monkeypatch.setattr(holdings, "ROWS_A_PAGE", 8)
    holders = [
        CardholderRow(id=n, number=f"S{n}", name="x", class_id=n % 3, created_at=utc(NOON))
        for n in range(1, CARDS + 1)
    ]
    await CardholderRow.bulk_create(holders)
    async with transaction():
        version = await next_version(DIRECTORY)
        await CardRow.bulk_create(
            [
                CardRow(
                    id=n,
                    number=card_number(n * 7),
                    holder_id=n,
                    issue=1,
                    changed_version=version,
                    opened_at=utc(NOON),
                )
                for n in range(1, CARDS + 1)
            ]
        )
    return DocumentShelf(FileVault.make(tmp_path / "keys"), lambda: NOON)


class Holder:
    """A terminal's lists."""

    def __init__(self, shelf: DocumentShelf) -> None:
        self.shelf = shelf
        self.directory, self.denylist = CardDirectory(), Denylist()
        self.bytes = 0

    def take(self, paper: Paper) -> None:
        key = self.shelf._vault.public_key()
        document = open_document(paper.raw, paper.kind, key)
        self.bytes += len(paper.raw)
        if paper.kind is DocumentKind.DENYLIST:
            self.denylist = self.denylist.apply(document.payload, document.version, CARDS)
        else:
            self.directory = self.directory.apply(document.payload, document.version)

    async def catch_up(self) -> None:
        now = await read_versions()
        if self.directory.version < now.directory:
            for paper in await self.shelf.directory(self.directory.version, now.directory):
                self.take(paper)
        if self.denylist.version < now.denylist:
            self.take(await self.shelf.denylist(self.denylist.version, now.denylist))

    @property
    def held(self) -> tuple[list[object], dict[tuple[str, int | None], CardState]]:
        denied = {(one.card_number, one.issue): one.state for one in self.denylist}
        return list(self.directory), denied


async def change(chance: random.Random, states: tuple[CardState, ...]) -> None:
    async with transaction():
        row = await CardRow.select_for_update().get(id=chance.randint(1, 8))
        row.state = chance.choice(states)
        row.issue = (row.issue + chance.randint(0, 1)) % 100
        row.changed_version = await next_version(DIRECTORY)
        await row.save()
        issue = chance.choice([None, row.issue])
        await deny(row.number, issue, row.state, made_at=utc(NOON), made_by="tests")


@pytest.mark.parametrize("seed", range(6))
async def test_deltas_equal_the_whole(shelf: DocumentShelf, seed: int) -> None:
    chance = random.Random(seed)
    often, seldom = Holder(shelf), Holder(shelf)
    await seldom.catch_up()
    for _ in range(25):
        await change(chance, tuple(CardState)[:4])
        if chance.random() < 0.6:
            await often.catch_up()
        if chance.random() < 0.1:
            await seldom.catch_up()
    await often.catch_up()
    await seldom.catch_up()
    fresh = Holder(shelf)
    await fresh.catch_up()
    rows = await CardRow.all().order_by("number")
    truth = [(row.number, row.issue, row.state) for row in rows]
    assert [(one.card_number, one.issue, one.state) for one in fresh.directory] == truth
    assert often.held == seldom.held == fresh.held


async def test_a_later_terminal_gets_the_kept_whole_and_what_changed(
    shelf: DocumentShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Holder(shelf)
    await first.catch_up()
    chance = random.Random(1)
    for _ in range(3):
        await change(chance, (CardState.FROZEN,))
    read: list[int] = []
    original = holdings.cards_after

    async def counted(version: int) -> object:
        read.append(version)
        return await original(version)

    monkeypatch.setattr(document_shelf, "cards_after", counted)
    later = Holder(shelf)
    await later.catch_up()
    await first.catch_up()
    assert 0 not in read  # nobody read all cards again
    assert later.held == first.held


async def test_a_delta_that_would_be_long_is_sent_whole(
    shelf: DocumentShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_shelf, "DELTA_ENTRIES_MAX", 3)
    holder = Holder(shelf)
    await holder.catch_up()
    chance = random.Random(2)
    for _ in range(12):
        await change(chance, (CardState.FROZEN, CardState.ACTIVE))
    await holder.catch_up()
    fresh = Holder(shelf)
    await fresh.catch_up()
    assert holder.held == fresh.held


async def test_a_list_speaks_of_its_own_version_only(shelf: DocumentShelf) -> None:
    number = card_number(7)
    async with transaction():
        await deny(number, None, CardState.FROZEN, made_at=utc(NOON), made_by="tests")
        await deny(number, None, CardState.LOST, made_at=utc(NOON), made_by="tests")
    holder = Holder(shelf)
    holder.take(await shelf.denylist(0, 1))
    assert holder.denylist.state_of(number, 1) is CardState.FROZEN
    holder.take(await shelf.denylist(1, 2))
    assert holder.denylist.state_of(number, 1) is CardState.LOST


async def deny_many(first: int, last: int, at: float) -> None:
    async with transaction():
        for n in range(first, last + 1):
            number = card_number(n * 7)
            await deny(number, None, CardState.CLOSED, made_at=utc(at), made_by="tests")


async def test_what_grew_slowly_is_believed_and_what_grew_in_a_day_is_doubted(
    shelf: DocumentShelf,
) -> None:
    await deny_many(1, 20, NOON - 30 * 86_400)
    await deny_many(21, 30, NOON - 10)
    holder = Holder(shelf)
    holder.take(await shelf.denylist(0, 30))  # 30 of 40, but ten of today
    assert len(holder.denylist) == 30
    await deny_many(1, 15, NOON - 5)
    with pytest.raises(DocumentError) as refused:
        holder.take(await shelf.denylist(30, 45))
    assert refused.value.why is DocumentFault.IMPLAUSIBLE


async def test_a_day_that_denied_too_many_stays_doubted_until_an_office_confirms_it(
    shelf: DocumentShelf,
) -> None:
    await deny_many(1, 21, NOON - 40 * 86_400)
    await deny_many(22, 22, NOON)
    holder = Holder(shelf)
    with pytest.raises(DocumentError):
        holder.take(await shelf.denylist(0, 22))  # no day later makes it right by itself
    standing = await read_denylist()
    assert (standing.denied_most, standing.cards, standing.is_meant) == (21, CARDS, False)
    admin = Actor(Audience.STAFF, 1, "admin", Role.ADMIN)
    for version in (0, 23):
        with pytest.raises(InvalidInputError):
            await confirm_denylist(version, "x", actor=admin, at=NOON)
    for _ in range(2):
        await confirm_denylist(21, "a year that left", actor=admin, at=NOON)
    holder.take(await shelf.denylist(0, 22))
    assert len(holder.denylist) == 22
    assert await AuditRow.filter(verb="denylist.confirm").count() == 1
    await deny_many(1, 21, NOON + 86_400)  # confirmed is what was looked at, and no later day
    with pytest.raises(DocumentError):
        holder.take(await shelf.denylist(22, 43))
