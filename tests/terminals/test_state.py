"""The state machine's laws, under every order of events."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campus_code import (
    Approved,
    CardEntry,
    CardState,
    CredentialKind,
    Declined,
    Dish,
    RecordKind,
    Refusal,
    TerminalRecord,
)
from qr_terminals.answers import Answer
from qr_terminals.events import (
    Accepted,
    Answered,
    Ask,
    Begin,
    Begun,
    Close,
    Closed,
    Commit,
    Committed,
    Count,
    DecideAlone,
    Decided,
    Effect,
    Event,
    JournalFailed,
    KeepTraining,
    Locked,
    Look,
    Noticed,
    PinTyped,
    Refused,
    Scanned,
    Show,
    TimePassed,
    TrainingSet,
    Typed,
    Unanswered,
    Unlocked,
    View,
    Void,
    VoidAsked,
)
from qr_terminals.judge import Presented
from qr_terminals.readers.framing import Framer
from qr_terminals.state import Mode, TillState, step
from tests.terminals.campus import card

CODE = "9072024001301040897646836818487666"
ENTRY = CardEntry(card(1), 1, CardState.ACTIVE, 1, 1000)
PRESENTED = Presented(CODE, CredentialKind.CODE, card(1), 1, 7, 100, 1500, ENTRY)
YES = Approved(1250, 0, 0, 1250, "school", (), "day", 20260101)
NO = Declined(Refusal.OFFLINE_COUNT, {})
SERVER_YES = Answer(is_approved=True, nominal_fen=1250, charged_fen=1250, business_on=20260101)
SERVER_NO = Answer(is_approved=False, reason="insufficient_funds")


def record(sequence: int = 1) -> TerminalRecord:
    return TerminalRecord(
        sequence=sequence,
        kind=RecordKind.PAYMENT,
        credential=CODE,
        step=100,
        epoch=7,
        card_number=card(1),
        issue=1,
        occurred_at=1500,
        group_id="fixed",
        class_id=1,
        asked_fen=None,
        nominal_fen=1250,
        discount_fen=0,
        fee_fen=0,
        charged_fen=1250,
        period_id="day",
        business_on=20260101,
        was_online=False,
        has_pin=False,
        reverses=0,
        sync_age_seconds=0,
        rules_version=1,
        denylist_version=0,
        directory_version=1,
    )


def run(*events: Event, state: TillState | None = None) -> tuple[TillState, list[Effect]]:
    now = state or TillState()
    effects: list[Effect] = []
    for event in events:
        now, more = step(now, event, 10.0)
        effects += more
    return now, effects


def shown(effects: list[Effect]) -> list[str]:
    return [one.view.shown_as for one in effects if isinstance(one, Show)]


def test_the_way_of_an_online_tap() -> None:
    state, effects = run(
        Scanned(CODE),
        Accepted(PRESENTED, asks=True),
        Begun(1),
        Answered(1, SERVER_YES),
        Committed(record()),
    )
    assert [type(one) for one in effects] == [Look, Begin, Ask, Commit, Show]
    assert (state.mode, shown(effects)) == (Mode.SHOWING, ["approved"])


def test_the_way_of_a_tap_alone_has_one_write_only() -> None:
    _, effects = run(
        Scanned(CODE), Accepted(PRESENTED, asks=False), Decided(YES), Committed(record())
    )
    assert [type(one) for one in effects] == [Look, DecideAlone, Commit, Show]


@pytest.mark.parametrize(
    "ending",
    [
        [Answered(1, SERVER_NO)],
        [Unanswered(1), Decided(NO)],
        [Unanswered(1), Refused(Refusal.CLOCK_UNTRUSTED)],
        [Answered(1, SERVER_YES), Refused(Refusal.ALREADY_USED)],
    ],
)
def test_an_attempt_without_approval_is_closed_before_it_is_refused(ending: list[Event]) -> None:
    state, effects = run(Scanned(CODE), Accepted(PRESENTED, asks=True), Begun(1), *ending)
    assert isinstance(effects[-1], Close)
    assert shown(effects) == []
    _, effects = run(Closed(), state=state)
    assert shown(effects) == ["refused"]


def test_a_late_answer_to_another_attempt_changes_nothing() -> None:
    state, _ = run(Scanned(CODE), Accepted(PRESENTED, asks=True), Begun(2))
    assert run(Answered(1, SERVER_YES), state=state) == (state, [])
    assert run(Unanswered(1), state=state) == (state, [])


def test_a_late_answer_after_the_deadline_changes_nothing() -> None:
    state, _ = run(Scanned(CODE), Accepted(PRESENTED, asks=True), Begun(1), Unanswered(1))
    assert run(Answered(1, SERVER_YES), state=state) == (state, [])


def test_a_scan_during_a_tap_begins_nothing() -> None:
    state, _ = run(Scanned(CODE), Accepted(PRESENTED, asks=True), Begun(1))
    assert run(Scanned(CODE), state=state) == (state, [])
    after, effects = run(Scanned("another"), state=state)
    assert (after, shown(effects)) == (state, ["busy"])


def test_nothing_leads_out_of_a_fault() -> None:
    state, effects = run(Scanned(CODE), JournalFailed("坏", "bad"))
    assert shown(effects) == ["fault"]
    for event in EVENTS:
        assert run(event, state=state) == (state, [])


def test_a_locked_terminal_ends_its_tap_and_takes_no_other() -> None:
    state, effects = run(
        Scanned(CODE),
        Accepted(PRESENTED, asks=False),
        Locked(),
        Decided(YES),
        Committed(record()),
    )
    assert (state.mode, shown(effects)) == (Mode.REVOKED, ["approved"])
    assert run(Scanned(CODE), state=state) == (state, [])
    assert run(Unlocked(), state=state)[0].mode is Mode.WAITING


def test_an_amount_is_asked_once_unless_it_is_everybodys() -> None:
    approved = (Accepted(PRESENTED, asks=False), Decided(YES), Committed(record()))
    state, _ = run(Typed(500), Scanned(CODE), *approved)
    assert state.amount_fen is None
    state, _ = run(Scanned(CODE), *approved, state=TillState(amount_fen=500, keeps_amount=True))
    assert state.amount_fen == 500


EVENTS: list[Event] = [
    Scanned(CODE),
    Scanned("another"),
    Typed(700),
    Typed(None),
    PinTyped("1234"),
    Refused(Refusal.EXPIRED),
    Refused(Refusal.PIN_REQUIRED),
    Accepted(PRESENTED, asks=True),
    Accepted(PRESENTED, asks=False),
    Begun(1),
    Begun(2),
    Answered(1, SERVER_YES),
    Answered(1, SERVER_NO),
    Answered(2, SERVER_YES),
    Unanswered(1),
    Unanswered(2),
    Decided(YES),
    Decided(NO),
    Committed(record()),
    Closed(),
    VoidAsked(None),
    VoidAsked(record()),
    Locked(),
    Unlocked(),
    TimePassed(),
    TrainingSet(is_on=True),
    TrainingSet(is_on=False),
    Noticed(View("shift_opened")),
]
WRITES = (Begin, Ask, Commit, Close, Void, Count)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(EVENTS), max_size=40))
def test_the_laws_hold_in_every_order_of_events(events: list[Event]) -> None:
    state, open_attempt = TillState(), False
    for number, event in enumerate(events):
        before = state
        state, effects = step(state, event, float(number))
        for effect in effects:
            if isinstance(effect, Begin | Look):
                assert not open_attempt, "a tap began while another was under way"
            if isinstance(effect, Commit):
                assert before.mode in (Mode.ASKING, Mode.DECIDING)
            is_approval = isinstance(effect, Show) and effect.view.shown_as == "approved"
            if is_approval and not effect.view.is_again:  # type: ignore[union-attr]
                assert isinstance(event, Committed), "shown without a durable record"
            if isinstance(effect, Show) and effect.view.shown_as == "refused":
                assert not open_attempt or effect.view.is_again or isinstance(event, Closed)
        if before.mode is Mode.BEGINNING and isinstance(event, Begun):
            open_attempt = True
        is_end = isinstance(event, Closed | Committed) and before.mode in (
            Mode.CLOSING,
            Mode.COMMITTING,
        )
        if is_end:
            open_attempt = False
        assert (state.sequence is not None) == open_attempt


def test_keystrokes_from_a_scanner_change_no_state() -> None:
    seeded = random.Random(7)
    state = TillState(amount_fen=990)
    texts: list[str] = []
    framer = Framer(texts.append, lambda: 0.0)
    framer.feed(b"amount 1\rvoid  \rquit  \rpin 1234\rstatus\r")
    framer.feed(bytes(seeded.randrange(128) for _ in range(5000)) + b"\r")
    assert "amount 1" in texts
    for text in texts:
        looking, effects = step(state, Scanned(text), 0.0)
        assert [type(one) for one in effects] == [Look]
        refused, _ = step(looking, Refused(Refusal.UNREADABLE), 0.0)
        assert refused.amount_fen == 990
        assert not any(isinstance(one, Void) for one in effects)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(EVENTS), max_size=40))
def test_training_writes_nothing_and_says_so_in_every_order_of_events(
    events: list[Event],
) -> None:
    state = TillState()
    for number, event in enumerate(events):
        was_training = state.is_training
        state, effects = step(state, event, float(number))
        if was_training or state.is_training:
            assert not [effect for effect in effects if isinstance(effect, WRITES)]
        for effect in effects:
            if isinstance(effect, Show):
                assert effect.view.is_training == state.is_training
                if state.is_training:
                    assert effect.view.shown_as not in ("approved", "voided")
                assert (effect.view.shown_as != "trained") or state.is_training


@pytest.mark.parametrize("asks", [True, False])
def test_the_way_of_a_tap_in_training(*, asks: bool) -> None:
    state, effects = run(
        TrainingSet(is_on=True), Typed(1250), Scanned(CODE), Accepted(PRESENTED, asks), Decided(YES)
    )
    assert [type(one) for one in effects] == [
        KeepTraining,
        Show,
        Show,
        Look,
        DecideAlone,
        Show,
    ]
    assert (state.mode, shown(effects)[-1], state.amount_fen) == (Mode.SHOWING, "trained", None)
    view = [one.view for one in effects if isinstance(one, Show)][-1]
    assert (view.amount_fen, view.record, view.is_training) == (1250, None, True)


def test_training_voids_nothing() -> None:
    state, effects = run(TrainingSet(is_on=True), VoidAsked(record()))
    assert (state.mode, shown(effects)) == (Mode.WAITING, ["waiting", "nothing_to_void"])
    assert not any(isinstance(one, Void) for one in effects)


def test_training_begins_and_ends_between_taps_only() -> None:
    asking, _ = run(Scanned(CODE), Accepted(PRESENTED, asks=True), Begun(1))
    assert run(TrainingSet(is_on=True), state=asking) == (asking, [])
    state, effects = run(Typed(500), TrainingSet(is_on=True))
    assert (state.is_training, state.amount_fen, shown(effects)[-1]) == (True, None, "waiting")
    assert run(TrainingSet(is_on=True), state=state) == (state, [])
    assert not run(TrainingSet(is_on=False), state=state)[0].is_training


def test_a_notice_keeps_the_amount_and_goes_by_itself() -> None:
    dishes = (Dish("12", 2),)
    state, effects = run(Typed(1900, dishes), Noticed(View("shift_opened")))
    view = [one.view for one in effects if isinstance(one, Show)][-1]
    assert (view.shown_as, view.amount_fen, view.dishes) == ("shift_opened", 1900, dishes)
    _, after = step(state, TimePassed(), state.until)
    assert list(after) == [Show(View("waiting", amount_fen=1900, dishes=dishes))]


def test_dishes_go_with_their_payment() -> None:
    state, _ = run(Typed(1900, (Dish("12", 2),)), Scanned(CODE), Refused(Refusal.EXPIRED))
    assert state.shown.dishes == (Dish("12", 2),)
    tap = (Scanned("2"), Accepted(PRESENTED, asks=False), Decided(YES), Committed(record()))
    assert run(*tap, state=state)[0].dishes == ()
