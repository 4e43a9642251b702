"""A served school with a mini-program and a merchant number, and one clock on all sides.

    paying.office    the server: `office.http`, `office.parts`, `office.clock`
    paying.wechat    WeChat: `partner.login_code(openid)`
    paying.sim       WeChat Pay: orders, faults, notices; it calls the office's own addresses back

Time stands still until a test moves it with `await paying.advance(seconds)`: what WeChat Pay has to
do on the way (notices, refunds) happens as its time comes. What is due now happens by itself within
a twentieth of a second, or at once with `advance(0)`.
"""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx

from backend.domain.tokens import TOKEN_BYTES, session_token
from backend.domain.wechat import OPENID_CONTEXT
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.database import transaction
from backend.tables.guardians import guardian_of, lock_holder, open_session, tie
from backend.tables.wechat_accounts import keep_account
from backend.usecases.ledger.verify_ledger import verify_ledger
from simulators.wechat_pay.app import Gateway, build_app
from simulators.wechat_pay.clock import SteeredClock
from simulators.wechat_pay.keys import KeyFiles, Merchant, write_files
from simulators.wechat_pay.orders import Order
from simulators.wechat_pay.steering import add_steering
from tests.rig.campus import NOON
from tests.rig.guardians import Guardian
from tests.rig.office import Hand, Office, Student, open_office, read_secrets, serving
from tests.rig.raw_books import RawBooks, Sent, assert_sound
from tests.rig.wechat import SimulatedWechat, open_wechat
from tests.rig.wechat_pay import APP_ID, MCHID, SERIAL, V3_KEY, keys

Json = dict[str, Any]

_numbers = itertools.count(1)


class OneClock(SteeredClock):
    """The office's hand for WeChat Pay too: whoever moves it moves it for everybody."""

    def __init__(self, hand: Hand) -> None:
        super().__init__(hand)
        self._hand = hand

    def put_forward(self, at: float) -> None:
        """Let it be `at` now; never backwards."""
        self._hand.now = max(self._hand.now, at)


@dataclass
class Paying:
    """The school and both of its partners."""

    office: Office
    wechat: SimulatedWechat
    sim: Gateway
    pay_url: str
    url: str
    openids: dict[str, str] = field(default_factory=dict)
    """Session → whose WeChat account its phone has."""
    sent: list[Sent] = field(default_factory=list)
    """What tills of the test sent, so that nothing else stands in the books."""

    @property
    def http(self) -> httpx.AsyncClient:
        """The way to the school."""
        return self.office.http

    @property
    def at(self) -> int:
        """Unix seconds."""
        return self.office.at

    @property
    def merchant(self) -> Merchant:
        """The school, as WeChat Pay knows it."""
        return self.sim.merchants[MCHID]

    async def advance(self, seconds: float) -> None:
        """Let time go by on all sides."""
        await self.sim.timeline.advance(seconds)

    def plan(self, **wish: Any) -> None:
        """Plan a fault: `what`, `kind` and so on, see `simulators.wechat_pay.faults`."""
        self.sim.faults.plan(wish)

    def held(self, number: str) -> Order:
        """What WeChat Pay holds."""
        return self.sim.orders.orders[MCHID, number]

    async def student(self, openid: str = "") -> Student:
        """A new cardholder whose phone was bound with a WeChat account."""
        holder = await self.office.holder()
        return await self.bind((await self.office.card(holder.id)).id, openid)

    async def bind(self, card_id: int, openid: str = "") -> Student:
        """Bind a phone with a WeChat account to a card, over HTTP."""
        openid = openid or f"o-student-{next(_numbers)}"
        body = {
            "code": await self.office.code(card_id),
            "wechat_code": self.wechat.partner.login_code(openid),
        }
        answer = await self.http.post("/student/bindings", json=body)
        assert answer.status_code == 201, answer.text
        told = answer.json()
        self.openids[told["session"]] = openid
        card = await CardRow.get(id=card_id)
        holder = await CardholderRow.get(id=card.holder_id)
        return Student(
            holder_id=holder.id,
            card_id=card.id,
            card_number=card.number,
            number=holder.number,
            name=holder.name,
            session=told["session"],
            secrets=tuple(read_secrets(one) for one in told["secrets"]),
        )

    async def guardian(self, *holder_ids: int, openid: str = "") -> Guardian:
        """A guardian of these holders whose WeChat account is really known."""
        openid = openid or f"o-guardian-{next(_numbers)}"
        sealed = self.office.parts.vault.seal(openid.encode(), OPENID_CONTEXT)
        wechat_id = await keep_account(openid, sealed, self.at)
        async with transaction():
            for holder_id in sorted(holder_ids):
                await lock_holder(holder_id)
            guardian_id = await guardian_of(wechat_id, self.at)
            for holder_id in holder_ids:
                await tie(guardian_id, holder_id, "妈妈", self.at)
            token = session_token(os.urandom(TOKEN_BYTES))
            made = await open_session(guardian_id, token, self.at)
        self.openids[made.session] = openid
        return Guardian(guardian_id, made.session)

    def pay(self, number: str) -> None:
        """Whoever ordered enters his password; the notice is on its way."""
        order = self.held(number)
        self.sim.pay(order, order.asked["payer"]["openid"])

    async def audit(self) -> RawBooks:
        """Everything in the books is right, by two counts of their own; the raw one."""
        books = assert_sound(self.url, self.sent)
        assert (await verify_ledger(self.office.parts.ledger)).findings == []
        return books


@asynccontextmanager
async def open_paying(url: str, folder: Path, **settings: str) -> AsyncIterator[Paying]:
    """Serve the school on a migrated database, its WeChat and its WeChat Pay."""
    hand = Hand()
    clock = OneClock(hand)
    platform, merchant_key = keys(NOON)
    platform = replace(platform)  # a test may choose the other key
    files = write_files(folder, merchant_key, V3_KEY, platform)
    merchant = Merchant(MCHID, (APP_ID,), SERIAL, V3_KEY, merchant_key.public_key())
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        pay_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        sim = Gateway(
            platform, {MCHID: merchant}, clock, stamp=clock, randomness=os.urandom, url=pay_url
        )
        app = build_app(sim, f"paying-{next(_numbers)}")
        add_steering(app, sim)
        await stack.enter_async_context(serving(app, listener))
        wechat = await stack.enter_async_context(open_wechat(folder, hand))
        known = wechat.settings | _settings(files, pay_url) | settings
        office = await stack.enter_async_context(open_office(url, folder, hand, **known))
        yield Paying(office, wechat, sim, pay_url, url)


def _settings(files: KeyFiles, pay_url: str) -> dict[str, str]:
    platform = keys(NOON)[0]
    return {
        "XIAOMA_PAY_MCHID": MCHID,
        "XIAOMA_PAY_SERIAL": SERIAL,
        "XIAOMA_PAY_KEY_FILE": str(files.merchant_key),
        "XIAOMA_PAY_V3_KEY_FILE": str(files.v3_key),
        "XIAOMA_PAY_PLATFORM_KEYS": (
            f"{platform.key_id}={files.platform_public_key},"
            f"{platform.serial}={files.platform_certificate}"
        ),
        "XIAOMA_PAY_URLS": pay_url,
    }
