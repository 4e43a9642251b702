"""Contested payments: the holder's own only, one a payment, decided once, no money moved."""

from __future__ import annotations

import asyncio

import pytest

from backend.domain.access import Actor, Audience
from backend.domain.correction import CorrectionKind
from backend.domain.dispute import DisputeReason, DisputeState, Remedy
from backend.domain.errors import ConflictError, NotFoundError
from backend.domain.payment import OutcomeWord
from backend.tables.card import CardRow
from backend.tables.payment import DisputeRow
from backend.usecases.audits.read_own_trail import read_own_trail
from backend.usecases.cardholders.read_payments import read_payments
from backend.usecases.disputes.decide_dispute import decide_dispute
from backend.usecases.disputes.open_dispute import open_dispute
from backend.usecases.disputes.read_disputes import read_open_disputes, read_own_disputes
from backend.usecases.payments.approve_correction import approve_correction
from backend.usecases.payments.ask_correction import CorrectionAsked, ask_correction
from campus_code import card_number
from tests.rig.campus import NOON, Campus

JUDGE = Actor(Audience.STAFF, 1, "judge")
OTHER_JUDGE = Actor(Audience.STAFF, 2, "another")
UPHELD, REFUSED = DisputeState.UPHELD, DisputeState.REFUSED


async def holder_of(campus: Campus, cash_fen: int = 10_000) -> tuple[int, Actor]:
    holder_id = await campus.holder(cash_fen)
    card = await CardRow.get(holder_id=holder_id)
    return holder_id, Actor(Audience.STUDENT, card.id, "holder", card_id=card.id)


async def paid(campus: Campus, till: int, holder_id: int, fen: int = 500) -> int:
    campus.now += 15
    (outcome,) = await campus.post(campus.tap(till, holder_id, fen))
    return outcome.payment_id


async def contest(payment_id: int, actor: Actor, reason: str = "not_me", words: str = "") -> bool:
    opened = await open_dispute(payment_id, DisputeReason(reason), words, actor=actor, at=NOON)
    return opened.is_new


async def test_a_holder_contests_once(audited: Campus) -> None:
    till = await audited.terminal()
    holder, actor = await holder_of(audited)
    payment = await paid(audited, till, holder)
    assert await contest(payment, actor, "twice", "刷了两次; twice' --")
    assert not await contest(payment, actor, "other", "and more")
    (dispute,) = await read_own_disputes(actor.id, lines_max=10)
    assert (dispute.payment_id, dispute.reason, dispute.note) == (
        payment,
        "twice",
        "刷了两次; twice' --",
    )
    assert (dispute.state, dispute.is_automatic) == (DisputeState.OPEN, False)
    (line,) = await read_payments(actor.id, before_id=0, lines_max=10)
    assert line.dispute == "open"
    verbs = [one.verb for one in await read_own_trail(actor.id, before_id=0, lines_max=10)]
    assert verbs == ["disputes.open"]


async def test_somebody_elses_payment_is_unknown(audited: Campus) -> None:
    till = await audited.terminal()
    holder, _ = await holder_of(audited)
    _, stranger = await holder_of(audited)
    payment = await paid(audited, till, holder)
    for wanted in (payment, payment + 8, 1):
        with pytest.raises(NotFoundError, match="unknown_payment"):
            await contest(wanted, stranger)
    assert await DisputeRow.all().count() == 0


async def test_a_payment_of_an_older_card_is_the_holders_too(audited: Campus) -> None:
    till = await audited.terminal()
    holder, _ = await holder_of(audited)
    payment = await paid(audited, till, holder)
    newer = await CardRow.create(
        number=card_number(900), holder_id=holder, issue=1, opened_at="2026-01-01T00:00:00+00:00"
    )
    actor = Actor(Audience.STUDENT, newer.id, "holder", card_id=newer.id)
    assert await contest(payment, actor)
    assert [one.payment_id for one in await read_own_disputes(newer.id, lines_max=10)] == [payment]


async def test_ten_taps_open_one(audited: Campus) -> None:
    till = await audited.terminal()
    holder, actor = await holder_of(audited)
    payment = await paid(audited, till, holder)
    new = await asyncio.gather(*(contest(payment, actor) for _ in range(10)))
    assert sorted(new) == [False] * 9 + [True]
    assert await DisputeRow.all().count() == 1


async def test_what_the_ledger_contested_is_not_overwritten(audited: Campus) -> None:
    first, second = await audited.terminal(), await audited.terminal("Rice")
    holder, actor = await holder_of(audited)
    taps = [audited.record(till, holder, 500) for till in (first, second)]
    _, again = await audited.post(*taps)
    assert again.word is OutcomeWord.DISPUTED
    before = await DisputeRow.get(id=again.payment_id).values()
    assert not await contest(again.payment_id, actor, "not_me", "words")
    assert await DisputeRow.get(id=again.payment_id).values() == before
    (dispute,) = await read_own_disputes(actor.id, lines_max=10)
    assert (dispute.reason, dispute.is_automatic) == ("already_used", True)
    assert dispute.first_payment_id != 0
    decided = await decide_dispute(again.payment_id, UPHELD, "", actor=JUDGE, at=NOON)
    assert decided.remedy is None, "the school bears it: no purse has anything to get back"


async def test_a_decision_stands_and_moves_no_money(audited: Campus) -> None:
    till = await audited.terminal()
    holder, actor = await holder_of(audited)
    payment = await paid(audited, till, holder)
    await contest(payment, actor)
    for judge in (JUDGE, OTHER_JUDGE):
        decided = await decide_dispute(payment, UPHELD, "查监控", actor=judge, at=NOON + judge.id)
        assert decided.dispute.decided_at == NOON + JUDGE.id
        assert decided.remedy == Remedy(CorrectionKind.VOID, payment, 500)
    with pytest.raises(ConflictError, match="decided_already"):
        await decide_dispute(payment, REFUSED, "", actor=OTHER_JUDGE, at=NOON)
    row = await DisputeRow.get(id=payment)
    assert (row.decision, row.decided_by, row.decision_note) == ("upheld", JUDGE.label, "查监控")
    assert await audited.balance(holder) == 9500
    assert await read_open_disputes(JUDGE, after_id=0, lines_max=10) == []
    (line,) = await read_payments(actor.id, before_id=0, lines_max=10)
    assert line.dispute == "upheld"
    trail = await read_own_trail(actor.id, before_id=0, lines_max=10)
    assert [one.verb for one in trail] == ["disputes.decide", "disputes.open"]
    assert not await contest(payment, actor), "decided is decided"


async def test_what_nobody_contests_is_not_decided(audited: Campus) -> None:
    till = await audited.terminal()
    holder, _ = await holder_of(audited)
    payment = await paid(audited, till, holder)
    with pytest.raises(NotFoundError, match="unknown_dispute"):
        await decide_dispute(payment, UPHELD, "", actor=JUDGE, at=NOON)


async def test_a_remedy_is_one_the_ledger_takes(audited: Campus) -> None:
    till = await audited.terminal()
    holder, actor = await holder_of(audited)
    whole, partly = await paid(audited, till, holder), await paid(audited, till, holder, 800)
    asked = CorrectionAsked("key-0", partly, CorrectionKind.REFUND, 300, "菜凉了")
    request = await ask_correction(asked, JUDGE, NOON)
    await approve_correction(audited.ledger, audited.clock, request, OTHER_JUDGE)
    remedies = []
    for payment, reason in ((whole, "not_me"), (partly, "twice")):
        await contest(payment, actor, reason)
        decided = await decide_dispute(payment, UPHELD, "", actor=JUDGE, at=NOON)
        assert decided.remedy is not None
        remedies.append(decided.remedy)
    assert [(one.kind, one.amount_fen) for one in remedies] == [
        (CorrectionKind.VOID, 500),
        (CorrectionKind.REFUND, 500),
    ]
    for one in remedies:
        asked = CorrectionAsked(
            f"key-{one.payment_id}", one.payment_id, one.kind, one.amount_fen, "争议成立"
        )
        request = await ask_correction(asked, JUDGE, NOON)
        await approve_correction(audited.ledger, audited.clock, request, OTHER_JUDGE)
        decided = await decide_dispute(one.payment_id, UPHELD, "", actor=JUDGE, at=NOON)
        assert decided.remedy is None, "all of it went back"
    assert await audited.balance(holder) == 10_000


async def test_the_office_reads_page_by_page(audited: Campus) -> None:
    till = await audited.terminal()
    holder, actor = await holder_of(audited)
    payments = [await paid(audited, till, holder) for _ in range(5)]
    for payment in payments:
        await contest(payment, actor)
    await decide_dispute(payments[1], REFUSED, "", actor=JUDGE, at=NOON)
    read, after = [], 0
    while page := await read_open_disputes(JUDGE, after_id=after, lines_max=2):
        read += [one.payment_id for one in page]
        after = page[-1].payment_id
    assert read == [payments[0], *payments[2:]]
