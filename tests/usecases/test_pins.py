"""PINs: set at the counter, checked at the till, locked after so many wrong ones."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from backend.domain.access import Actor, Audience, Role
from backend.domain.card import PIN_LOCK
from backend.domain.errors import InvalidInputError, NotFoundError, TooManyRequestsError
from backend.domain.pin import PIN_FAILURES_MAX, PinLockedError
from backend.gateways.vault import FileVault, VaultError
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.usecases.cardholders.check_pin import check_pin
from backend.usecases.cardholders.set_pin import set_pin
from backend.usecases.cards.lift_freeze import lift_freeze
from campus_code import CardState
from tests.rig.campus import NOON, Campus
from tests.rig.listening import RememberingBus

OFFICE = Actor(Audience.STAFF, 3, "王老师", role=Role.CARD_OFFICE)
PIN = "739126"


@pytest.fixture
def vault(tmp_path: Path) -> FileVault:
    return FileVault.make(tmp_path / "keys")


async def give(holder_id: int, vault: FileVault, pin: str = PIN) -> None:
    await set_pin(holder_id, pin, actor=OFFICE, at=NOON, randomness=os.urandom, vault=vault)


async def check(
    holder_id: int, pin: str, vault: FileVault, bus: RememberingBus | None = None
) -> bool:
    return await check_pin(holder_id, pin, at=NOON, vault=vault, bus=bus or RememberingBus())


async def test_only_the_right_pin_is_right(campus: Campus, vault: FileVault) -> None:
    holder_id = await campus.holder()
    assert not await check(holder_id, PIN, vault), "there is none yet"
    await give(holder_id, vault)
    assert await check(holder_id, PIN, vault)
    assert not await check(holder_id, "739127", vault)
    assert not await check(holder_id + 1000, PIN, vault)


async def test_what_is_stored_opens_with_the_servers_key_only(
    campus: Campus, vault: FileVault, tmp_path: Path
) -> None:
    one, other = await campus.holder(), await campus.holder()
    await give(one, vault)
    row = await CardholderRow.get(id=one)
    assert row.pin_hash is not None
    assert "scrypt" not in row.pin_hash
    await CardholderRow.filter(id=other).update(pin_hash=row.pin_hash)
    with pytest.raises(VaultError):  # one holder's PIN does not become another's
        await check(other, PIN, vault)
    with pytest.raises(VaultError):
        await check(one, PIN, FileVault.make(tmp_path / "other"))


async def test_success_forgets_the_wrong_ones(campus: Campus, vault: FileVault) -> None:
    holder_id = await campus.holder()
    await give(holder_id, vault)
    for _ in range(2):
        for _ in range(PIN_FAILURES_MAX - 1):
            assert not await check(holder_id, "000001", vault)
        assert await check(holder_id, PIN, vault)


async def test_too_many_wrong_ones_freeze_the_card(campus: Campus, vault: FileVault) -> None:
    holder_id = await campus.holder()
    await give(holder_id, vault)
    bus = RememberingBus()
    for _ in range(PIN_FAILURES_MAX - 1):
        assert not await check(holder_id, "000001", vault, bus)
    assert bus.topics() == set()
    with pytest.raises(TooManyRequestsError):
        await check(holder_id, "000001", vault, bus)
    card = await CardRow.get(holder_id=holder_id)
    assert (card.state, card.frozen_by) == (CardState.FROZEN, PIN_LOCK)
    assert bus.topics() == {"denylist", "directory"}
    with pytest.raises(PinLockedError):
        await check(holder_id, PIN, vault)
    await give(holder_id, vault, "519380")
    await lift_freeze(card.id, actor=OFFICE, at=NOON, bus=bus)
    assert await check(holder_id, "519380", vault)


async def test_guesses_at_once_are_counted_one_by_one(campus: Campus, vault: FileVault) -> None:
    holder_id = await campus.holder()
    await give(holder_id, vault)
    guesses = [f"00000{n}" for n in range(10)]  # no right one: that would begin the count anew
    answers = await asyncio.gather(
        *(check(holder_id, guess, vault) for guess in guesses), return_exceptions=True
    )
    assert answers.count(False) == PIN_FAILURES_MAX - 1
    locked = [one for one in answers if isinstance(one, PinLockedError)]
    assert len(locked) == len(guesses) - PIN_FAILURES_MAX + 1
    with pytest.raises(PinLockedError):  # the right one does not open the lock
        await check(holder_id, PIN, vault)


async def test_a_right_guess_that_comes_too_late_opens_no_lock(
    campus: Campus, vault: FileVault
) -> None:
    holder_id = await campus.holder()
    await give(holder_id, vault)
    # all of them have seen an open lock when they begin; wherever the right one ends up, enough
    # wrong ones are counted after it to close the lock, and the last one must not open it
    guesses = [*(f"00000{n}" for n in range(10)), PIN]
    assert len(guesses) > 2 * PIN_FAILURES_MAX
    await asyncio.gather(
        *(check(holder_id, guess, vault) for guess in guesses), return_exceptions=True
    )
    with pytest.raises(PinLockedError):
        await check(holder_id, PIN, vault)


async def test_a_bad_pin_and_a_strange_holder_are_refused(campus: Campus, vault: FileVault) -> None:
    with pytest.raises(InvalidInputError):
        await give(await campus.holder(), vault, "111111")
    with pytest.raises(NotFoundError):
        await give(9999, vault)
