"""Guardians' limits: their bounds, what they refuse, and the list that brings them to terminals."""

import dataclasses

import pytest

import campus_code as cc
from campus_code.card_limits import LIMITED_CARDS_MAX, NAMED_KINDS_MAX
from campus_code.documents import LIMITS_BYTES_MAX
from campus_code.holder_limits import LIMITED_KINDS_MAX
from campus_code.limits import AMOUNT_FEN_MAX
from scripts.vector_decisions import NOON
from scripts.vector_limits import kinds_rules

THURSDAY = 20260101
WEEK = (100, 200, 300, None, 500, 600, 700)
CARD, OTHER = "20240013", "57299993"


def known(limits: cc.HolderLimits | None, day_fen: int = 0, kind_fen: int = 0) -> cc.Known:
    tally = cc.Tally(THURSDAY, "lunch", day_fen, 0, 0, None)
    limited = None if limits is None else cc.Limited(limits, kind_fen)
    return cc.Known(tally, balances={"cash": 50_000}, limited=limited)


def tap(group_id: str = "noodles", **changes: object) -> cc.Tap:
    made = cc.Tap(NOON, group_id, 1, cc.CardState.ACTIVE, asked_fen=1250)
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"day_fen": -1},
        {"day_fen": AMOUNT_FEN_MAX + 1},
        {"day_fen": True},
        {"day_fen": 1.5},
        {"weekday_fen": (None,) * 6},
        {"weekday_fen": (None,) * 8},
        {"weekday_fen": [None] * 7},
        {"weekday_fen": (*(None,) * 6, -1)},
        {"weekday_fen": (*(None,) * 6, False)},
        {"kinds": {"": 1}},
        {"kinds": {"x" * 33: 1}},
        {"kinds": {"a\n": 1}},
        {"kinds": {"shop": None}},
        {"kinds": {"shop": -1}},
        {"kinds": {str(n): 1 for n in range(LIMITED_KINDS_MAX + 1)}},
    ],
)
def test_limits_out_of_bounds_are_never_made(wrong: dict[str, object]) -> None:
    with pytest.raises(cc.ShapeError):
        cc.HolderLimits(**wrong)  # type: ignore[arg-type]


def test_a_weekday_stands_in_the_place_of_the_day() -> None:
    limits = cc.HolderLimits(400, WEEK)
    told = [limits.of_day(on) for on in range(20260105, 20260112)]  # Monday to Sunday
    assert told == [100, 200, 300, 400, 500, 600, 700]
    assert cc.NO_LIMITS.of_day(20260105) is None


def test_nothing_limited_is_no_limits() -> None:
    assert not cc.HolderLimits()
    assert cc.HolderLimits(day_fen=0)
    assert cc.HolderLimits(kinds={"shop": 0})
    assert cc.HolderLimits(weekday_fen=(0, *(None,) * 6))


def test_a_day_limit_holds_to_the_fen() -> None:
    limits = cc.HolderLimits(day_fen=1000)  # the tap charges 1000
    assert isinstance(cc.decide(tap(), kinds_rules(), known(limits)), cc.Approved)
    over = cc.decide(tap(), kinds_rules(), known(limits, day_fen=1))
    assert isinstance(over, cc.Declined)
    assert over.reason is cc.Refusal.GUARDIAN_DAY_LIMIT
    assert over.sentence("zh") == "超过家长设定的当日限额。（限额 10.00 元）"


def test_a_kind_limit_is_of_that_kind_alone() -> None:
    limits, rules = cc.HolderLimits(kinds={"shop": 1000}), kinds_rules()
    assert isinstance(cc.decide(tap("shop"), rules, known(limits)), cc.Approved)
    over = cc.decide(tap("shop"), rules, known(limits, kind_fen=1))
    assert isinstance(over, cc.Declined)
    assert over.reason is cc.Refusal.GUARDIAN_KIND_LIMIT
    assert isinstance(cc.decide(tap(), rules, known(limits, kind_fen=5000)), cc.Approved)


def test_no_pin_lifts_what_a_guardian_set() -> None:
    limits = cc.HolderLimits(day_fen=0)
    for has_pin in (False, True):
        verdict = cc.decide(tap(has_pin=has_pin), kinds_rules(), known(limits))
        assert isinstance(verdict, cc.Declined)
        assert verdict.reason is cc.Refusal.GUARDIAN_DAY_LIMIT


def test_nobody_is_asked_for_a_pin_that_cannot_help() -> None:
    dear = tap(asked_fen=4000)  # 3200 charged: over the class's single limit
    asked = cc.decide(dear, kinds_rules(), known(None))
    refused = cc.decide(dear, kinds_rules(), known(cc.HolderLimits(day_fen=3199)))
    assert isinstance(asked, cc.Declined)
    assert isinstance(refused, cc.Declined)
    assert asked.reason is cc.Refusal.PIN_REQUIRED
    assert refused.reason is cc.Refusal.GUARDIAN_DAY_LIMIT


def test_other_refusals_come_as_before() -> None:
    limits, rules = cc.HolderLimits(day_fen=0), kinds_rules()
    for changed in (
        tap(card_state=cc.CardState.FROZEN),
        tap("nowhere"),
        tap(at=NOON + 4 * 3600),
        tap(asked_fen=0),
    ):
        assert cc.decide(changed, rules, known(limits)) == cc.decide(changed, rules, known(None))


def test_a_kind_is_left_out_where_it_is_none() -> None:
    rules = kinds_rules()
    raw = cc.to_json(rules)
    assert raw.count(b'"kind":"shop"') == 1
    assert b'"kind":""' not in raw
    assert cc.rules_from_json(raw) == rules
    for wrong in (b'"kind":"' + b"x" * 33 + b'"', b'"kind":null', b'"kinds":"shop"'):
        with pytest.raises(cc.ShapeError, match=r"groups\.shop"):
            cc.rules_from_json(raw.replace(b'"kind":"shop"', wrong))


def test_a_list_is_read_as_it_was_written() -> None:
    entries = {
        CARD: cc.HolderLimits(3000, WEEK, {"shop": 0, "超市": 1}),
        OTHER: cc.HolderLimits(kinds={"shop": 0}),
    }
    held = cc.CardLimits().apply(cc.pack_limits(entries.items()), 7)
    assert (dict(held), len(held), held.version) == (entries, 2, 7)
    assert held.of(CARD) == entries[CARD]
    assert held.of("00000000") is None


def test_equal_limits_cost_six_bytes_a_card() -> None:
    cards = [cc.card_number(number) for number in range(1000)]
    one, many = (
        cc.pack_limits([(card, cc.HolderLimits(day_fen=3000)) for card in some])
        for some in (cards[:1], cards)
    )
    assert len(many) - len(one) == 6 * 999


def test_changes_change_only_what_they_name() -> None:
    first = cc.CardLimits().apply(
        cc.pack_limits([(CARD, cc.HolderLimits(1)), (OTHER, cc.HolderLimits(2))]), 5
    )
    after = first.apply(cc.pack_limits([(CARD, None)], 5), 6)
    assert dict(after) == {OTHER: cc.HolderLimits(2)}
    assert len(first) == 2
    again = after.apply(cc.pack_limits([(CARD, cc.HolderLimits(3))], 6), 7)
    assert dict(again) == {CARD: cc.HolderLimits(3), OTHER: cc.HolderLimits(2)}
    whole = again.apply(cc.pack_limits([(CARD, cc.HolderLimits(4))]), 8)
    assert dict(whole) == {CARD: cc.HolderLimits(4)}


def test_an_older_list_and_changes_since_another_are_refused() -> None:
    held = cc.CardLimits().apply(cc.pack_limits([(CARD, cc.HolderLimits(1))]), 5)
    for payload, version, why in (
        (cc.pack_limits([]), 5, cc.DocumentFault.STALE_VERSION),
        (cc.pack_limits([]), 4, cc.DocumentFault.STALE_VERSION),
        (cc.pack_limits([(CARD, None)], 4), 6, cc.DocumentFault.WRONG_BASE),
        (cc.pack_limits([(CARD, None)], 6), 7, cc.DocumentFault.WRONG_BASE),
    ):
        with pytest.raises(cc.DocumentError) as caught:
            held.apply(payload, version)
        assert caught.value.why is why
    assert dict(held) == {CARD: cc.HolderLimits(1)}


def test_torn_and_longer_lists_are_malformed_at_every_length() -> None:
    payload = cc.pack_limits([(CARD, cc.HolderLimits(3000, WEEK, {"shop": 0})), (OTHER, None)], 1)
    for length in range(len(payload)):
        with pytest.raises(cc.DocumentError) as caught:
            cc.CardLimits(1).apply(payload[:length], 2)
        assert caught.value.why is cc.DocumentFault.MALFORMED
    with pytest.raises(cc.DocumentError):
        cc.CardLimits(1).apply(payload + b"\0", 2)


def test_the_longest_list_fits_its_document() -> None:
    kinds = {f"{number:02}" + "x" * 30: AMOUNT_FEN_MAX for number in range(LIMITED_KINDS_MAX)}
    entries = [
        (cc.card_number(number), cc.HolderLimits(number, (AMOUNT_FEN_MAX,) * 7, kinds))
        for number in range(LIMITED_CARDS_MAX)
    ]
    payload = cc.pack_limits(entries)
    assert len(payload) + NAMED_KINDS_MAX * 129 < LIMITS_BYTES_MAX
    held = cc.CardLimits().apply(payload, 1)
    assert len(held) == LIMITED_CARDS_MAX
    one_more = (cc.card_number(LIMITED_CARDS_MAX), cc.HolderLimits(1))
    with pytest.raises(cc.ShapeError, match="entries"):
        cc.pack_limits([*entries, one_more])
    with pytest.raises(cc.DocumentError) as caught:
        held.apply(cc.pack_limits([one_more], 1), 2)
    assert caught.value.why is cc.DocumentFault.OVER_LIMIT


def test_what_cannot_be_written_is_named() -> None:
    for entries, named in (
        ([(CARD, cc.HolderLimits(1)), (CARD, cc.HolderLimits(2))], "given twice"),
        ([("20240014", cc.HolderLimits(1))], "Damm"),
        (
            [
                (
                    cc.card_number(card),
                    cc.HolderLimits(kinds={f"{card}.{n}": 1 for n in range(LIMITED_KINDS_MAX)}),
                )
                for card in range(NAMED_KINDS_MAX // LIMITED_KINDS_MAX + 1)
            ],
            "kinds",
        ),
    ):
        with pytest.raises(cc.ShapeError, match=named):
            cc.pack_limits(entries)
