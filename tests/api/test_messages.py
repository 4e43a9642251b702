"""Messages to phones: agreed to in WeChat, noted with what they tell, sent by the worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from backend.domain.accounts import SchoolAccount
from backend.domain.card import FOUND_AFTER_SECONDS
from backend.domain.message import (
    ACCEPTANCES_MAX,
    PAUSE_SECONDS,
    TRIES_MAX,
    Delivery,
    Template,
    next_try,
    payment_facts,
)
from backend.tables.card import CardRow
from backend.tables.database import DatabaseUrl
from backend.tables.ledger import Ledger
from backend.tables.message import ConsentRow, OutboxRow
from backend.tables.store import make_store
from backend.usecases.access.expire_secrets import KEPT_SECONDS, expire_secrets
from backend.usecases.cards.report_loss import report_loss
from backend.usecases.ledger.credit_purse import credit_purse
from backend.usecases.messages.note_entries import note_entries
from backend.usecases.messages.send_messages import CLAIM_SECONDS, MESSAGES_MAX, UNKNOWN
from campus_code import issue_code
from campus_code.directory import CardState
from simulators.wechat.partner import FREEZE_TEMPLATE, PAYMENT_TEMPLATE
from tests.rig.guardians import make_minor, new_guardian
from tests.rig.messages import send_all
from tests.rig.office import SYSTEM, Office, Student, read_secrets
from tests.rig.shop import Shop
from tests.rig.wechat import SEND, TOKEN, SimulatedWechat

TEMPLATES = {"payment": PAYMENT_TEMPLATE, "freeze": FREEZE_TEMPLATE}


async def subscriber(phones: Office, wechat: SimulatedWechat, openid: str) -> Student:
    """A student whose phone was bound with a WeChat account."""
    holder = await phones.holder()
    card = await phones.card(holder.id)
    login = wechat.partner.login_code(openid)
    body = {"code": await phones.code(card.id), "wechat_code": login}
    told = (await phones.http.post("/student/bindings", json=body)).json()
    secrets = tuple(read_secrets(one) for one in told["secrets"])
    return Student(
        holder.id, card.id, card.number, holder.number, holder.name, told["session"], secrets
    )


async def agree(
    phones: Office, wechat: SimulatedWechat, student: Student, openid: str, template: str
) -> dict[str, int]:
    """Say yes in WeChat's dialogue, and tell the server."""
    wechat.partner.accept(openid, TEMPLATES[template])
    body = {"template": template, "accepted": True}
    answer = await phones.http.post("/student/subscriptions", json=body, headers=student.headers)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def freeze(phones: Office, student: Student) -> None:
    """The holder's one tap."""
    body = {"parts": ["money"]}
    answer = await phones.http.post("/student/freezes", json=body, headers=student.headers)
    assert answer.status_code == 201


async def send(phones: Office) -> dict[Delivery, int]:
    """What the worker's job does; what did not happen is left out."""
    return await send_all(phones)


def left(told: dict[str, int]) -> dict[str, int]:
    """The kinds there is something left of."""
    return {kind: count for kind, count in told.items() if count}


async def stock() -> dict[str, int]:
    """What is left of each kind, over all accounts."""
    rows = await ConsentRow.all()
    return {row.template: row.messages_left for row in rows if row.messages_left}


@pytest_asyncio.fixture
async def shop(phones: Office, migrated_url: str) -> AsyncIterator[Shop]:
    """A shop of a school that has a mini-program."""
    ledger = Ledger(make_store(DatabaseUrl.parse(migrated_url)), phones.clock, "tests")
    await ledger.open()
    try:
        yield Shop(phones, migrated_url, ledger)
    finally:
        await ledger.close()


async def test_a_freeze_is_told_once_for_each_acceptance(
    phones: Office, wechat: SimulatedWechat
) -> None:
    student = await subscriber(phones, wechat, "oMe")
    assert left(await agree(phones, wechat, student, "oMe", "freeze")) == {"freeze": 1}
    for _ in range(2):
        await freeze(phones, student)
    assert await send(phones) == {Delivery.SENT: 1}
    assert await send(phones) == {}
    (message,) = wechat.partner.messages
    assert message["touser"] == "oMe"
    assert message["data"] == {
        "thing1": {"value": "校园卡消费已冻结"},
        "time2": {"value": "2026年1月1日 12:00"},
    }
    phones.clock.now += FOUND_AFTER_SECONDS
    await phones.http.delete("/student/freezes", headers=student.headers)
    await freeze(phones, student)
    assert await send(phones) == {}, "the acceptance is used up"


async def test_a_guardians_freeze_and_a_loss_are_told_too(
    phones: Office, wechat: SimulatedWechat
) -> None:
    child, lost = [await subscriber(phones, wechat, name) for name in ("oChild", "oLost")]
    for student, openid in ((child, "oChild"), (lost, "oLost")):
        for _ in range(2):
            await agree(phones, wechat, student, openid, "freeze")
    await make_minor(child.holder_id)
    guardian = await new_guardian("oMother", phones.at, child.holder_id)
    path = f"/guardian/children/{child.holder_id}/freezes"
    await phones.http.post(path, json={"parts": ["money", "doors"]}, headers=guardian.headers)
    await report_loss(lost.card_id, actor=SYSTEM, at=phones.at, bus=phones.parts.bus)
    assert await send(phones) == {Delivery.SENT: 2}
    told = {one["touser"]: one["data"]["thing1"]["value"] for one in wechat.partner.messages}
    assert told == {"oChild": "校园卡消费已冻结", "oLost": "校园卡已挂失"}
    await CardRow.filter(id=lost.card_id).update(state=CardState.ACTIVE)
    await report_loss(lost.card_id, actor=SYSTEM, at=phones.at, bus=phones.parts.bus)
    assert await send(phones) == {}, "a lost phone is told nothing more"


async def test_freezes_at_once_use_one_acceptance(phones: Office, wechat: SimulatedWechat) -> None:
    student = await subscriber(phones, wechat, "oMe")
    for _ in range(3):
        await agree(phones, wechat, student, "oMe", "freeze")
    await asyncio.gather(*(freeze(phones, student) for _ in range(5)))
    assert (await OutboxRow.all().count(), await stock()) == (1, {"freeze": 2})


async def test_a_payment_is_told_once_and_only_after_the_yes(
    phones: Office, wechat: SimulatedWechat, shop: Shop
) -> None:
    student = await subscriber(phones, wechat, "oMe")
    paid = [(student.holder_id, 10_000)]
    await credit_purse(shop.ledger, "cash", SchoolAccount.OPENING, paid)
    till = await shop.till("清真窗口")
    await shop.pay(till, shop.code(student), 900)
    phones.clock.now += 60
    for _ in range(2):
        await agree(phones, wechat, student, "oMe", "payment")
    assert await note_entries(phones.at) == 0, "what was paid before is not told"
    phones.clock.now += 60
    await shop.pay(till, shop.code(student), 1205)
    assert [await note_entries(phones.at) for _ in range(3)] == [1, 0, 0]
    assert await send(phones) == {Delivery.SENT: 1}
    (message,) = wechat.partner.messages
    assert {key: one["value"] for key, one in message["data"].items()} == {
        "thing1": "清真窗口",
        "amount2": "12.05元",
        "time3": "2026年1月1日 12:02",
    }
    phones.clock.now += 60
    for _ in range(2):
        await shop.pay(till, shop.code(student), 100)
        phones.clock.now += 30
    assert await note_entries(phones.at) == 1, "one acceptance was left"
    assert await stock() == {}


async def test_who_pays_without_having_agreed_is_told_nothing(
    phones: Office, wechat: SimulatedWechat, shop: Shop
) -> None:
    one, other = [await subscriber(phones, wechat, name) for name in ("oOne", "oOther")]
    paid = [(one.holder_id, 10_000), (other.holder_id, 10_000)]
    await credit_purse(shop.ledger, "cash", SchoolAccount.OPENING, paid)
    await agree(phones, wechat, other, "oOther", "payment")
    await agree(phones, wechat, one, "oOne", "freeze")
    phones.clock.now += 60
    till = await shop.till()
    await shop.pay(till, issue_code(one.secrets[0], phones.at), 900)
    assert await note_entries(phones.at) == 0
    assert await OutboxRow.all().count() == 0


async def test_a_refused_message_drops_what_was_believed(
    phones: Office, wechat: SimulatedWechat
) -> None:
    student = await subscriber(phones, wechat, "oMe")
    for _ in range(3):
        await agree(phones, wechat, student, "oMe", "freeze")
    await agree(phones, wechat, student, "oMe", "payment")
    wechat.partner.refuse("oMe", FREEZE_TEMPLATE)
    await freeze(phones, student)
    assert await send(phones) == {Delivery.REFUSED: 1}
    assert await stock() == {"payment": 1}
    assert wechat.partner.messages == []


@pytest.mark.parametrize("kind", ["busy", "error"])
async def test_while_wechat_is_away_everything_waits(
    phones: Office, wechat: SimulatedWechat, kind: str
) -> None:
    names = ("oOne", "oTwo", "oThree")
    for name in names:
        student = await subscriber(phones, wechat, name)
        await agree(phones, wechat, student, name, "freeze")
        await freeze(phones, student)
    wechat.faults.plan(SEND, kind, 1)
    assert await send(phones) == {Delivery.WAITING: 1}, "the others are not tried"
    assert wechat.partner.calls[SEND] == 1
    assert await send(phones) == {}
    phones.clock.now += PAUSE_SECONDS
    assert await send(phones) == {Delivery.SENT: 3}
    assert {one["touser"] for one in wechat.partner.messages} == set(names)


async def test_what_stays_wrong_is_dropped_at_once_and_trouble_after_some_tries(
    phones: Office, wechat: SimulatedWechat
) -> None:
    student = await subscriber(phones, wechat, "oMe")
    await agree(phones, wechat, student, "oMe", "freeze")
    await freeze(phones, student)
    wechat.faults.plan(SEND, "stranger", TRIES_MAX)
    tries = []
    while row := await OutboxRow.get_or_none(state=Delivery.WAITING):
        phones.clock.now = max(phones.clock.now, row.due_at)
        tries += list(await send(phones))
    assert tries == [Delivery.WAITING] * (TRIES_MAX - 1) + [Delivery.DROPPED]
    await OutboxRow.create(
        topic="payment:1", wechat_id=row_id(await OutboxRow.first()), template="payment",
        body=payment_facts("x", 10**12, phones.at), made_at=phones.at, due_at=phones.at,
    )  # fmt: skip
    assert await send(phones) == {Delivery.DROPPED: 1}, "no amount looks like this"
    done = await OutboxRow.all()
    assert {row.state for row in done} == {Delivery.DROPPED}
    await expire_secrets(phones.at + KEPT_SECONDS)
    assert await OutboxRow.all().count() == 2
    await expire_secrets(phones.at + KEPT_SECONDS + 1)
    assert await OutboxRow.all().count() == 0


def row_id(row: OutboxRow | None) -> int:
    assert row is not None
    return int(row.wechat_id)


async def test_a_worker_that_dies_after_sending_sends_again_and_no_more(
    phones: Office, wechat: SimulatedWechat
) -> None:
    student = await subscriber(phones, wechat, "oMe")
    for _ in range(2):
        await agree(phones, wechat, student, "oMe", "freeze")
    await freeze(phones, student)
    row = await OutboxRow.get()
    assert await send(phones) == {Delivery.SENT: 1}
    claimed = {"state": Delivery.WAITING, "fault": UNKNOWN}  # as it was before the mark
    await OutboxRow.filter(id=row.id).update(**claimed)
    assert await send(phones) == {}, "it is claimed, the worker might be alive"
    phones.clock.now += CLAIM_SECONDS
    assert await send(phones) == {Delivery.SENT: 1}
    assert len(wechat.partner.messages) == 2
    assert await send(phones) == {}


async def test_a_run_sends_so_many_and_no_more(phones: Office, wechat: SimulatedWechat) -> None:
    student = await subscriber(phones, wechat, "oMe")
    await agree(phones, wechat, student, "oMe", "freeze")
    await freeze(phones, student)
    account = row_id(await OutboxRow.first())
    for number in range(MESSAGES_MAX):
        await OutboxRow.create(
            topic=f"freeze:x{number}", wechat_id=account, template="freeze",
            body={"state": "FROZEN", "at": "0"}, made_at=phones.at, due_at=phones.at,
        )  # fmt: skip
        wechat.partner.accept("oMe", FREEZE_TEMPLATE)
    assert await send(phones) == {Delivery.SENT: MESSAGES_MAX}
    assert await send(phones) == {Delivery.SENT: 1}
    assert wechat.partner.calls[TOKEN] == 1, "the first goes alone"


async def test_a_phone_without_an_account_and_a_school_without_templates_say_so(
    phones: Office,
) -> None:
    body = {"template": "freeze", "accepted": True}
    student = await phones.student()
    answer = await phones.http.post("/student/subscriptions", json=body, headers=student.headers)
    assert (answer.status_code, answer.json()["error"]) == (409, "no_wechat")
    told = (await phones.http.get("/student/subscriptions", headers=student.headers)).json()
    ids = {one["template"]: one["template_id"] for one in told["templates"]}
    assert (set(ids), ids["freeze"]) == ({one.value for one in Template}, FREEZE_TEMPLATE)
    assert told["ask_now"] == [], "there is nobody to ask"


async def test_a_refusal_keeps_nothing_and_there_is_an_end_to_what_is_kept(
    phones: Office, wechat: SimulatedWechat
) -> None:
    student = await subscriber(phones, wechat, "oMe")
    body = {"template": "freeze", "accepted": False}
    path = "/student/subscriptions"
    answer = await phones.http.post(path, json=body, headers=student.headers)
    assert left(answer.json()) == {}
    body["accepted"] = True
    for _ in range(ACCEPTANCES_MAX + 2):
        answer = await phones.http.post(path, json=body, headers=student.headers)
    assert left(answer.json()) == {"freeze": ACCEPTANCES_MAX}


async def test_a_new_phone_is_not_told_what_the_old_one_agreed_to(
    phones: Office, wechat: SimulatedWechat
) -> None:
    student = await subscriber(phones, wechat, "oOld")
    await agree(phones, wechat, student, "oOld", "freeze")
    renewed = await phones.bind(await CardRow.get(id=student.card_id))
    await freeze(phones, renewed)
    assert await OutboxRow.all().count() == 0


def test_tries_are_bounded_and_further_and_further_apart() -> None:
    pauses = [next_try(tries, 0) for tries in range(1, TRIES_MAX + 1)]
    assert pauses == [30, 60, 120, 240, 480, 960, 1920, None]
    assert [next_try(1, 0, chance) for chance in (0, 128, 255)] == [30, 37, 44]
