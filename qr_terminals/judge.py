"""
Looking at what was presented, without the server: is it right, is the card known, is it used?

Pure: everything it needs is handed in, nothing is changed. The policy (prices, limits, offline
budgets) is campus_code's `decide`; this only gathers what it wants to know.
"""

from __future__ import annotations

from typing import NamedTuple

from campus_code import (
    Approved,
    CardEntry,
    CardState,
    Chip,
    ChipKind,
    CredentialKind,
    Declined,
    Keyring,
    Known,
    Limited,
    OfflineKnown,
    Refusal,
    RefusedError,
    RulesBundle,
    Tap,
    Verified,
    business_day,
    check_card,
    decide,
    parse_emergency,
    verify_challenge,
    verify_code,
    verify_emergency,
)
from campus_code.days import day_number, local_date
from campus_code.denylist import EVERY_ISSUE
from campus_code.directory import STATE_REFUSALS
from campus_code.emergency import EMERGENCY_CREDENTIAL_DIGITS
from qr_terminals.cards.identify import Proof
from qr_terminals.cards.phone import Answered
from qr_terminals.holdings import Held
from qr_terminals.memory import NO_TALLY, Memory

_MAY_BE_NEWS = (Refusal.UNKNOWN_CARD, Refusal.REPLACED_CREDENTIAL)


class Offered(NamedTuple):
    """
    A text presented at Unix second `at`; the amount (fen) and the PIN typed for it, if any, and
    what a card proved.
    """

    text: str
    at: int
    asked_fen: int | None = None
    pin: str | None = None
    proof: Proof | None = None

    def __repr__(self) -> str:
        return f"Offered(at={self.at})"  # neither a code nor a PIN belongs into a log


class Presented(NamedTuple):
    """
    A right credential. `entry` is the directory's, None when the directory does not know this
    card or issue (`refusal` says which): only the server can tell then. `step` is the absolute step
    of a code, or the day YYYYMMDD of an emergency code. `asked_fen` is what the cashier typed,
    `pin` what the holder typed; only the server can tell whether it is right. `chip`: of which
    kind, when it was one; it has no issue, epoch or step. `answered` is what a phone said by NFC.
    """

    text: str
    kind: CredentialKind
    card_number: str
    issue: int
    epoch: int
    step: int
    at: int
    entry: CardEntry | None
    refusal: Refusal | None = None
    asked_fen: int | None = None
    pin: str | None = None
    chip: ChipKind | None = None
    answered: Answered | None = None

    def __repr__(self) -> str:
        return f"Presented(card_number={self.card_number}, at={self.at})"  # no code and no PIN


class Ready(NamedTuple):
    """What a terminal must hold before it can look at anything."""

    rules: RulesBundle
    keyring: Keyring
    held: Held


def ready(held: Held) -> Ready | None:
    """The holdings when they are complete enough to work, else None."""
    if held.rules is None or held.keyring is None:
        return None
    return Ready(held.rules, held.keyring, held)


def look(offered: Offered, known: Ready, memory: Memory) -> Presented:
    """Steps 1 to 8 of the format at Unix second `offered.at`; RefusedError says what is wrong."""
    if isinstance(offered.proof, Chip):
        return _look_at_chip(offered, offered.proof, known)
    if len(offered.text) == EMERGENCY_CREDENTIAL_DIGITS:
        return _look_at_emergency(offered, known, memory)
    return _look_at_code(offered, known, memory)


def _look_at_code(offered: Offered, known: Ready, memory: Memory) -> Presented:
    text, at, asked_fen, pin, _ = offered
    answered = offered.proof if isinstance(offered.proof, Answered) else None
    code = _verify(offered, known) if answered is None else _verify_answer(offered, answered, known)
    entry, refusal = _find(code.card_number, code.issue, known.held)
    memory.check_code(code.card_number, code.issue, code.step)
    return Presented(
        text,
        CredentialKind.CODE,
        code.card_number,
        code.issue,
        code.epoch,
        code.step,
        at,
        entry,
        refusal,
        asked_fen,
        pin,
        answered=answered,
    )


def _verify(offered: Offered, known: Ready) -> Verified:
    rules, formats = known.rules, known.rules.retired_formats
    return verify_code(
        offered.text, known.keyring, offered.at, rules.window, retired_formats=formats
    )


def _verify_answer(offered: Offered, answered: Answered, known: Ready) -> Verified:
    """A phone's answer by NFC: right, and to what is asked now."""
    if answered.asked.amount_fen != (offered.asked_fen or 0):
        raise RefusedError(Refusal.UNREADABLE)  # typed anew meanwhile: it agreed to another sum
    rules = known.rules
    return verify_challenge(
        answered.answer,
        answered.asked,
        known.keyring,
        offered.at,
        rules.window,
        retired_formats=rules.retired_formats,
    )


def _look_at_chip(offered: Offered, chip: Chip, known: Ready) -> Presented:
    """A chip that proved itself: whose it is, by the list; a freeze of the card stops it too."""
    number = known.held.chips.find(chip)
    if number is None:
        raise RefusedError(Refusal.UNKNOWN_CARD)
    entry = known.held.directory.find(number)
    states = (
        CardState.ACTIVE if entry is None else entry.state,
        known.held.denylist.state_of(number, EVERY_ISSUE) or CardState.ACTIVE,
    )
    if max(states) is not CardState.ACTIVE:
        raise RefusedError(STATE_REFUSALS[max(states)])
    return Presented(
        str(chip),
        CredentialKind.CARD,
        number,
        0,
        0,
        0,
        offered.at,
        entry,
        Refusal.UNKNOWN_CARD if entry is None else None,
        offered.asked_fen,
        offered.pin,
        chip.kind,
    )


def _look_at_emergency(offered: Offered, known: Ready, memory: Memory) -> Presented:
    text, at, asked_fen, pin, _ = offered
    shown = parse_emergency(text)
    entry = known.held.directory.find(shown.card_number)
    if entry is None:
        raise RefusedError(Refusal.UNKNOWN_CARD)
    on = local_date(at, known.rules.utc_offset_seconds)
    code = verify_emergency(text, entry.issue, known.keyring, at, on)
    entry, refusal = _find(code.card_number, code.issue, known.held)
    day = day_number(on)
    memory.check_emergency(code.card_number, day)
    return Presented(
        text,
        CredentialKind.EMERGENCY,
        code.card_number,
        code.issue,
        code.epoch,
        day,
        at,
        entry,
        refusal,
        asked_fen,
        pin,
    )


def _find(card_number: str, issue: int, held: Held) -> tuple[CardEntry | None, Refusal | None]:
    denied = held.denylist.state_of(card_number, issue)
    if denied is not None and denied is not CardState.ACTIVE:
        # a denial acts at once, even on a card the directory has not heard of
        raise RefusedError(STATE_REFUSALS[denied])
    try:
        return check_card(card_number, issue, held.directory, denied), None
    except RefusedError as error:
        if error.refusal not in _MAY_BE_NEWS:
            raise
        return None, error.refusal


def decide_alone(
    presented: Presented, known: Ready, memory: Memory, group_id: str, sync_age_seconds: int
) -> Approved | Declined:
    """The verdict without the server: campus_code's rule with this terminal's own counters."""
    entry = presented.entry
    if entry is None:
        return Declined(presented.refusal or Refusal.UNKNOWN_CARD, {})
    # looked at again: a freeze may have come in while the server was being asked
    issue = EVERY_ISSUE if presented.kind is CredentialKind.CARD else presented.issue
    denied = known.held.denylist.state_of(presented.card_number, issue)
    if _was_taken_by_a_neighbour(presented, memory):
        is_emergency = presented.kind is CredentialKind.EMERGENCY
        return Declined(Refusal.EMERGENCY_USED if is_emergency else Refusal.ALREADY_USED, {})
    spent = memory.spent_offline(presented.card_number)
    tap = Tap(
        at=presented.at,
        group_id=group_id,
        class_id=entry.class_id,
        card_state=entry.state if denied is None else max(entry.state, denied),
        asked_fen=presented.asked_fen,
        has_pin=False,  # nobody but the server can tell a right PIN
        credential=presented.kind,
        chip=presented.chip,
    )
    offline = OfflineKnown(
        sync_age_seconds=sync_age_seconds,
        payments=spent.payments,
        spent_fen=spent.spent_fen,
        entry_limit_fen=entry.offline_limit_fen,
        terminal_fen=memory.offline_fen(),
    )
    tally = memory.tallies.get(presented.card_number, NO_TALLY)
    limited = _limited(tap, known, memory, presented.card_number)
    return decide(tap, known.rules, Known(tally, offline=offline, limited=limited))


def _was_taken_by_a_neighbour(presented: Presented, memory: Memory) -> bool:
    """Whether a neighbour took this code while the server was being asked in vain."""
    if memory.heard is None:
        return False
    if presented.kind is CredentialKind.EMERGENCY:
        return memory.heard.was_emergency_used(presented.card_number, presented.step)
    return memory.heard.goes_first(presented.card_number, presented.issue, presented.step)


def _limited(tap: Tap, known: Ready, memory: Memory, card_number: str) -> Limited | None:
    """What guardians limit for this card, with what it spent here today at this kind."""
    limits = known.held.limits.of(card_number)
    if limits is None:
        return None
    groups = known.rules.groups
    kind = groups[tap.group_id].kind if tap.group_id in groups else ""
    today = business_day(tap.at, known.rules)
    same = [group.id for group in groups.values() if group.kind == kind]
    kind_fen = sum(memory.spent_in(card_number, group_id, today) for group_id in same)
    return Limited(limits, kind_fen)


def wants_amount(known: Ready, group_id: str) -> bool:
    """Whether the cashier has to type the amount at this group of terminals."""
    group = known.rules.groups.get(group_id)
    return group is not None and group.price_mode == "free"
