"""Deciding a set: each attempt in order, none of them able to fail its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backend.domain.accounts import SchoolAccount
from backend.domain.courtesy import COURTESY_REASON
from backend.domain.payment import Amounts, Attempt, AttemptKind, Outcome, OutcomeWord
from backend.domain.payment_legs import Payer, Price
from backend.domain.payment_record import decide_record
from backend.domain.payment_reversal import decide_reversal
from backend.domain.set_state import (
    CardFact,
    HolderState,
    PaymentFact,
    SetState,
    known_tally,
    tally_with,
)
from campus_code import (
    Approved,
    CourtesyGiven,
    CredentialKind,
    Declined,
    Known,
    Refusal,
    Tap,
    chain_hash,
    decide,
)


def decide_set(state: SetState, attempts: Sequence[Attempt]) -> list[Outcome]:
    """Decide every attempt in order; `state.writes` then holds what must be written."""
    return [_decide_one(state, attempt) for attempt in attempts]


def _decide_one(state: SetState, attempt: Attempt) -> Outcome:
    terminal = state.terminals.get(attempt.terminal_id)
    if terminal is None or (terminal.is_revoked and not attempt.previous_hash):
        return _declined(attempt, Refusal.TERMINAL_REVOKED)
    if attempt.previous_hash:
        stopped = _follow_chain(state, attempt)
        if stopped is not None:
            return stopped
    if attempt.kind is AttemptKind.REVERSAL:
        return decide_reversal(state, attempt)
    if attempt.kind is AttemptKind.RECORD:
        return decide_record(state, attempt)
    return _decide_online(state, attempt)


def set_aside(state: SetState, attempt: Attempt, reason: str) -> Outcome:
    """Keep one attempt for a human instead of posting it; what follows in its journal may go on.

    An online attempt is only refused: nothing was handed out.
    """
    stopped = _follow_chain(state, attempt) if attempt.previous_hash else None
    if stopped is not None:
        return stopped
    if attempt.kind is not AttemptKind.ONLINE:
        state.quarantine(attempt, reason)
    return Outcome(attempt.sequence, OutcomeWord.CONFLICT, reason=Refusal.JOURNAL_FAULT)


def _follow_chain(state: SetState, attempt: Attempt) -> Outcome | None:
    """Check an uploaded record against the end of its terminal's chain; None lets it pass.

    A gap asks for the missing records. A wrong hash means the journal was wiped or edited: from
    there on everything is quarantined. What was sent before passes, its natural key answers.
    """
    terminal = state.terminals[attempt.terminal_id]
    expected = terminal.journal_sequence + 1
    if attempt.sequence < expected:
        return _sent_again(state, attempt)
    is_next = attempt.sequence == expected
    if terminal.is_broken or (is_next and attempt.previous_hash != terminal.journal_hash):
        terminal.is_broken = True
        state.quarantine(attempt, "chain_broken")
        return Outcome(
            attempt.sequence, OutcomeWord.CONFLICT, evidence={"chain_broken_at": expected}
        )
    if not is_next:
        return Outcome(attempt.sequence, OutcomeWord.GAP, evidence={"expected": expected})
    terminal.journal_sequence = attempt.sequence
    terminal.journal_hash = chain_hash(attempt.previous_hash, attempt.body)
    terminal.is_changed = True
    return None


def _sent_again(state: SetState, attempt: Attempt) -> Outcome | None:
    """A record from before the chain's end: its natural key answers, or it was quarantined."""
    if attempt.kind is AttemptKind.REVERSAL:
        stands = state.is_reversed(attempt.terminal_id, attempt.reverses)
    else:
        stands = (attempt.terminal_id, attempt.sequence) in state.payments
    if stands:
        return None
    return state.quarantine(attempt, "sent_again")


def _decide_online(state: SetState, attempt: Attempt) -> Outcome:
    """A terminal asks before it answers; the one rule decides, knowing the balance."""
    key = (attempt.terminal_id, attempt.sequence)
    standing = state.payments.get(key)
    if standing is not None:
        return _answer_again(state, attempt, standing)
    if state.is_reversed(*key):
        return _declined(attempt, Refusal.REVERSED)
    card = state.cards.get(attempt.card_number)
    if card is None:
        return _declined(attempt, Refusal.UNKNOWN_CARD)
    is_code = attempt.credential is not CredentialKind.CARD
    if is_code and attempt.issue != card.issue:
        return _declined(attempt, Refusal.REPLACED_CREDENTIAL)
    if attempt.code_key in state.spent:
        is_emergency = attempt.credential is CredentialKind.EMERGENCY
        return _declined(attempt, Refusal.EMERGENCY_USED if is_emergency else Refusal.ALREADY_USED)
    return _pay(state, attempt, card, state.holders[card.holder_id])


def _pay(state: SetState, attempt: Attempt, card: CardFact, holder: HolderState) -> Outcome:
    terminal = state.terminals[attempt.terminal_id]
    tap = Tap(
        at=attempt.at,
        group_id=terminal.group_id,
        class_id=card.class_id,
        card_state=card.state,
        asked_fen=attempt.asked_fen,
        has_pin=attempt.has_pin,
        credential=attempt.credential,
        chip=attempt.chip,
    )
    limited, rules = holder.limited, state.rules_of(attempt)
    known = Known(
        tally=known_tally(holder, terminal.id),
        balances=holder.balances,
        limited=None if limited is None else limited.at(attempt.at, terminal.group_id, rules),
        courtesy=None if holder.given is None else holder.given.at(attempt.at, rules),
    )
    verdict = decide(tap, rules, known)
    if isinstance(verdict, Declined):
        if verdict.reason is Refusal.INSUFFICIENT_FUNDS and known.courtesy is None:
            unspent = replace(known, courtesy=CourtesyGiven())
            if isinstance(decide(tap, rules, unspent), Approved):
                state.poor.add(holder.id)  # his meals on the school have to be counted first
        return _declined(attempt, verdict.reason, dict(verdict.evidence))
    amounts = Amounts(
        verdict.nominal_fen, verdict.discount_fen, verdict.fee_fen, verdict.charged_fen
    )
    price = Price(amounts, verdict.fee_owner, card.class_id, verdict.period_id, verdict.business_on)
    payer = Payer(card.id, card.holder_id, attempt.code_key, verdict.split)
    if verdict.is_courtesy:
        borne = ((SchoolAccount.COURTESY, verdict.charged_fen),)
        payer = payer._replace(borne=borne, reason=COURTESY_REASON)
    payment = state.take_payment(attempt, payer, price)
    if payment.is_courtesy:
        state.itemise(payment, SchoolAccount.COURTESY, payment.charged_fen, COURTESY_REASON)
    tally_with(holder, attempt, payment)
    return payment.told(OutcomeWord.POSTED)


def _answer_again(state: SetState, attempt: Attempt, standing: PaymentFact) -> Outcome:
    """The first answer to a repeat; a conflict when the same key carries other content."""
    card = state.cards.get(attempt.card_number)
    is_other_code = standing.code_key != attempt.code_key
    # a chip's key is made of this very sequence, so only the card tells another one
    is_other_card = card is None or card.id != standing.card_id
    # a price that was asked for and posted is the nominal amount, see `decide`
    is_other_price = attempt.asked_fen not in {None, standing.amounts.nominal_fen}
    if is_other_code or is_other_card or is_other_price:
        state.quarantine(attempt, "same_sequence")
        return Outcome(attempt.sequence, OutcomeWord.CONFLICT, reason=Refusal.JOURNAL_FAULT)
    if state.is_reversed(attempt.terminal_id, attempt.sequence):
        return _declined(attempt, Refusal.REVERSED)
    return standing.told(OutcomeWord.REPEATED)


def _declined(
    attempt: Attempt, reason: Refusal, evidence: dict[str, int | str] | None = None
) -> Outcome:
    return Outcome(attempt.sequence, OutcomeWord.DECLINED, reason=reason, evidence=evidence or {})
