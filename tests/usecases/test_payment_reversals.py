"""Reversals: a terminal undoes its own attempt, once, wherever its answer was lost."""

from __future__ import annotations

from backend.domain.payment import Outcome, OutcomeWord
from backend.domain.times import utc
from backend.tables.card import CardRow
from backend.tables.cardholder import TallyRow
from backend.tables.terminal import TerminalRow
from campus_code import CardState, GroupRules, Refusal
from tests.rig.campus import NOON, Campus, make_rules
from tests.rig.journal import Journal
from tests.rig.raw_books import read_books


def _words(outcomes: list[Outcome]) -> list[str]:
    return [one.word.value for one in outcomes]


async def _count(holder: int) -> tuple[int, int, int]:
    tally = await TallyRow.get(holder_id=holder)
    return tally.day_fen, tally.meal_fen, tally.meal_count


async def test_a_payment_is_undone_once(audited: Campus, migrated_url: str) -> None:
    till, holder = await audited.terminal(), await audited.holder(1000, benefit_fen=800)
    tap = audited.tap(till, holder, 1250)
    (paid,) = await audited.post(tap)
    assert await _count(holder) == (1250, 1250, 1)
    for _ in range(3):
        (undone,) = await audited.post(audited.undo(till, tap.sequence))
        assert (undone.word, undone.payment_id) == (OutcomeWord.REVERSED, paid.payment_id)
    assert (await audited.balance(holder), await audited.balance(holder, "benefit")) == (1000, 800)
    assert await _count(holder) == (0, 0, 0)
    assert len(read_books(migrated_url).reversals) == 1


async def test_two_reversals_in_one_set_give_back_once(audited: Campus) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    tap = audited.tap(till, holder, 1250)
    await audited.post(tap)
    twice = [audited.undo(till, tap.sequence), audited.undo(till, tap.sequence)]
    assert _words(await audited.post(*twice)) == ["reversed"] * 2
    assert await audited.balance(holder) == 10_000


async def test_a_late_arrival_of_what_was_undone_is_refused(
    audited: Campus, migrated_url: str
) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    lost, record = audited.tap(till, holder, 1250), audited.record(till, holder, 700, step=9)
    undone = await audited.post(
        audited.undo(till, lost.sequence), audited.undo(till, record.sequence)
    )
    assert _words(undone) == ["nothing_to_reverse"] * 2
    tapped, told = await audited.post(lost, record)
    assert (tapped.word, tapped.reason) == (OutcomeWord.DECLINED, Refusal.REVERSED)
    assert (told.word, told.evidence) == (OutcomeWord.CONFLICT, {"quarantine": "reversed"})
    assert read_books(migrated_url).payments == []
    assert await audited.balance(holder) == 10_000


async def test_a_repeat_of_what_was_undone_is_not_approved(audited: Campus) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    tap = audited.tap(till, holder, 1250)
    await audited.post(tap)
    await audited.post(audited.undo(till, tap.sequence))
    (again,) = await audited.post(tap)
    assert (again.word, again.reason) == (OutcomeWord.DECLINED, Refusal.REVERSED)


async def test_a_code_stays_used_when_its_payment_is_undone(audited: Campus) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    tap = audited.tap(till, holder, 1250)
    await audited.post(tap)
    await audited.post(audited.undo(till, tap.sequence))
    (again,) = await audited.post(audited.tap(till, holder, 1250))
    assert again.reason is Refusal.ALREADY_USED


async def test_a_payment_and_its_reversal_in_one_set(audited: Campus, migrated_url: str) -> None:
    till, holder = await audited.terminal(), await audited.holder(300)
    tap, record = audited.tap(till, holder, 200), audited.record(till, holder, 900, step=9)
    outcomes = await audited.post(
        tap, audited.undo(till, tap.sequence), record, audited.undo(till, record.sequence)
    )
    assert _words(outcomes) == ["posted", "reversed", "suspense", "reversed"]
    assert await audited.balance(holder) == 300
    assert [row[4] != 0 for row in read_books(migrated_url).items] == [True]
    assert await _count(holder) == (0, 0, 0)


async def test_a_reversal_before_its_payment_in_one_set(audited: Campus) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    tap = audited.tap(till, holder, 200)
    outcomes = await audited.post(audited.undo(till, tap.sequence), tap)
    assert _words(outcomes) == ["nothing_to_reverse", "declined"]


async def test_a_reversal_of_its_own_sequence_keeps_it_closed(audited: Campus) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    undo = audited.undo(till, 0)
    assert undo.reverses == undo.sequence
    assert _words(await audited.post(undo, undo)) == ["nothing_to_reverse"] * 2
    (late,) = await audited.post(audited.tap(till, holder, 100, sequence=undo.sequence))
    assert late.reason is Refusal.REVERSED


async def test_another_terminals_payment_is_not_undone(audited: Campus) -> None:
    one, other, holder = await audited.terminal(), await audited.terminal(), await audited.holder()
    tap = audited.tap(one, holder, 1250)
    await audited.post(tap)
    assert _words(await audited.post(audited.undo(other, tap.sequence))) == ["nothing_to_reverse"]
    assert await audited.balance(holder) == 8750


async def test_an_undone_shortfall_closes_its_item(audited: Campus, migrated_url: str) -> None:
    till, holder = await audited.terminal(), await audited.holder(500)
    record = audited.record(till, holder, 1250)
    await audited.post(record)
    await audited.post(audited.undo(till, record.sequence))
    (item,) = read_books(migrated_url).items
    assert item[4] != 0
    assert await audited.balance(holder) == 500


async def test_an_undone_dispute_gives_the_holder_nothing(audited: Campus) -> None:
    one, other, holder = await audited.terminal(), await audited.terminal(), await audited.holder()
    first, second = audited.record(one, holder, 800), audited.record(other, holder, 900)
    await audited.post(first, second)
    assert _words(await audited.post(audited.undo(other, second.sequence))) == ["reversed"]
    assert await audited.balance(holder) == 9200
    assert await _count(holder) == (800, 800, 1)


async def test_an_unknown_cards_payment_is_undone_without_a_holder(audited: Campus) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    record = audited.record(till, holder, 900, card_number="00000150")
    await audited.post(record)
    assert _words(await audited.post(audited.undo(till, record.sequence))) == ["reversed"]


async def test_a_revoked_terminals_journal_undoes_nothing(
    audited: Campus, migrated_url: str
) -> None:
    journal = Journal(audited, await audited.terminal())
    holder = await audited.holder()
    await audited.post(journal.pay(holder, 1250))
    await TerminalRow.filter(id=journal.terminal_id).update(revoked_at=utc(NOON))
    for _ in range(2):
        assert _words(await audited.post(journal.undo(1))) == ["conflict"]
    assert {row[2] for row in read_books(migrated_url).quarantine} == {"terminal_revoked"}
    assert await audited.balance(holder) == 8750


async def test_late_records_count_where_they_belong(audited: Campus) -> None:
    """An earlier meal counts for the day only, an earlier day not at all, a newer one afresh."""
    till, holder = await audited.terminal(), await audited.holder(50_000)
    await audited.post(audited.tap(till, holder, 1000))
    early = {"at": NOON - 4 * 3600, "period_id": ""}
    await audited.post(audited.record(till, holder, 200, step=1, **early))
    assert await _count(holder) == (1200, 1000, 1)
    old = {"at": NOON - 86_400, "business_on": 20251231}
    await audited.post(audited.record(till, holder, 300, step=2, **old))
    assert await _count(holder) == (1200, 1000, 1)
    same = {"at": NOON - 600}
    await audited.post(audited.record(till, holder, 50, step=3, **same))
    assert await _count(holder) == (1250, 1050, 2)
    audited.now = NOON + 5 * 3600
    await audited.post(audited.tap(till, holder, 40, step=4))
    assert await _count(holder) == (1290, 40, 1)
    tally = await TallyRow.get(holder_id=holder)
    assert (tally.period_id, tally.last_at) == ("dinner", NOON + 5 * 3600)


async def test_a_frozen_card_is_refused_online(audited: Campus) -> None:
    till, holder = await audited.terminal(), await audited.holder()
    for state, reason in (
        (CardState.FROZEN, Refusal.FROZEN),
        (CardState.LOST, Refusal.LOST),
        (CardState.CLOSED, Refusal.CLOSED),
    ):
        await CardRow.filter(holder_id=holder).update(state=state, frozen_at=NOON + 60)
        (outcome,) = await audited.post(audited.tap(till, holder, 100))
        assert outcome.reason is reason
    assert await audited.balance(holder) == 10_000


async def test_the_interval_is_of_one_terminal(audited: Campus) -> None:
    """Two quick taps at one till are one tap too many; at two tills they are two meals."""
    group = GroupRules("canteen", "食堂", "Canteen", interval_seconds=60)
    audited.rules = make_rules(groups={"canteen": group})
    one, other, holder = await audited.terminal(), await audited.terminal(), await audited.holder()
    outcomes = []
    for step, till in enumerate((one, one, other, other, one)):
        audited.now += 20
        outcomes += await audited.post(audited.tap(till, holder, 100, step=step))
    soon = Refusal.TOO_SOON
    assert [one.reason for one in outcomes] == [None, soon, None, soon, None]
