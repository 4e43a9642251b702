"""Cards from opening to closing: what stands in the tables, and who is told."""

from __future__ import annotations

import asyncio
import os

import pytest

from backend.domain.access import Actor, Audience, Role
from backend.domain.accounts import PURSES
from backend.domain.card import FOUND_AFTER_SECONDS, Card, Part
from backend.domain.errors import ConflictError, ForbiddenError, NotFoundError
from backend.tables.account import AccountRow
from backend.tables.card import CardRow, DenialRow
from backend.tables.card_openings import CARDS_PER_HOLDER_MAX
from backend.tables.cardholder import CardholderRow
from backend.tables.doors import door_cards_after
from backend.tables.staff import AuditRow
from backend.tables.versions import Versions, read_versions
from backend.usecases.cards.close_card import close_card
from backend.usecases.cards.freeze_card import freeze_card
from backend.usecases.cards.lift_freeze import lift_freeze
from backend.usecases.cards.open_card import open_card
from backend.usecases.cards.replace_card import replace_card
from backend.usecases.cards.report_loss import report_loss
from backend.usecases.ports import Randomness
from campus_code import CardState, DoorCard, is_damm
from tests.rig.campus import NOON, Campus
from tests.rig.listening import RememberingBus

OFFICE = Actor(Audience.STAFF, 3, "王老师", role=Role.CARD_OFFICE)
BOTH = frozenset(Part)
MONEY = frozenset({Part.MONEY})


async def card_of(campus: Campus, **options: int) -> CardRow:
    """A holder's first card; his purses hold what `options` say."""
    holder_id = await campus.holder(**options)
    return await CardRow.get(holder_id=holder_id)


def holder_of(card: CardRow) -> Actor:
    return Actor(Audience.STUDENT, card.id, card.number, card_id=card.id)


async def opened(
    campus: Campus,
    holder_id: int,
    randomness: Randomness = os.urandom,
    bus: RememberingBus | None = None,
) -> Card:
    """One more card of a holder."""
    return await open_card(
        holder_id,
        rules=campus.rules,
        actor=OFFICE,
        at=NOON,
        randomness=randomness,
        bus=bus or RememberingBus(),
    )


async def denials(card: CardRow) -> list[tuple[int | None, int]]:
    rows = await DenialRow.filter(card_number=card.number).order_by("version")
    return [(row.issue, row.state) for row in rows]


async def moved(before: Versions) -> tuple[int, int]:
    """By how much the directory's and the denylist's versions rose."""
    after = await read_versions()
    return after.directory - before.directory, after.denylist - before.denylist


async def verbs(card_id: int) -> list[str]:
    return [row.verb for row in await AuditRow.filter(subject=f"card:{card_id}").order_by("id")]


async def test_an_opened_card_has_a_free_number_and_is_heard_of(campus: Campus) -> None:
    holder_id = await campus.holder()
    before, bus = await read_versions(), RememberingBus()
    card = await opened(campus, holder_id, bus=bus)
    row = await CardRow.get(id=card.id)
    assert is_damm(card.number)
    assert (row.state, row.issue, row.offline_limit_fen) == (CardState.ACTIVE, 0, 5000)
    assert row.changed_version == before.directory + 1
    assert bus.topics() == {"directory"}
    assert await verbs(card.id) == ["cards.issue"]


async def test_a_number_that_was_ever_used_is_not_drawn_again(campus: Campus) -> None:
    holder_id = await campus.holder()
    draws = [bytes(8), bytes(8), (7).to_bytes(8)]
    first = await opened(campus, holder_id, lambda _: draws.pop(0))
    await report_loss(first.id, actor=OFFICE, at=NOON, bus=RememberingBus())
    second = await opened(campus, holder_id, lambda _: draws.pop(0))
    assert (first.number, second.number[:7]) == ("00000000", "0000007")


async def test_a_holder_has_so_many_cards_and_no_more(campus: Campus) -> None:
    holder_id = await campus.holder()

    for _ in range(CARDS_PER_HOLDER_MAX - 1):
        await opened(campus, holder_id)
    with pytest.raises(ConflictError):
        await opened(campus, holder_id)
    assert await CardRow.filter(holder_id=holder_id).count() == CARDS_PER_HOLDER_MAX


async def test_somebody_who_left_gets_no_card(campus: Campus) -> None:
    holder_id = await campus.holder()
    await CardholderRow.filter(id=holder_id).update(is_active=False)
    with pytest.raises(ConflictError):
        await opened(campus, holder_id)
    with pytest.raises(NotFoundError):
        await opened(campus, holder_id + 1000)


async def test_a_freeze_is_denied_and_told_after_the_commit(campus: Campus) -> None:
    card, before, bus = await card_of(campus), await read_versions(), RememberingBus()
    change = await freeze_card(card.id, BOTH, actor=holder_of(card), at=NOON, bus=bus)
    assert change.card.state is CardState.FROZEN
    assert await denials(card) == [(None, CardState.FROZEN)]
    assert await moved(before) == (1, 1)
    row = await CardRow.get(id=card.id)
    assert (row.state, row.frozen_at, row.are_doors_frozen) == (CardState.FROZEN, NOON, True)
    assert row.changed_version == before.directory + 1
    assert bus.topics() == {"denylist", "directory", "doors"}


async def test_a_second_freeze_changes_nothing(campus: Campus) -> None:
    card = await card_of(campus)
    await freeze_card(card.id, BOTH, actor=holder_of(card), at=NOON, bus=RememberingBus())
    before, bus = await read_versions(), RememberingBus()
    await freeze_card(card.id, MONEY, actor=holder_of(card), at=NOON + 9, bus=bus)
    assert await moved(before) == (0, 0)
    assert bus.topics() == set()
    assert await verbs(card.id) == ["cards.freeze"]
    assert (await CardRow.get(id=card.id)).frozen_at == NOON


async def test_twenty_taps_at_once_are_one_freeze(campus: Campus) -> None:
    card, before = await card_of(campus), await read_versions()
    bus = RememberingBus()
    await asyncio.gather(
        *(freeze_card(card.id, BOTH, actor=holder_of(card), at=NOON, bus=bus) for _ in range(20))
    )
    assert await moved(before) == (1, 1)
    assert await verbs(card.id) == ["cards.freeze"]


async def test_doors_alone_are_nothing_to_the_till_and_told_to_doors(campus: Campus) -> None:
    card, before, bus = await card_of(campus), await read_versions(), RememberingBus()
    doors = frozenset({Part.DOORS})
    await freeze_card(card.id, doors, actor=holder_of(card), at=NOON, bus=bus)
    assert (await CardRow.get(id=card.id)).are_doors_frozen
    assert await moved(before) == (0, 0)
    assert bus.heard == [("doors", {"version": before.doors + 1})]
    assert await door_cards_after(before.doors) == [(card.number, DoorCard(is_frozen=True))]


async def test_money_alone_is_nothing_to_doors(campus: Campus) -> None:
    card, before, bus = await card_of(campus), await read_versions(), RememberingBus()
    await freeze_card(card.id, MONEY, actor=holder_of(card), at=NOON, bus=bus)
    assert (await read_versions()).doors == before.doors
    assert bus.topics() == {"denylist", "directory"}
    assert await door_cards_after(0) == []


async def test_found_lifts_the_denial(campus: Campus) -> None:
    card, bus = await card_of(campus), RememberingBus()
    await freeze_card(card.id, BOTH, actor=holder_of(card), at=NOON, bus=bus)
    later = NOON + FOUND_AFTER_SECONDS
    await lift_freeze(card.id, actor=holder_of(card), at=later, bus=bus)
    assert await denials(card) == [(None, CardState.FROZEN), (None, CardState.ACTIVE)]
    row = await CardRow.get(id=card.id)
    assert (row.state, row.frozen_at, row.frozen_by) == (CardState.ACTIVE, 0, "")
    assert await verbs(card.id) == ["cards.freeze", "cards.unfreeze"]


async def test_what_the_office_froze_the_holder_cannot_lift(campus: Campus) -> None:
    card = await card_of(campus)
    await freeze_card(card.id, BOTH, actor=OFFICE, at=NOON, bus=RememberingBus())
    with pytest.raises(ForbiddenError):
        await lift_freeze(card.id, actor=holder_of(card), at=NOON + 999, bus=RememberingBus())
    assert (await CardRow.get(id=card.id)).state == CardState.FROZEN


async def test_a_loss_denies_the_card_and_its_phone_for_good(campus: Campus) -> None:
    card, before, bus = await card_of(campus), await read_versions(), RememberingBus()
    await report_loss(card.id, actor=OFFICE, at=NOON, bus=bus)
    assert await denials(card) == [(1, CardState.LOST), (None, CardState.LOST)]
    row = await CardRow.get(id=card.id)
    assert (row.state, row.issue, row.issue_raised_at) == (CardState.LOST, 2, NOON)
    assert await moved(before) == (1, 2)
    await report_loss(card.id, actor=OFFICE, at=NOON + 9, bus=bus)
    assert await moved(before) == (1, 2)


async def test_a_replacement_has_another_number_and_the_same_purses(campus: Campus) -> None:
    card = await card_of(campus, cash_fen=1234)
    await report_loss(card.id, actor=OFFICE, at=NOON, bus=RememberingBus())
    bus = RememberingBus()
    made = await replace_card(card.id, actor=OFFICE, at=NOON + 5, randomness=os.urandom, bus=bus)
    old, new = await CardRow.get(id=card.id), await CardRow.get(id=made.id)
    assert new.number != old.number
    assert (new.holder_id, new.replaces_id, new.state) == (old.holder_id, old.id, CardState.ACTIVE)
    assert old.state == CardState.LOST
    assert new.changed_version == (await read_versions()).directory
    assert await campus.balance(card.holder_id) == 1234
    assert await AccountRow.filter(holder_id=card.holder_id).count() == len(PURSES)
    assert bus.topics() == {"directory"}
    with pytest.raises(ConflictError):
        await replace_card(card.id, actor=OFFICE, at=NOON, randomness=os.urandom, bus=bus)


async def test_a_worn_card_is_closed_by_its_replacement(campus: Campus) -> None:
    card, bus = await card_of(campus), RememberingBus()
    await replace_card(card.id, actor=OFFICE, at=NOON, randomness=os.urandom, bus=bus)
    old = await CardRow.get(id=card.id)
    assert old.state == CardState.CLOSED
    assert old.closed_at is not None
    assert await denials(card) == [(None, CardState.CLOSED)]
    assert bus.topics() == {"denylist", "directory", "doors"}


@pytest.mark.parametrize("options", [{"cash_fen": 1}, {"cash_fen": 0, "benefit_fen": 1}])
async def test_a_card_with_money_does_not_close(campus: Campus, options: dict[str, int]) -> None:
    card, before = await card_of(campus, **options), await read_versions()
    with pytest.raises(ConflictError):
        await close_card(card.id, actor=OFFICE, at=NOON, bus=RememberingBus())
    assert (await CardRow.get(id=card.id)).state == CardState.ACTIVE
    assert await moved(before) == (0, 0)


async def test_an_empty_card_closes_for_good(campus: Campus) -> None:
    card = await card_of(campus, cash_fen=0)
    await close_card(card.id, actor=OFFICE, at=NOON, bus=RememberingBus())
    assert (await CardRow.get(id=card.id)).state == CardState.CLOSED
    assert await denials(card) == [(None, CardState.CLOSED)]
    with pytest.raises(ConflictError):
        await freeze_card(card.id, BOTH, actor=OFFICE, at=NOON, bus=RememberingBus())


async def test_versions_rise_one_by_one_whoever_freezes(campus: Campus) -> None:
    cards = [await card_of(campus) for _ in range(8)]
    before = await read_versions()
    bus = RememberingBus()
    await asyncio.gather(
        *(freeze_card(card.id, BOTH, actor=OFFICE, at=NOON, bus=bus) for card in cards)
    )
    rows = await CardRow.filter(changed_version__gt=before.directory)
    first = before.directory + 1
    assert sorted(row.changed_version for row in rows) == list(range(first, first + len(cards)))
