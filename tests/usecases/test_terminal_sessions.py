"""Terminals' sessions in memory: no round trip in the steady state, and nobody stays by mistake."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import os
from pathlib import Path

import pytest
import pytest_asyncio

from backend.domain.access import Actor, Audience, Role, TerminalActor
from backend.domain.errors import ForbiddenError, UnauthenticatedError
from backend.domain.times import utc
from backend.domain.tokens import token_hash
from backend.gateways.vault import FileVault
from backend.tables.database import DatabaseUrl, transaction
from backend.tables.terminal import TerminalRow, TerminalSessionRow
from backend.usecases import terminal_sessions
from backend.usecases.terminal_sessions import CONFIRM_SECONDS, REREAD_SECONDS, TerminalSessions
from backend.usecases.terminals.open_session import SESSION_SECONDS, SessionRequest, open_session
from backend.usecases.terminals.revoke_terminal import revoke_terminal
from tests.rig.campus import NOON
from tests.rig.device import Device
from tests.rig.listening import RememberingBus
from tests.rig.office import Hand

ADMIN = Actor(Audience.STAFF, 1, "tests", role=Role.ADMIN)


class Gate:
    """One enrolled terminal with a session, and a server process's memory of it."""

    def __init__(self, folder: Path) -> None:
        self.clock = Hand()
        self.vault = FileVault.make(folder / "keys")
        self.sessions = TerminalSessions(self.vault, self.clock)
        self.device = Device()
        self.token = ""

    async def open(self) -> None:
        row = await TerminalRow.create(
            name="till",
            merchant_id=1,
            group_id="canteen",
            signing_key=self.device.signing.public_key().public_bytes_raw().hex(),
            sealing_key=self.device.sealing.public_key().public_bytes_raw().hex(),
            enrolled_at=utc(NOON),
        )
        self.device.terminal_id = row.id
        nonce = os.urandom(16)
        unsigned = SessionRequest(row.id, NOON, nonce, b"")
        request = SessionRequest(
            row.id, NOON, nonce, self.device.signing.sign(unsigned.signed_text)
        )
        opened = await open_session(request, self.vault, os.urandom, self.clock.now)
        self.token = opened.token

    async def find(self) -> TerminalActor:
        return await self.sessions.find(self.token)


@pytest_asyncio.fixture
async def gate(db: DatabaseUrl, tmp_path: Path) -> Gate:
    """A terminal that has just opened its session."""
    made = Gate(tmp_path)
    await made.open()
    return made


async def test_the_steady_state_asks_no_database(gate: Gate) -> None:
    found = await gate.find()
    await TerminalSessionRow.all().delete()
    gate.clock.now += REREAD_SECONDS - 0.1
    assert await gate.find() is found
    gate.clock.now += 0.2
    with pytest.raises(UnauthenticatedError):
        await gate.find()


async def test_what_is_confirmed_is_not_asked_for(gate: Gate) -> None:
    await gate.find()
    gate.clock.now += REREAD_SECONDS - 0.1
    await gate.sessions.confirm()
    await TerminalSessionRow.all().delete()
    gate.clock.now += REREAD_SECONDS - 0.1
    await gate.find()


async def test_confirming_drops_what_has_ended(gate: Gate) -> None:
    await gate.find()
    await TerminalSessionRow.all().update(ended_at=utc(NOON))
    gate.clock.now += CONFIRM_SECONDS
    await gate.sessions.confirm()
    with pytest.raises(UnauthenticatedError):
        await gate.find()


async def test_keys_are_sealed_at_rest_and_not_shown(gate: Gate) -> None:
    found = await gate.find()
    row = await TerminalSessionRow.get(token_hash=token_hash(gate.token))
    assert found.session_key.hex() not in row.sealed_key
    assert found.session_key.hex() not in repr(found)
    assert str(found.session_key) not in repr(found)


async def test_a_session_ends_on_the_second_though_it_is_remembered(gate: Gate) -> None:
    gate.clock.now += SESSION_SECONDS - 2
    await gate.find()
    gate.clock.now += 2
    with pytest.raises(UnauthenticatedError):
        await gate.find()


async def test_a_revocation_that_was_only_seen_in_the_table_acts(gate: Gate) -> None:
    await gate.find()
    await TerminalRow.all().update(revoked_at=utc(NOON))
    assert await gate.sessions.watch_revocations() == {gate.device.terminal_id}
    assert await gate.sessions.watch_revocations() == frozenset()
    with pytest.raises(ForbiddenError):
        await gate.find()


async def test_a_process_that_never_saw_it_before_refuses_a_revoked_terminal(gate: Gate) -> None:
    await TerminalRow.all().update(revoked_at=utc(NOON))
    with pytest.raises(ForbiddenError):
        await gate.find()


async def test_a_dropped_session_is_read_again(gate: Gate) -> None:
    await gate.find()
    await TerminalSessionRow.all().update(ended_at=utc(NOON))
    await gate.find()
    gate.sessions.drop(gate.device.terminal_id + 1)
    await gate.find()
    gate.sessions.drop(gate.device.terminal_id)
    with pytest.raises(UnauthenticatedError):
        await gate.find()


async def test_a_process_forgets_the_oldest(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal_sessions, "CACHED_MAX", 1)
    first = gate.token
    await gate.find()
    gate.device = Device()
    await gate.open()
    await gate.find()
    await TerminalSessionRow.all().delete()
    await gate.find()
    with pytest.raises(UnauthenticatedError):
        await gate.sessions.find(first)


async def open_anew(gate: Gate, number: int) -> None:
    """Open one more session, named by its nonce."""
    unsigned = SessionRequest(gate.device.terminal_id, NOON, bytes([number]) * 16, b"")
    signature = gate.device.signing.sign(unsigned.signed_text)
    request = SessionRequest(unsigned.terminal_id, NOON, unsigned.nonce, signature)
    await open_session(request, gate.vault, os.urandom, NOON)


async def test_an_opening_waits_for_a_revocation_under_way_and_obeys_it(gate: Gate) -> None:
    outside = contextvars.copy_context()  # inside, a task would join the open transaction
    async with transaction():
        row = await TerminalRow.select_for_update().get(id=gate.device.terminal_id)
        opening = outside.run(asyncio.create_task, open_anew(gate, 1))
        await asyncio.wait({opening}, timeout=1.0)
        assert not opening.done()
        row.revoked_at = utc(NOON)
        await row.save(update_fields=["revoked_at"])
    with pytest.raises(ForbiddenError):
        await opening
    assert await TerminalSessionRow.all().count() == 1  # the gate's own


async def test_no_session_slips_through_while_a_terminal_is_revoked(gate: Gate) -> None:
    """Whichever comes first: in the end no living session of a revoked terminal is left."""

    async def open_one(number: int) -> None:
        with contextlib.suppress(ForbiddenError):
            await open_anew(gate, number)

    revoking = revoke_terminal(
        gate.device.terminal_id, "stolen", actor=ADMIN, at=NOON, bus=RememberingBus()
    )
    await asyncio.gather(*(open_one(n) for n in range(4)), revoking, *(open_one(n) for n in (5, 6)))
    assert await TerminalSessionRow.filter(ended_at=None).count() == 0
