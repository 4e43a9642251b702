"""A few weeks of meals for a demo person, posted through the ledger at the times they were eaten.

Nothing is written behind the ledger's back: each meal is a tap that the one rule decides, on a
clock that stands in the past, at terminals that are taken out of service afterwards.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from backend.domain.access import Actor, Audience
from backend.domain.accounts import SchoolAccount
from backend.domain.correction import CorrectionKind
from backend.domain.payment import Amounts, Attempt, AttemptKind
from backend.domain.times import utc
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.database import DatabaseUrl
from backend.tables.ledger import Ledger
from backend.tables.store import make_store
from backend.tables.terminal import TerminalRow
from backend.usecases.ledger.credit_purse import credit_purse
from backend.usecases.payments.approve_correction import approve_correction
from backend.usecases.payments.ask_correction import CorrectionAsked, ask_correction
from backend.usecases.payments.post_payments import post_payments
from campus_code import Approved, CardState, Known, RulesBundle, Tally, Tap, decide, step_at
from simulators.lunch.campus import Place

DAY_SECONDS = 86_400
APPETITE = {"breakfast": 0.55, "lunch": 0.95, "dinner": 0.8, "supper": 0.1}
"""How likely a meal is; a period with another name is eaten half the time."""
AMOUNTS_FEN = range(600, 2001, 50)
OFFLINE_EVERY = 12
LATE_SECONDS = 3 * 3600
REFUND_FEN = 300
PLENTY_FEN = 1_000_000
COOK = Actor(Audience.STAFF, 0, "seed")
CASHIER = Actor(Audience.STAFF, -1, "seed, the other")


@dataclass(slots=True)
class Past:
    """A clock that is set, meal by meal."""

    now: float = 0.0

    def __call__(self) -> float:
        """Unix seconds."""
        return self.now


@dataclass(frozen=True, slots=True)
class Kitchen:
    """Where and by which rules meals were eaten, up to the Unix second `until`."""

    url: DatabaseUrl
    rules: RulesBundle
    places: Sequence[Place]
    until: int
    chance: random.Random
    sequences: Iterator[int] = field(default_factory=lambda: itertools.count(1))


async def eat(kitchen: Kitchen, card: CardRow, days: int) -> int:
    """Let a card's holder eat for so many days before today; how many payments that made.

    What was eaten is brought in first: the purses end as they began, but for a small refund.
    """
    past = Past(kitchen.until - days * DAY_SECONDS)
    holder = await CardholderRow.get(id=card.holder_id)
    terminals = [await _open_terminal(kitchen, place) for place in kitchen.places]
    meals = list(_meals(kitchen, card, holder.class_id, terminals, days))
    ledger = Ledger(make_store(kitchen.url), past, "personas")
    await ledger.open()
    try:
        total_fen = sum(meal.amounts.charged_fen for meal in meals)
        if total_fen:
            await credit_purse(ledger, "cash", SchoolAccount.OPENING, [(card.holder_id, total_fen)])
        paid = []
        for meal in meals:
            past.now = meal.at + (LATE_SECONDS if meal.was_offline else 1)
            (told,) = await post_payments(ledger, kitchen.rules, past, [meal])
            paid += [told.payment_id] if told.payment_id else []
        if paid:
            await _give_back(ledger, past, paid[-1])
    finally:
        await ledger.close()
    ids = [terminal.id for terminal in terminals]
    await TerminalRow.filter(id__in=ids).update(revoked_at=utc(kitchen.until))
    return len(paid)


async def _open_terminal(kitchen: Kitchen, place: Place) -> TerminalRow:
    return await TerminalRow.create(
        name=f"{place.merchant} 旧终端",
        merchant_id=place.merchant_id,
        group_id=place.group_id,
        signing_key=kitchen.chance.randbytes(32).hex(),
        sealing_key=kitchen.chance.randbytes(32).hex(),
        enrolled_at=utc(kitchen.until - 90 * DAY_SECONDS),
    )


def _meals(
    kitchen: Kitchen, card: CardRow, class_id: int, terminals: Sequence[TerminalRow], days: int
) -> Iterator[Attempt]:
    rules, chance = kitchen.rules, kitchen.chance
    midnight = kitchen.until - (kitchen.until + rules.utc_offset_seconds) % DAY_SECONDS
    for day in range(days, 0, -1):
        for period in rules.periods:
            if chance.random() >= APPETITE.get(period.id, 0.5):
                continue
            minute = chance.randrange(period.begins_minute, period.ends_minute)
            at = midnight - day * DAY_SECONDS + minute * 60 + chance.randrange(60)
            terminal = chance.choice(terminals)
            meal = _meal(kitchen, card, class_id, terminal, at)
            if meal is not None:
                yield meal


def _meal(
    kitchen: Kitchen, card: CardRow, class_id: int, terminal: TerminalRow, at: int
) -> Attempt | None:
    """One tap as a terminal would tell it; every OFFLINE_EVERY-th one as it was told later."""
    group = kitchen.rules.groups[terminal.group_id]
    asked_fen = kitchen.chance.choice(AMOUNTS_FEN) if group.price_mode == "free" else None
    tap = Tap(at, group.id, class_id, CardState.ACTIVE, asked_fen)
    purses = dict.fromkeys(group.purse_order, PLENTY_FEN)
    verdict = decide(tap, kitchen.rules, Known(tally=Tally(), balances=purses))
    if not isinstance(verdict, Approved):
        return None
    sequence = next(kitchen.sequences)
    was_offline = sequence % OFFLINE_EVERY == 0
    return Attempt(
        kind=AttemptKind.RECORD if was_offline else AttemptKind.ONLINE,
        terminal_id=terminal.id,
        sequence=sequence,
        at=at,
        card_number=card.number,
        issue=card.issue,
        step=step_at(at),
        asked_fen=asked_fen,
        amounts=Amounts(
            verdict.nominal_fen, verdict.discount_fen, verdict.fee_fen, verdict.charged_fen
        ),
        class_id=class_id,
        period_id=verdict.period_id,
        business_on=verdict.business_on,
        was_offline=was_offline,
    )


async def _give_back(ledger: Ledger, past: Past, payment_id: int) -> None:
    """A dish was cold: a refund, by two people as always."""
    past.now += 1800
    asked = CorrectionAsked(
        f"persona-{payment_id}", payment_id, CorrectionKind.REFUND, REFUND_FEN, "饭菜已凉"
    )
    request_id = await ask_correction(asked, COOK, int(past.now))
    await approve_correction(ledger, past, request_id, CASHIER)
