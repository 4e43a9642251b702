"""Reversals: a terminal undoes one of its own attempts, whether it was posted or not."""

from __future__ import annotations

from backend.domain.accounts import PURSES, purse_account
from backend.domain.payment import Attempt, Outcome, OutcomeWord
from backend.domain.set_state import HolderState, SetState, Undo


class UnpreparedError(Exception):
    """A payment to undo appeared after the set was prepared; prepare it again."""


def decide_reversal(state: SetState, attempt: Attempt) -> Outcome:
    """Undo `attempt.reverses` of the same terminal, once.

    The postings are swapped end for end, so the money goes back to the same purses. Where nothing
    was posted, a tombstone refuses a late arrival.

    Raises:
        UnpreparedError: when the payment stands but was not read with its postings.

    """
    key = (attempt.terminal_id, attempt.reverses)
    if key in state.reversals:
        return _tell(attempt, state.reversals[key])
    if state.terminals[attempt.terminal_id].is_revoked:
        return state.quarantine(attempt, "terminal_revoked")
    undo = state.undos.get(key)
    if undo is None:
        if key in state.payments:
            raise UnpreparedError
        _put_down(state, attempt, entry_id=next(state.entry_ids), payment_id=0)
        return _tell(attempt, 0)
    if undo.is_corrected:
        return state.quarantine(attempt, "already_refunded")
    payment = undo.payment
    holder = state.holders.get(payment.holder_id)
    if payment.holder_id and holder is None:
        raise UnpreparedError
    legs = tuple(leg.reverse() for leg in reversed(undo.legs))
    entry_id = state.post("reversal", legs, corrects_id=payment.id)
    if holder is not None:
        _give_back(holder, undo, state.terminals[attempt.terminal_id].group_id)
    if payment.borne_fen:
        state.writes.settled_suspense[payment.id] = entry_id
    _put_down(state, attempt, entry_id=entry_id, payment_id=payment.id)
    return _tell(attempt, payment.id)


def _give_back(holder: HolderState, undo: Undo, group_id: str) -> None:
    purses = {purse_account(holder.id, purse): purse for purse in PURSES}
    for leg in undo.legs:
        if leg.source in purses:
            holder.move(purses[leg.source], leg.amount_fen)
    if undo.payment.code_key is not None:
        holder.tally = holder.tally.subtract(undo.payment)
        holder.is_counted = True
        if holder.limited is not None:
            holder.limited.count(group_id, undo.payment, -1)
        if holder.given is not None and undo.payment.is_courtesy:
            holder.given.count(undo.payment.business_on, -1)


def _put_down(state: SetState, attempt: Attempt, *, entry_id: int, payment_id: int) -> None:
    state.reversals[attempt.terminal_id, attempt.reverses] = payment_id
    state.writes.reversals.append(
        (
            entry_id,
            attempt.terminal_id,
            attempt.reverses,
            attempt.sequence,
            payment_id,
            state.now,
        )
    )


def _tell(attempt: Attempt, payment_id: int) -> Outcome:
    word = OutcomeWord.REVERSED if payment_id else OutcomeWord.NOTHING
    return Outcome(attempt.sequence, word, payment_id=payment_id)
