"""Ordering, checking and counting top-ups over the wire, for every test of them."""

from __future__ import annotations

import itertools
from typing import Any

import httpx

from backend.api.top_up_told import desk_of
from backend.usecases.top_ups.ask_orders import ask_orders
from tests.rig.guardians import Guardian
from tests.rig.office import Student
from tests.rig.paying import Paying
from tests.rig.raw_books import select
from tests.rig.wechat_pay import APP_ID, MCHID

Json = dict[str, Any]
NOTICES = "/webhooks/wechat-pay/payments"

_keys = itertools.count(1)


def new_key() -> str:
    """A request key that no other order has."""
    return f"request-{next(_keys)}"


def base_of(who: Student | Guardian, holder_id: int = 0) -> str:
    """Where somebody's top-ups are."""
    return f"/guardian/children/{holder_id}" if isinstance(who, Guardian) else "/student"


async def post(
    paying: Paying, who: Student | Guardian, path: str, body: object = None, holder_id: int = 0
) -> httpx.Response:
    """POST below somebody's own address, whatever comes of it."""
    url = base_of(who, holder_id) + path
    return await paying.http.post(url, json=body, headers=who.headers)


async def order(
    paying: Paying, who: Student | Guardian, amount_fen: int = 5_000, holder_id: int = 0
) -> Json:
    """An order that must be taken."""
    body = {"request_key": new_key(), "amount_fen": amount_fen}
    answer = await post(paying, who, "/top-ups", body, holder_id)
    assert answer.status_code == 201, answer.text
    told: Json = answer.json()
    return told


async def check(paying: Paying, who: Student | Guardian, number: str, holder_id: int = 0) -> Json:
    """What a phone does that was told "ok"."""
    answer = await post(paying, who, f"/top-ups/{number}/checks", None, holder_id)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


async def paid_in_silence(paying: Paying, who: Student, amount_fen: int = 5_000) -> str:
    """An order that was paid and of which no notice comes; its number."""
    paying.plan(what="notices", kind="never")
    number: str = (await order(paying, who, amount_fen))["number"]
    paying.pay(number)
    return number


async def work(paying: Paying) -> dict[str, int]:
    """What the worker does every few seconds."""
    return dict(await ask_orders(desk_of(paying.office.parts)))


async def work_for(paying: Paying, seconds: int, every: int = 5) -> None:
    """Let time go by with the worker at work."""
    for _ in range(0, seconds, every):
        await paying.advance(every)
        await work(paying)


def credited(paying: Paying) -> list[tuple[int, str]]:
    """Every lot: (fen, our order number)."""
    (rows,) = select(paying.url, "SELECT amount_fen, reference FROM lot ORDER BY id")
    return [(fen, number) for fen, number in rows]


def state(paying: Paying, number: str) -> tuple[str, str, str]:
    """An order's (state, why it is held, by what it was proven)."""
    (rows,) = select(
        paying.url,
        f"SELECT state, held_because, proven_by FROM top_up WHERE out_trade_no='{number}'",
    )
    row: tuple[str, str, str] = rows[0]
    return row


def incidents(paying: Paying) -> list[str]:
    """The verbs of the lines that people are to look at."""
    (rows,) = select(
        paying.url,
        "SELECT verb FROM audit WHERE subject LIKE 'order:%' ORDER BY id",
    )
    return [verb for (verb,) in rows]


def content(paying: Paying, number: str, **changes: Any) -> Json:
    """What a notice tells of a paid order, true but for the changes."""
    held = paying.held(number)
    return {**held.paid(), "trade_state": "SUCCESS", **changes}


def headers_of(
    paying: Paying, body: bytes, *, late_seconds: float = 0, nonce: str = "n" * 32
) -> dict[str, str]:
    """WeChat Pay's signature under a body."""
    return paying.sim.platform.headers(body, paying.sim.clock() - late_seconds, nonce)


def foreign(number: str, **changes: Any) -> Json:
    """A paid order that WeChat Pay may know, and we do not."""
    return {
        "appid": APP_ID,
        "mchid": MCHID,
        "out_trade_no": number,
        "transaction_id": "4200000001202601010000000001",
        "trade_type": "JSAPI",
        "trade_state": "SUCCESS",
        "success_time": "2026-01-01T12:00:00+08:00",
        "payer": {"openid": "o-somebody"},
        "amount": {"total": 5_000, "payer_total": 5_000, "currency": "CNY"},
        **changes,
    }
