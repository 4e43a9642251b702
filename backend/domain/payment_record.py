"""Records: payments a terminal approved on its own. Food was handed out, so somebody bears it.

The cardholder pays what was rightly taken. What was not falls to the account that bears it, item
by item: `RISK` for a forged credential, a second use of a code, or a tap after a freeze or a new
phone; `OFFLINE_SUSPENSE` for what the purses could not cover and for closed cards. Only a record
that contradicts what already stands, or cannot be true at all, goes to quarantine unposted.
"""

from __future__ import annotations

from backend.domain.accounts import SchoolAccount
from backend.domain.payment import PERIOD_ID, Attempt, Outcome, OutcomeWord
from backend.domain.payment_legs import Payer, Price
from backend.domain.set_state import CardFact, PaymentFact, SetState, tally_with
from campus_code import CardState, CredentialKind, Refusal, business_day, split_amount

FUTURE_SECONDS_MAX = 300
"""A record may be this far ahead of the server's clock; more is a wrong clock."""

PAST_SECONDS_MAX = 60 * 86_400
"""Older than any terminal may stay offline by rule, with room for one found in a drawer."""

CHARGED_TIMES_MAX = 4
"""Charged may be this often the most a cashier may type: twice by surcharge, then a fee."""

_DAY_SECONDS = 86_400


def decide_record(state: SetState, attempt: Attempt) -> Outcome:
    """Post one record of an upload; never declines what was handed out."""
    key = (attempt.terminal_id, attempt.sequence)
    standing = state.payments.get(key)
    if standing is not None:
        return _repeat(state, attempt, standing)
    doubt = _doubt(state, attempt)
    if doubt:
        return state.quarantine(attempt, doubt)
    card = state.cards.get(attempt.card_number)
    blame = _blame(state, attempt, card)
    if card is None or blame is not None:
        return _borne(state, attempt, card, blame or Refusal.UNKNOWN_CARD)
    return _charged(state, attempt, card)


def _repeat(state: SetState, attempt: Attempt, standing: PaymentFact) -> Outcome:
    card = state.cards.get(attempt.card_number)
    same_credential = standing.code_key is None or standing.code_key == attempt.code_key
    same_card = standing.card_id == (card.id if card else 0)
    if not (same_credential and same_card and standing.amounts == attempt.amounts):
        return state.quarantine(attempt, "same_sequence")
    return standing.told(OutcomeWord.REPEATED)


def _doubt(state: SetState, attempt: Attempt) -> str:
    """Why a record cannot be true, or the empty word."""
    if state.is_reversed(attempt.terminal_id, attempt.sequence):
        return "reversed"
    terminal = state.terminals[attempt.terminal_id]
    if terminal.is_revoked:
        return "terminal_revoked"
    if attempt.at > state.now + FUTURE_SECONDS_MAX:
        return "from_the_future"
    if attempt.at < state.now - PAST_SECONDS_MAX:
        return "too_old"
    return _doubt_amounts(state, attempt) or _doubt_day(state, attempt)


def _doubt_amounts(state: SetState, attempt: Attempt) -> str:
    """A terminal's word for a price is believed within what its group may take, and no further."""
    group = state.rules_of(attempt).groups.get(state.terminals[attempt.terminal_id].group_id)
    amounts = attempt.amounts
    if group is None or amounts.nominal_fen > group.amount_fen_max:
        return "amount_out_of_range"
    if amounts.charged_fen > CHARGED_TIMES_MAX * group.amount_fen_max:
        return "amount_out_of_range"
    if not 0 <= amounts.fee_fen <= amounts.charged_fen:
        return "fee_out_of_range"  # more fee than was charged: the merchant would pay the meal
    return ""


def _doubt_day(state: SetState, attempt: Attempt) -> str:
    """The day may differ by one, as days begin elsewhere under other rules; never by more."""
    at, rules = attempt.at, state.rules
    if attempt.business_on != business_day(at, rules):
        neighbours = (business_day(at + shift, rules) for shift in (-_DAY_SECONDS, _DAY_SECONDS))
        if attempt.business_on not in neighbours:
            return "wrong_day"
    return "" if PERIOD_ID.fullmatch(attempt.period_id) else "unknown_period"


def _blame(state: SetState, attempt: Attempt, card: CardFact | None) -> Refusal | None:
    """Why the cardholder does not pay this record, or None."""
    if attempt.fault is not None:
        return attempt.fault
    if card is None:
        return Refusal.UNKNOWN_CARD
    is_emergency = attempt.credential is CredentialKind.EMERGENCY
    emergency_fen_max = state.rules_of(attempt).emergency.payment_fen_max
    if is_emergency and attempt.amounts.charged_fen > emergency_fen_max:
        return Refusal.SINGLE_LIMIT  # no `tac` vouches for such a code, so its limit has to
    if attempt.credential is CredentialKind.CARD:
        # no issuer's key vouches for a chip, so its kind's limit has to; what was spent elsewhere
        # that day no terminal could know
        weak = state.rules_of(attempt).nfc.refuse(
            attempt.chip, attempt.business_on, 0, attempt.amounts.charged_fen
        )
        if weak is not None:
            return weak[0]
    if attempt.code_key in state.spent:
        return Refusal.EMERGENCY_USED if is_emergency else Refusal.ALREADY_USED
    return _blame_card(attempt, card)


def _blame_card(attempt: Attempt, card: CardFact) -> Refusal | None:
    """Why this card, as it was when the food was handed out, does not pay."""
    if card.state is CardState.CLOSED:
        return Refusal.CLOSED
    is_code = attempt.credential is not CredentialKind.CARD  # a chip's end is its `fault`
    if is_code and attempt.issue != card.issue and attempt.at >= card.issue_raised_at:
        return Refusal.REPLACED_CREDENTIAL
    if card.state is not CardState.ACTIVE and attempt.at >= card.frozen_at:
        return _frozen(card.state)
    for past in card.past_freezes:  # lifted since, but not when the food was handed out
        if past.begins_at <= attempt.at < past.ends_at:
            return _frozen(past.state)
    return None


def _frozen(state: CardState) -> Refusal:
    return Refusal.LOST if state is CardState.LOST else Refusal.FROZEN


def _borne(state: SetState, attempt: Attempt, card: CardFact | None, reason: Refusal) -> Outcome:
    """The merchant is paid, the school bears it, the item says why."""
    is_second_use = reason in (Refusal.ALREADY_USED, Refusal.EMERGENCY_USED)
    account = SchoolAccount.OFFLINE_SUSPENSE if reason is Refusal.CLOSED else SchoolAccount.RISK
    word = OutcomeWord.DISPUTED if is_second_use else OutcomeWord.SUSPENSE
    payer = Payer(
        card_id=card.id if card else 0,
        holder_id=card.holder_id if card else 0,
        code_key=None,
        split=(),
        borne=((account, attempt.amounts.charged_fen),),
        outcome=word.value,
        reason=reason.value,
    )
    first_id = state.spent.get(attempt.code_key, 0)
    payment = state.take_payment(attempt, payer, _price(state, attempt))
    state.itemise(payment, account, attempt.amounts.charged_fen, reason.value)
    if is_second_use:
        state.writes.disputes.append(
            (payment.id, first_id, payment.card_id, reason.value, state.now)
        )
    return payment.told(word, reason)


def _charged(state: SetState, attempt: Attempt, card: CardFact) -> Outcome:
    """The cardholder pays from the purses as far as they reach; the rest waits in suspense."""
    holder = state.holders[card.holder_id]
    terminal = state.terminals[attempt.terminal_id]
    charged_fen = attempt.amounts.charged_fen
    rules = state.rules_of(attempt)
    order = rules.groups[terminal.group_id].purse_order
    holder_class = rules.classes.get(card.class_id)
    floor_fen = holder_class.floor_fen if holder_class else 0
    split, short_fen = split_amount(charged_fen, order, holder.balances, floor_fen)
    word = OutcomeWord.SUSPENSE if short_fen else OutcomeWord.POSTED
    reason = Refusal.INSUFFICIENT_FUNDS if short_fen else None
    payer = Payer(
        card_id=card.id,
        holder_id=card.holder_id,
        code_key=attempt.code_key,
        split=split,
        borne=((SchoolAccount.OFFLINE_SUSPENSE, short_fen),) if short_fen else (),
        outcome=word.value,
        reason=reason.value if reason else "",
    )
    payment = state.take_payment(attempt, payer, _price(state, attempt))
    tally_with(holder, attempt, payment)
    if short_fen:
        short = Refusal.INSUFFICIENT_FUNDS.value
        state.itemise(payment, SchoolAccount.OFFLINE_SUSPENSE, short_fen, short)
    return payment.told(word, reason)


def _price(state: SetState, attempt: Attempt) -> Price:
    """What the terminal charged; only who gets the fee is looked up."""
    holder_class = state.rules_of(attempt).classes.get(attempt.class_id)
    return Price(
        attempt.amounts,
        holder_class.fee.owner if holder_class else "school",
        attempt.class_id,
        attempt.period_id,
        attempt.business_on,
    )
