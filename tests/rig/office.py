"""The real server app on a loopback port, and people to ask it things: staff, students, nobody."""

from __future__ import annotations

import base64
import itertools
import os
import socket
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pyotp

from backend.api.app import build_app
from backend.api.open.office import build_office
from backend.api.parts import Parts
from backend.config import Config
from backend.domain.access import Actor, Audience, Role
from backend.domain.login import totp_context
from backend.gateways.vault import FileVault
from backend.server import open_parts
from backend.tables.accounts import open_payable, open_purses
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.merchant import MerchantRow
from backend.tables.staff import StaffRow
from backend.usecases.bindings.make_binding_code import make_binding_code
from backend.usecases.cards.open_card import open_card
from backend.usecases.epochs.open_epochs import open_epochs
from backend.usecases.rules.publish_rules import publish_rules
from backend.usecases.staff.create_staff import StaffDraft, create_staff
from campus_code import PhoneSecrets, to_json
from tests.rig.answers import Answers
from tests.rig.campus import NOON, STUDENT, make_rules
from tests.rig.clients import new_client

PASSWORD = "a long enough pass phrase"
SYSTEM = Actor(Audience.STAFF, 0, "tests", role=Role.ADMIN)

_numbers = itertools.count(1)


@dataclass
class Hand:
    """A clock that moves when a test moves it."""

    now: float = NOON

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Student:
    """A cardholder with a bound phone."""

    holder_id: int
    card_id: int
    card_number: str
    number: str
    name: str
    session: str
    secrets: tuple[PhoneSecrets, ...]

    @property
    def headers(self) -> dict[str, str]:
        """What his phone sends with every request."""
        return {"authorization": f"Bearer {self.session}"}


@dataclass
class Office:
    """A server at work, its parts, and its clock."""

    http: httpx.AsyncClient
    parts: Parts
    clock: Hand
    staff_ids: dict[Role, int] = field(default_factory=dict)
    people: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def at(self) -> int:
        """Unix seconds."""
        return int(self.clock.now)

    async def holder(self, class_id: int = STUDENT) -> CardholderRow:
        """A cardholder with empty purses and no card."""
        number = f"S{next(self.people):06}"
        row = await CardholderRow.create(
            number=number,
            name=f"持卡人{number}",
            class_id=class_id,
            created_at="2026-01-01T00:00:00+00:00",
        )
        await open_purses(row.id)
        return row

    async def card(self, holder_id: int) -> CardRow:
        """One more card of a holder, opened by the office."""
        made = await open_card(
            holder_id,
            rules=self.parts.rules.bundle,
            actor=SYSTEM,
            at=self.at,
            randomness=os.urandom,
            bus=self.parts.bus,
        )
        return await CardRow.get(id=made.id)

    async def code(self, card_id: int) -> str:
        """A binding code handed out for a card."""
        made = await make_binding_code(card_id, actor=SYSTEM, at=self.at, randomness=os.urandom)
        return made.code

    async def bind(self, card: CardRow) -> Student:
        """Bind a phone over HTTP, as a student does."""
        holder = await CardholderRow.get(id=card.holder_id)
        answer = await self.http.post("/student/bindings", json={"code": await self.code(card.id)})
        assert answer.status_code == 201, answer.text
        body = answer.json()
        return Student(
            holder_id=holder.id,
            card_id=card.id,
            card_number=card.number,
            number=holder.number,
            name=holder.name,
            session=body["session"],
            secrets=tuple(read_secrets(one) for one in body["secrets"]),
        )

    async def student(self) -> Student:
        """A new cardholder with a card and a bound phone."""
        holder = await self.holder()
        return await self.bind(await self.card(holder.id))

    async def hire(
        self, role: Role, login: str = "", *, place_id: int = 0, merchant_id: int | None = None
    ) -> tuple[int, str]:
        """A new member of staff; the id and the login. A cashier gets a merchant."""
        login = login or f"{role.value}{next(_numbers)}"
        if role is Role.CASHIER and merchant_id is None:
            merchant = await MerchantRow.create(name=f"窗口 {login}")
            await open_payable(merchant.id)
            merchant_id = merchant.id
        draft = StaffDraft(login, f"员工 {login}", role, PASSWORD, merchant_id, place_id)
        made = await create_staff(
            draft,
            actor=SYSTEM,
            at=self.at,
            randomness=os.urandom,
            vault=self.parts.vault,
            school="示范大学",
        )
        return made.id, login

    async def totp(self, login: str) -> str:
        """What the authenticator of a member of staff shows now."""
        row = await StaffRow.get(login=login)
        secret = self.parts.vault.open(row.totp_secret, totp_context(login))
        return pyotp.TOTP(base64.b32encode(secret).decode()).at(self.at)

    async def log_in(self, login: str) -> dict[str, str]:
        """Log in over HTTP; the headers of the session."""
        self.clock.now += 30  # a TOTP step is accepted once
        body = {"login": login, "password": PASSWORD, "totp": await self.totp(login)}
        answer = await self.http.post("/staff/sessions", json=body)
        assert answer.status_code == 201, answer.text
        return {"authorization": f"Bearer {answer.json()['session']}"}

    async def staff(
        self, role: Role, *, place_id: int = 0, merchant_id: int | None = None
    ) -> dict[str, str]:
        """The headers of a new member of staff who has logged in."""
        _, login = await self.hire(role, place_id=place_id, merchant_id=merchant_id)
        return await self.log_in(login)


@asynccontextmanager
async def open_office(
    url: str, folder: Path, clock: Hand | None = None, **settings: str
) -> AsyncIterator[Office]:
    """Serve a migrated database on a free loopback port, with rules and key epochs.

    Its settings say where it is, so that partners can be told to call back.
    """
    key_file = folder / "server.keys"
    FileVault.make(key_file)
    clock = clock or Hand()
    with warnings.catch_warnings(), socket.socket() as listener:
        warnings.simplefilter("ignore", RuntimeWarning)  # the in-process bus says what it is
        listener.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        own = {
            "XIAOMA_DATABASE": url,
            "XIAOMA_KEY_FILE": str(key_file),
            "XIAOMA_PUBLIC_URL": base_url,
        }
        config = Config.read(own | settings)
        async with open_parts(config, clock) as parts:
            await publish_rules(to_json(make_rules()), published_by="tests", at=NOON, bus=parts.bus)
            await open_epochs(parts.vault, os.urandom, NOON, parts.bus)
            await parts.rules.refresh()
            await parts.keyrings.refresh()
            named = config.office if "XIAOMA_OFFICE" in settings else None
            also = () if named is None else (build_office(named),)
            app = build_app(parts, f"office-{next(_numbers)}", also)
            hooks = {"response": [Answers.of_server().check]}
            client = new_client(base_url, event_hooks=hooks)
            async with serving(app, listener), client as http:
                yield Office(http, parts, clock)


@asynccontextmanager
async def serving(app: Any, listener: socket.socket) -> AsyncIterator[None]:  # Sanic's own types
    """Serve an app in this process."""
    app.config.TOUCHUP = False  # rewrites Sanic's own classes, which can be done once a process
    app.config.GOODBYE_PAUSE_SECONDS = 0  # for Sanic's way of closing; here they are closed below
    server = await app.create_server(sock=listener, return_asyncio_server=True)
    await server.startup()
    await server.before_start()
    await server.after_start()
    await server.start_serving()
    try:
        yield
    finally:
        await server.before_stop()
        await server.close()
        for connection in tuple(server.connections):
            connection.close_if_idle()
        await server.after_stop()
        type(app).unregister_app(app)


def read_secrets(body: dict[str, Any]) -> PhoneSecrets:
    """What a phone makes of the secrets it was told."""
    fields = dict(body)
    for name in ("terminal_secret", "issuer_secret"):
        fields[name] = base64.b64decode(fields[name])
    return PhoneSecrets(**fields)
