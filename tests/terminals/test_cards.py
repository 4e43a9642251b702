"""What lies in the field, without a reader: right cards, forged, torn, replayed, relayed, fresh."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from campus_code import (
    TRANSPORT_KEYS,
    Chip,
    ChipKeys,
    ChipKind,
    ChipRules,
    NfcRules,
    Refusal,
    RefusedError,
    verify_challenge,
)
from qr_terminals.cards import Card, Timed, classic, cpu, desfire
from qr_terminals.cards.identify import Shown, identify
from qr_terminals.cards.phone import Answered
from qr_terminals.cards.safe import HeldKeys
from simulators.cards import Direct, Recorder, Relayed, Replayed, Silicon, Torn
from simulators.cards.classic import Classic
from simulators.cards.cpu import CpuCard
from simulators.cards.desfire import APPLICATION, Desfire
from simulators.cards.phone import Phone
from tests.terminals.campus import NOON, card
from tests.terminals.chips import (
    KEYS,
    NFC,
    STRONG,
    ChipCampus,
    chip,
    fresh,
    wanted,
    written,
)

KINDS = list(ChipKind)
PROVING = [ChipKind.DESFIRE, ChipKind.CPU]
FOREIGN = bytes(range(100, 116))
WRITE: dict[ChipKind, Callable[[Timed], Chip]] = {
    ChipKind.DESFIRE: lambda timed: desfire.write(timed, KEYS, os.urandom),
    ChipKind.CPU: lambda timed: cpu.write(timed, KEYS, os.urandom),
    ChipKind.CLASSIC: lambda timed: classic.write(timed, KEYS),
}
CAMPUS = ChipCampus()


def at_rest() -> float:
    """A clock for cards that answer at once."""
    return 0.0


def shown(one: Silicon, rules: NfcRules = NFC, clock: Callable[[], float] = at_rest) -> Shown:
    return identify(Direct(one), wanted(rules=rules), os.urandom, clock)


def refused(one: Silicon, rules: NfcRules = NFC) -> Refusal:
    with pytest.raises(RefusedError) as caught:
        shown(one, rules)
    return caught.value.refusal


def timed(one: Card) -> Timed:
    return Timed(one, at_rest)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_right_chip_proves_what_it_is(kind: ChipKind) -> None:
    assert shown(written(kind)) == Shown(str(chip(kind)), chip(kind))


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_chip_with_a_foreign_or_a_transport_key_is_wrong(kind: ChipKind) -> None:
    assert refused(written(kind, FOREIGN)) is Refusal.WRONG_CHIP
    one = fresh(kind)
    if isinstance(one, Desfire):
        assert refused(one, STRONG) is Refusal.CHIP_NOT_TAKEN  # it has no application of ours
        one.keys[APPLICATION] = bytes(16)
    assert refused(one) is Refusal.WRONG_CHIP


@pytest.mark.parametrize("kind", PROVING, ids=str)
def test_a_recording_is_worth_nothing_at_the_next_tap(kind: ChipKind) -> None:
    recorder = Recorder(written(kind))
    assert shown(recorder).proof == chip(kind)
    assert refused(Replayed(recorder.atr, recorder.answers)) is Refusal.WRONG_CHIP


def test_a_classic_clone_is_taken_for_the_chip_and_so_only_where_the_rules_say() -> None:
    """Said plainly: nothing tells a copy from the chip; what helps is the cap and the end."""
    copy = written(ChipKind.CLASSIC)
    assert isinstance(copy, Classic)
    assert shown(copy.clone()).proof == chip(ChipKind.CLASSIC)
    assert refused(copy.clone(), STRONG) is Refusal.CHIP_NOT_TAKEN
    over = NfcRules((*STRONG.chips, ChipRules(ChipKind.CLASSIC, 1, 1, 20251231)))
    assert refused(copy, over) is Refusal.CHIP_NOT_TAKEN


def test_what_is_written_on_a_chip_is_never_read() -> None:
    """A balance on the card, edited or not, is nobody's word."""
    for kind in KINDS:
        recorder = Sent(written(kind))
        shown(recorder)
        reads = [one for one in recorder.commands if one[:2] in (b"\xff\xb0", b"\x90\xbd")]
        assert reads == []


class Sent:
    """Keeps every command."""

    def __init__(self, one: Silicon) -> None:
        self.atr, self._one = one.atr, one
        self.commands: list[bytes] = []

    def reset(self) -> None:
        self._one.reset()

    def apdu(self, command: bytes) -> bytes:
        self.commands.append(command)
        return self._one.apdu(command)


def commands_of(make: Callable[[], Silicon]) -> int:
    sent = Sent(make())
    shown(sent)
    return len(sent.commands)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_chip_pulled_away_at_any_moment_was_not_there(kind: ChipKind) -> None:
    for answers in range(commands_of(lambda: written(kind))):
        assert refused(Torn(written(kind), answers)) is Refusal.CARD_REMOVED
    assert shown(written(kind)).proof == chip(kind)


@pytest.mark.parametrize("seconds", [0.16, 0.5])
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_chip_that_answers_from_far_away_is_wrong(kind: ChipKind, seconds: float) -> None:
    ticks = itertools.count()
    now = {"at": 0.0}

    def delay() -> None:
        if next(ticks):  # the first command asks for a phone, which may be slower
            now["at"] += seconds

    with pytest.raises(RefusedError) as caught:
        shown(Relayed(written(kind), delay), clock=lambda: now["at"])
    told = caught.value
    assert (told.refusal, told.evidence) == (Refusal.WRONG_CHIP, {"which": "late"})


def test_a_phone_far_away_is_wrong_beyond_a_second() -> None:
    now = {"at": 0.0}

    def delay() -> None:
        now["at"] += 1.1

    with pytest.raises(RefusedError) as caught:
        shown(Relayed(CAMPUS.phone(1), delay), clock=lambda: now["at"])
    assert caught.value.evidence == {"which": "late"}


def test_random_uids_are_never_a_chip() -> None:
    chance = random.Random(7)
    for _ in range(10_000):
        one = Classic(chance.randbytes(4), (chance.randbytes(6), chance.randbytes(6)))
        assert refused(one) is Refusal.WRONG_CHIP
    hidden = Desfire(chance.randbytes(4), dict(Desfire.written(FOREIGN).keys))
    assert refused(hidden) is Refusal.WRONG_CHIP


# --------------------------------------------------------------------------------- phones


def test_a_phone_answers_a_challenge_of_this_tap_alone() -> None:
    first, second = shown(CAMPUS.phone(1)), shown(CAMPUS.phone(1))
    assert isinstance(first.proof, Answered)
    assert isinstance(second.proof, Answered)
    assert first.text == second.text == CAMPUS.code(1)
    assert first.proof.asked.nonce != second.proof.asked.nonce
    verified = verify_challenge(first.proof.answer, first.proof.asked, CAMPUS.keyring, NOON)
    assert verified.card_number == card(1)
    with pytest.raises(RefusedError):
        verify_challenge(first.proof.answer, second.proof.asked, CAMPUS.keyring, NOON)


def test_a_replayed_phone_does_not_answer_what_is_asked_now() -> None:
    recorder = Recorder(CAMPUS.phone(1))
    shown(recorder)
    again = shown(Replayed(recorder.atr, recorder.answers))
    assert isinstance(again.proof, Answered)
    with pytest.raises(RefusedError) as caught:
        verify_challenge(again.proof.answer, again.proof.asked, CAMPUS.keyring, NOON)
    assert caught.value.evidence == {"which": "challenge"}


def test_a_phone_too_old_for_a_challenge_is_taken_by_policy_only() -> None:
    old = CAMPUS.phone(1, is_old=True)
    assert refused(old) is Refusal.UNREADABLE
    plain = NfcRules(accepts_plain_codes=True)
    assert shown(old, plain) == Shown(CAMPUS.code(1), None)
    assert isinstance(shown(CAMPUS.phone(1), plain).proof, Answered)


def test_a_phone_without_secrets_or_torn_away_says_nothing() -> None:
    assert refused(Phone(None, lambda: NOON)) is Refusal.UNREADABLE
    for answers in range(2):
        assert refused(Torn(CAMPUS.phone(1), answers)) is Refusal.CARD_REMOVED


# ------------------------------------------------------------------------------- writing


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_written_chip_is_right_and_opens_with_no_transport_key(kind: ChipKind) -> None:
    one = fresh(kind)
    assert WRITE[kind](timed(Direct(one))) == chip(kind)
    assert shown(one).proof == chip(kind)
    own = KEYS.of(chip(kind))
    assert own is not None
    assert own not in TRANSPORT_KEYS[kind]
    assert WRITE[kind](timed(Direct(one))) == chip(kind)  # again changes nothing
    assert shown(one).proof == chip(kind)


@pytest.mark.parametrize("is_done", [False, True], ids=["undone", "done"])
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_tear_while_writing_leaves_a_chip_that_can_be_written_again(
    kind: ChipKind, *, is_done: bool
) -> None:
    whole = Sent(fresh(kind))
    WRITE[kind](timed(Direct(whole)))
    for answers in range(len(whole.commands)):
        one = fresh(kind)
        with pytest.raises(RefusedError) as caught:
            WRITE[kind](timed(Direct(Torn(one, answers, is_done=is_done))))
        assert caught.value.refusal is Refusal.CARD_REMOVED
        assert WRITE[kind](timed(Direct(one))) == chip(kind)
        assert shown(one).proof == chip(kind)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_chip_of_another_school_is_not_written_over(kind: ChipKind) -> None:
    foreign = written(kind, FOREIGN)
    theirs = Locked(foreign) if isinstance(foreign, CpuCard) else foreign
    with pytest.raises(RefusedError) as caught:
        WRITE[kind](timed(Direct(theirs)))
    assert caught.value.refusal is Refusal.WRONG_CHIP


class Locked(Sent):
    """A CPU card whose maker's key was changed too."""

    def apdu(self, command: bytes) -> bytes:
        return b"\x63\xc2" if command[1] == 0x82 else super().apdu(command)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_chip_that_keeps_its_transport_key_is_not_enrolled(kind: ChipKind) -> None:
    """It says done to every command that writes, and does nothing."""

    class Stubborn(Sent):
        def apdu(self, command: bytes) -> bytes:
            is_writing = command[:2] in (b"\x90\xc4", b"\x80\xd4", b"\xff\xd6")
            done = b"\x91\x00" if command[0] == 0x90 else b"\x90\x00"
            return done if is_writing else super().apdu(command)

    one = Stubborn(fresh(kind))
    with pytest.raises(RefusedError) as caught:
        WRITE[kind](timed(Direct(one)))
    assert caught.value.evidence == {"which": "transport_key"}


def test_without_a_shared_key_no_chip_is_believed() -> None:
    bare = replace(wanted(), safe=HeldKeys(ChipKeys(), os.urandom))
    for kind in KINDS:
        with pytest.raises(RefusedError) as caught:
            identify(Direct(written(kind)), bare, os.urandom, at_rest)
        assert caught.value.refusal is Refusal.CHIP_KEYS_AWAY


class Babbling:
    """Answers anything at all, often with a status that says done."""

    def __init__(self, seed: int) -> None:
        self.atr = b""
        self._chance = random.Random(seed)

    def reset(self) -> None:
        """It has nothing to forget."""

    def apdu(self, _command: bytes) -> bytes:
        chance = self._chance
        lengths = (0, 1, 4, 7, 8, 16, 30, 50, 255)
        status = chance.choice((b"\x90\x00", b"\x91\x00", b"\x91\xaf", chance.randbytes(2), b""))
        return chance.randbytes(chance.choice(lengths)) + status


def test_whatever_a_card_says_is_data() -> None:
    """A reader's thread must live through it, and nobody be taken for a chip."""
    plain = replace(NFC, accepts_plain_codes=True)
    for seed in range(1000):
        try:
            told = shown(Babbling(seed), plain)
        except RefusedError:
            continue
        assert isinstance(told.proof, Answered | Chip), told
        assert not isinstance(told.proof, Chip) or told.proof.kind is ChipKind.CLASSIC
    for seed, write in itertools.product(range(200), WRITE.values()):
        with pytest.raises(RefusedError):
            write(timed(Direct(Babbling(seed))))
