"""What a holder has spent, as a set of payments sees it and changes it."""

from __future__ import annotations

from dataclasses import replace

from backend.domain.payment import Attempt
from backend.domain.set_state import HolderState, PaymentFact
from campus_code import Tally


def known_tally(holder: HolderState, terminal_id: int) -> Tally:
    """The holder's tally as one terminal's rule sees it: the interval is per terminal."""
    tally = holder.tally
    if holder.last_terminal_id == terminal_id or tally.last_at is None:
        return tally
    return Tally(
        tally.business_on, tally.period, tally.day_fen, tally.meal_fen, tally.meal_count, None
    )


def tally_with(holder: HolderState, attempt: Attempt, payment: PaymentFact) -> None:
    """Count a payment in its holder's tally, whenever it arrives.

    A late record of an earlier day leaves the tally alone; one of an earlier meal of the same day
    counts for the day only.
    """
    tally = holder.tally
    is_newest = tally.last_at is None or attempt.at >= tally.last_at
    is_same_day = payment.business_on == tally.business_on
    if is_newest or (is_same_day and payment.period_id == tally.period):
        last_at = attempt.at if tally.last_at is None else max(attempt.at, tally.last_at)
        holder.tally = tally.add(payment, last_at)
    elif is_same_day:
        holder.tally = replace(tally, day_fen=tally.day_fen + payment.charged_fen)
    if is_newest:
        holder.last_terminal_id = attempt.terminal_id
    holder.is_counted = True
