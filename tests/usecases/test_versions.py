"""Versions are handed out in the order they commit, and epochs are opened once."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from backend.domain.access import Actor, Audience, Role
from backend.domain.errors import InvalidInputError
from backend.domain.times import utc
from backend.gateways.vault import FileVault
from backend.tables.database import DatabaseUrl, transaction
from backend.tables.holdings import denials_between
from backend.tables.school import EpochKeyRow
from backend.tables.state import UnmigratedError, require_migrated
from backend.tables.versions import DENYLIST, counter, deny, next_version
from backend.usecases.epochs.open_epochs import open_epochs
from backend.usecases.epochs.rotate_epoch import rotate_epoch
from backend.usecases.key_board import KeyBoard
from campus_code import CardState, card_number
from tests.rig.campus import NOON
from tests.rig.listening import RememberingBus

ADMIN = Actor(Audience.STAFF, 1, "tests", role=Role.ADMIN)


async def freeze(number: int, pause: float) -> int:
    async with transaction():
        made_at = utc(NOON)
        version = await deny(
            card_number(number), None, CardState.FROZEN, made_at=made_at, made_by="x"
        )
        await asyncio.sleep(pause)
        return version


async def test_nobody_is_told_of_six_while_five_is_not_visible(db: DatabaseUrl) -> None:
    """A slow transaction keeps its number's followers waiting, so no reader can skip it."""
    told: list[int] = []
    held = 0

    async def read() -> None:
        nonlocal held
        for _ in range(60):
            now = await counter(DENYLIST)
            told.extend(one.version for one in await denials_between(held, now))
            held = now
            await asyncio.sleep(0.01)

    pauses = (0.3, 0.0, 0.1, 0.0, 0.05)
    versions, _ = await asyncio.gather(
        asyncio.gather(*(freeze(n, pause) for n, pause in enumerate(pauses, 1))), read()
    )
    assert sorted(versions) == [1, 2, 3, 4, 5]
    assert sorted(told) == [1, 2, 3, 4, 5]


async def test_a_number_is_handed_out_once(db: DatabaseUrl) -> None:
    async def take() -> int:
        async with transaction():
            return await next_version("anything")

    await take()
    assert sorted(await asyncio.gather(*(take() for _ in range(20)))) == list(range(2, 22))


async def test_a_number_that_was_not_committed_is_not_used_up(db: DatabaseUrl) -> None:
    async def fail() -> None:
        async with transaction():
            await next_version("anything")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await counter("anything") == 0


async def test_epochs_are_opened_once_whoever_looks(db: DatabaseUrl, tmp_path: Path) -> None:
    vault, bus = FileVault.make(tmp_path / "keys"), RememberingBus()
    opened = await asyncio.gather(*(open_epochs(vault, os.urandom, NOON, bus) for _ in range(5)))
    assert sorted(len(one) for one in opened) == [0, 0, 0, 0, 3]
    assert await EpochKeyRow.all().count() == 3
    assert await open_epochs(vault, os.urandom, NOON + 7 * 86_400, bus) != []
    assert await EpochKeyRow.all().count() == 4
    assert bus.topics() == {"keyring"}


async def test_masters_are_sealed_each_in_its_own_place(db: DatabaseUrl, tmp_path: Path) -> None:
    vault = FileVault.make(tmp_path / "keys")
    await open_epochs(vault, os.urandom, NOON, RememberingBus())
    board = KeyBoard(vault)
    assert await board.refresh()
    assert not await board.refresh()
    masters = {key.master for key in (*board.terminal.keys, *board.issuer.keys)}
    assert len(masters) == 6
    row = await EpochKeyRow.all().order_by("epoch").first()
    assert row is not None
    assert all(master.hex() not in row.terminal_master for master in masters)
    # an issuer master put where a terminal master belongs would be handed to terminals
    row.terminal_master, row.valid_until = row.issuer_master, row.valid_until + 1
    await row.save()
    with pytest.raises(Exception, match="was not sealed there"):
        await board.refresh()


@pytest.mark.parametrize("overlap", [-1, 14 * 86_400 + 1])
async def test_an_overlap_has_bounds(db: DatabaseUrl, tmp_path: Path, overlap: int) -> None:
    vault, bus = FileVault.make(tmp_path / "keys"), RememberingBus()
    with pytest.raises(InvalidInputError, match="overlap_seconds"):
        await rotate_epoch(
            overlap,
            "x",
            actor=ADMIN,
            vault=vault,
            randomness=os.urandom,
            at=NOON,
            bus=bus,
        )
    assert await EpochKeyRow.all().count() == 0


async def test_a_second_rotation_replaces_the_first(db: DatabaseUrl, tmp_path: Path) -> None:
    vault, bus = FileVault.make(tmp_path / "keys"), RememberingBus()
    await open_epochs(vault, os.urandom, NOON, bus)
    for at in (NOON + 100, NOON + 200):
        await rotate_epoch(
            3600, "x", actor=ADMIN, vault=vault, randomness=os.urandom, at=at, bus=bus
        )
    board = KeyBoard(vault)
    await board.refresh()
    newest = max(key.epoch for key in board.terminal.keys)
    assert board.terminal.current(NOON + 200).epoch == newest - 1
    retired = {row.epoch: row.retired_at for row in await EpochKeyRow.all()}
    assert retired[newest] is None
    assert retired[newest - 2] == utc(NOON + 200 + 3600)
    assert retired[newest - 5] == utc(NOON + 100 + 3600)  # a rotation prolongs nothing
    assert await open_epochs(vault, os.urandom, NOON + 300, bus) == []


async def test_tables_of_another_version_are_refused(db: DatabaseUrl) -> None:
    await require_migrated()
    connection = EpochKeyRow._meta.db
    name = "UPDATE tortoise_migrations SET name = '{}' WHERE name = '{}'"
    await connection.execute_query(name.format("0999_future", "0002_guards"))
    try:
        with pytest.raises(UnmigratedError, match="lacks 0002_guards"):
            await require_migrated()
    finally:
        await connection.execute_query(name.format("0002_guards", "0999_future"))
    await connection.execute_query(
        "INSERT INTO tortoise_migrations (app, name, applied_at)"
        " VALUES ('backend', '0999_future', '2026-01-01 00:00:00')"
    )
    try:
        with pytest.raises(UnmigratedError, match="newer than this program"):
            await require_migrated()
    finally:
        await connection.execute_query("DELETE FROM tortoise_migrations WHERE name = '0999_future'")
