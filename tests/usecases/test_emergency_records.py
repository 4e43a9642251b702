"""Emergency codes in uploads: no `tac` vouches for them, so their own low limit has to hold."""

from __future__ import annotations

from backend.domain.payment import OutcomeWord
from campus_code import CredentialKind, Refusal
from tests.rig.campus import Campus

TODAY = 20260101


async def test_beyond_its_limit_the_school_bears_it(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    limit_fen = campus.rules.emergency.payment_fen_max
    record = campus.record(
        till, holder, limit_fen + 1, credential=CredentialKind.EMERGENCY, step=TODAY
    )
    (outcome,) = await campus.post(record)
    assert (outcome.word, outcome.reason) == (OutcomeWord.SUSPENSE, Refusal.SINGLE_LIMIT)
    assert await campus.balance(holder) == 10_000


async def test_at_its_limit_the_holder_pays(campus: Campus) -> None:
    till, holder = await campus.terminal(), await campus.holder()
    limit_fen = campus.rules.emergency.payment_fen_max
    record = campus.record(till, holder, limit_fen, credential=CredentialKind.EMERGENCY, step=TODAY)
    (outcome,) = await campus.post(record)
    assert outcome.word is OutcomeWord.POSTED
    assert await campus.balance(holder) == 10_000 - limit_fen
