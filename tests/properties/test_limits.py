"""Limits only ever make fewer approvals, hold over any day, and travel as they were set."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

import campus_code as cc
from campus_code.limits import AMOUNT_FEN_MAX
from scripts.vector_decisions import NOON
from scripts.vector_limits import kinds_rules

RULES = kinds_rules()
GROUPS = sorted(RULES.groups)
DAY = 86_400
AMOUNTS = some.integers(0, 6000)
MAYBE = some.none() | AMOUNTS
KINDS = some.dictionaries(some.sampled_from(["canteen", "shop", "gym", "zoo"]), AMOUNTS)
LIMITS = some.builds(cc.HolderLimits, MAYBE, some.tuples(*[MAYBE] * 7), KINDS)
TAPS = some.builds(
    cc.Tap,
    at=some.integers(NOON - 8 * DAY, NOON + 8 * DAY),
    group_id=some.sampled_from([*GROUPS, "nowhere"]),
    class_id=some.integers(1, 3),
    card_state=some.sampled_from(list(cc.CardState)),
    asked_fen=some.none() | some.integers(-1, 21_000),
    has_pin=some.booleans(),
    credential=some.sampled_from(list(cc.CredentialKind)),
)
TALLIES = some.builds(
    cc.Tally,
    business_on=some.sampled_from([None, 20251231, 20260101]),
    period=some.sampled_from(["", "lunch"]),
    day_fen=AMOUNTS,
)
KNOWN = some.builds(
    cc.Known, tally=TALLIES, balances=some.just({"cash": 50_000}), offline=some.none()
) | some.builds(cc.Known, tally=TALLIES, offline=some.just(cc.OfflineKnown(60)))
GUARDIANS = {cc.Refusal.GUARDIAN_DAY_LIMIT, cc.Refusal.GUARDIAN_KIND_LIMIT}
NUMBERS = some.integers(0, 300).map(cc.card_number)
LISTS = some.dictionaries(NUMBERS, LIMITS.filter(bool), max_size=12)


@given(TAPS, KNOWN, LIMITS, AMOUNTS)
def test_limits_only_refuse(
    tap: cc.Tap, known: cc.Known, limits: cc.HolderLimits, fen: int
) -> None:
    free = cc.decide(tap, RULES, known)
    limited = cc.decide(
        tap, RULES, cc.Known(known.tally, known.balances, known.offline, cc.Limited(limits, fen))
    )
    if isinstance(limited, cc.Declined) and limited.reason in GUARDIANS:
        # a payment, or one that other limits, purses or the PIN would have refused after all
        assert not isinstance(free, cc.Declined) or free.reason in LATER
    else:
        assert limited == free


LATER = {
    cc.Refusal.COUNT_LIMIT, cc.Refusal.SINGLE_LIMIT, cc.Refusal.MEAL_LIMIT, cc.Refusal.DAY_LIMIT,
    cc.Refusal.PIN_REQUIRED, cc.Refusal.INSUFFICIENT_FUNDS, cc.Refusal.OFFLINE_LIMIT,
    cc.Refusal.OFFLINE_COUNT, cc.Refusal.OFFLINE_TOO_LONG,
}  # fmt: skip


@given(TAPS, KNOWN, AMOUNTS)
def test_limits_of_nothing_are_as_if_there_were_none(
    tap: cc.Tap, known: cc.Known, fen: int
) -> None:
    nothing = cc.Limited(cc.NO_LIMITS, fen)
    with_them = cc.Known(known.tally, known.balances, known.offline, nothing)
    assert cc.decide(tap, RULES, with_them) == cc.decide(tap, RULES, known)


@given(
    LIMITS, some.lists(some.tuples(some.sampled_from(GROUPS), some.integers(1, 3000)), max_size=9)
)
def test_a_day_never_costs_more_than_is_allowed(
    limits: cc.HolderLimits, asked: list[tuple[str, int]]
) -> None:
    tally, by_kind = cc.Tally(), dict.fromkeys(("canteen", "shop", "gym", ""), 0)
    for place, (group_id, fen) in enumerate(asked):
        at, kind = NOON + 30 * place, RULES.groups[group_id].kind
        tap = cc.Tap(at, group_id, 1, cc.CardState.ACTIVE, asked_fen=fen, has_pin=True)
        limited = cc.Limited(limits, by_kind[kind])
        told = cc.decide(tap, RULES, cc.Known(tally, {"cash": 10**6}, limited=limited))
        if isinstance(told, cc.Approved):
            tally = tally.add(told, at)
            by_kind[kind] += told.charged_fen
    most = limits.of_day(20260101)
    assert most is None or tally.day_fen <= most
    for kind, spent_fen in by_kind.items():
        assert spent_fen <= limits.kinds.get(kind, AMOUNT_FEN_MAX)


@given(LISTS, LISTS, some.sets(NUMBERS, max_size=4))
def test_changes_on_a_list_equal_the_whole(
    first: dict[str, cc.HolderLimits], changed: dict[str, cc.HolderLimits], lifted: set[str]
) -> None:
    held = cc.CardLimits().apply(cc.pack_limits(first.items()), 1)
    assert dict(held) == first
    news: dict[str, cc.HolderLimits | None] = {**changed, **dict.fromkeys(lifted)}
    after = held.apply(cc.pack_limits(news.items(), 1), 2)
    whole = {number: one for number, one in {**first, **news}.items() if one is not None}
    assert dict(after) == whole
    assert dict(cc.CardLimits().apply(cc.pack_limits(after), 2)) == whole


@given(LISTS, some.data())
def test_a_changed_payload_is_another_list_or_none(
    limits: dict[str, cc.HolderLimits], data: some.DataObject
) -> None:
    payload = cc.pack_limits(limits.items())
    place = data.draw(some.integers(0, len(payload) - 1))
    flipped = payload[place] ^ data.draw(some.integers(1, 255))
    other = payload[:place] + bytes((flipped,)) + payload[place + 1 :]
    try:
        held = cc.CardLimits().apply(other, 1)
    except cc.DocumentError:
        return
    assert cc.pack_limits(held) == other
    assert dict(held) != limits


@given(some.binary(max_size=200))
def test_rubbish_is_refused_and_nothing_else(raw: bytes) -> None:
    empty = cc.pack_limits([])
    if raw != empty:
        with pytest.raises(cc.DocumentError):
            cc.CardLimits().apply(raw, 1)
