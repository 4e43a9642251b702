"""What a person should look at, found in what stands already; no payment waits for it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from backend.domain.errors import ConflictError, InvalidInputError, NotFoundError
from campus_code import Refusal

CHIP_TRAVEL_SECONDS: Final = 60
"""Nobody carries one chip from a merchant's till to another merchant's within this time."""
FORGED: Final = frozenset({Refusal.WRONG_CODE.value, Refusal.WRONG_CHIP.value})
"""Reasons for which a credential cannot have come from the school's own issuing."""
TITLE_LENGTH_MAX: Final = 100
NOTE_LENGTH_MAX: Final = 1_000
REASON_LENGTH_MAX: Final = 200


class AlertKind(StrEnum):
    """What was found."""

    DAY_SPENT = "day_spent"
    """A holder spent more on a business day than the school's setting."""
    FAST = "fast"
    """One card paid many times in a short while."""
    FORGED = "forged"
    """A terminal approved alone what does not verify: the school bears it."""
    WRONG_CODES = "wrong_codes"
    """A terminal turned many forged codes or chips away in a day."""
    DOUBLE_USE = "double_use"
    """One code paid twice, at terminals that could not hear each other."""
    QUARANTINED = "quarantined"
    """A terminal sent what contradicts what stands."""
    CLONED_CHIP = "cloned_chip"
    """One chip paid at two merchants in less time than the way takes."""
    TRIAL_WORSE = "trial_worse"
    """Terminals that try new rules refuse clearly more than all others; told once a trial."""


class Finding(StrEnum):
    """What a case came to."""

    FRAUD = "fraud"
    MISTAKE = "mistake"
    HARMLESS = "harmless"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing found; `topic` tells it from all others of its kind, ids are 0 where not known."""

    kind: AlertKind
    topic: str
    merchant_id: int = 0
    terminal_id: int = 0
    card_id: int = 0
    holder_id: int = 0
    payment_id: int = 0
    business_on: int = 0
    evidence: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tapped:
    """A payment as the watch looks at it; `occurred_at` is Unix seconds."""

    id: int
    card_id: int
    holder_id: int
    merchant_id: int
    terminal_id: int
    business_on: int
    occurred_at: int
    is_chip: bool


def fast_cards(taps: Iterable[Tapped], payments: int, seconds: int) -> list[Alert]:
    """Cards with so many payments within so many seconds, once a card and business day."""
    found = []
    for (card_id, business_on), own in _by_card(taps).items():
        for last in range(payments - 1, len(own)):
            first = own[last - payments + 1]
            if own[last].occurred_at - first.occurred_at <= seconds:
                one = own[last]
                evidence: dict[str, object] = {
                    "payments": payments,
                    "seconds": one.occurred_at - first.occurred_at,
                    "since": first.occurred_at,
                }
                found.append(
                    Alert(
                        AlertKind.FAST,
                        f"{card_id}:{business_on}",
                        card_id=card_id,
                        holder_id=one.holder_id,
                        payment_id=one.id,
                        business_on=business_on,
                        evidence=evidence,
                    )
                )
                break
    return found


def cloned_chips(taps: Iterable[Tapped]) -> list[Alert]:
    """Cards whose chip paid at two merchants within CHIP_TRAVEL_SECONDS, once a card and day."""
    found = []
    for (card_id, business_on), own in _by_card(one for one in taps if one.is_chip).items():
        for before, after in itertools.pairwise(own):
            gap = after.occurred_at - before.occurred_at
            if before.merchant_id != after.merchant_id and gap < CHIP_TRAVEL_SECONDS:
                evidence: dict[str, object] = {
                    "seconds": gap,
                    "payment_ids": [before.id, after.id],
                    "terminal_ids": [before.terminal_id, after.terminal_id],
                }
                found.append(
                    Alert(
                        AlertKind.CLONED_CHIP,
                        f"{card_id}:{business_on}",
                        terminal_id=after.terminal_id,
                        card_id=card_id,
                        holder_id=after.holder_id,
                        payment_id=after.id,
                        business_on=business_on,
                        evidence=evidence,
                    )
                )
                break
    return found


def _by_card(taps: Iterable[Tapped]) -> dict[tuple[int, int], list[Tapped]]:
    cards: dict[tuple[int, int], list[Tapped]] = {}
    for tap in sorted(taps, key=lambda one: (one.occurred_at, one.id)):
        cards.setdefault((tap.card_id, tap.business_on), []).append(tap)
    return cards


def read_words(field_name: str, text: str, length_max: int) -> str:
    """What a person wrote. Raises InvalidInputError: nothing, or too much of it."""
    words = text.strip()
    if not 0 < len(words) <= length_max:
        raise InvalidInputError(field_name, f"1..{length_max} characters")
    return words


def require_alerts(alert_ids: Sequence[int], found: int) -> None:
    """Raise NotFoundError unless all of them are there, open, in no case, and within reach."""
    if found != len(set(alert_ids)):
        raise NotFoundError(
            "unknown_alert",
            zh="有的预警不存在、已处理或已归入其他个案。",
            en="An alert is not there, is closed, or is in another case.",
        )


def unknown_case() -> NotFoundError:
    """There is no such case."""
    return NotFoundError("unknown_case", zh="没有这个个案。", en="There is no such case.")


def case_closed() -> ConflictError:
    """Nothing is added to a case that is closed."""
    return ConflictError("case_closed", zh="个案已办结。", en="The case is closed.")
