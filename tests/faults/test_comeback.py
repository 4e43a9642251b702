"""
A week offline, then every terminal at once: each record is posted once (R3, R4).

Records come in pieces of any size, some pieces again, some in the wrong order, between payments
that are made online meanwhile. Told twice is paid once; what came too early is asked for again.
"""

from __future__ import annotations

import random

import pytest

from backend.domain.payment import Attempt, OutcomeWord
from campus_code import business_day
from tests.rig.campus import NOON, Campus
from tests.rig.journal import Journal
from tests.rig.raw_books import assert_sound

DAY_SECONDS = 86_400
DAYS = 7
TERMINALS = 8
PER_TERMINAL = 35
PIECE_MAX = 12
FEN = 100
SEED = 20_260_101
ANSWERED = {OutcomeWord.POSTED, OutcomeWord.REPEATED}


async def _week(campus: Campus, chance: random.Random, holders: list[int]) -> list[Journal]:
    """What each terminal sold alone, day after day; no card twice within a step."""
    journals = []
    steps = iter(chance.sample(range(DAYS * DAY_SECONDS // 15), TERMINALS * PER_TERMINAL))
    for _ in range(TERMINALS):
        journal = Journal(campus, await campus.terminal())
        for step in sorted(next(steps) for _ in range(PER_TERMINAL)):
            at = NOON - DAYS * DAY_SECONDS + step * 15
            day = business_day(at, campus.rules)
            journal.pay(chance.choice(holders), FEN, at=at, step=at // 15, business_on=day)
        journals.append(journal)
    return journals


def _pieces(records: list[Attempt], chance: random.Random) -> list[list[Attempt]]:
    """The journal in pieces, each perhaps once more, now and then two exchanged."""
    pieces, start = [], 0
    while start < len(records):
        count = chance.randint(1, PIECE_MAX)
        pieces += [records[start : start + count]] * chance.choice((1, 1, 2))
        start += count
    for place in range(len(pieces) - 1):
        if chance.random() < 0.2:
            pieces[place], pieces[place + 1] = pieces[place + 1], pieces[place]
    return pieces


@pytest.mark.timeout(120)
async def test_a_week_of_every_terminal_is_posted_once(campus: Campus, migrated_url: str) -> None:
    chance = random.Random(SEED)
    holders = [await campus.holder(100_000) for _ in range(20)]
    journals = await _week(campus, chance, holders)
    till = await campus.terminal()
    waiting = [_pieces(journal.records, chance) for journal in journals]
    online = 0
    while any(waiting):
        pieces = chance.choice([one for one in waiting if one])
        piece = pieces.pop(0)
        outcomes = await campus.post(*piece)
        if any(one.word is OutcomeWord.GAP for one in outcomes):
            pieces.append(piece)  # as a terminal does: from the expected one on, later
        else:
            assert {one.word for one in outcomes} <= ANSWERED
        if chance.random() < 0.2:
            online += 1
            tap = campus.tap(till, chance.choice(holders), FEN, step=NOON // 15 + online)
            (paid,) = await campus.post(tap._replace(at=NOON + 15 * online))
            assert paid.word is OutcomeWord.POSTED
    books = assert_sound(migrated_url, campus.sent)
    sold = [row for row in books.payments if row[1] != till]
    assert len(sold) == TERMINALS * PER_TERMINAL
    assert {row[5] for row in sold} == {FEN}
    assert len(books.payments) == len(sold) + online
    assert books.quarantine == []
