"""Door rules: their bounds, their one way of being written, and the list that holds them."""

import dataclasses

import pytest

import campus_code as cc
from campus_code.documents import DOORS_BYTES_MAX
from campus_code.door_list import DOOR_CARDS_MAX, GRANTS_MAX, UNTIL_MAX
from campus_code.door_rules import (
    DOOR_RULES_BYTES_MAX,
    OPENINGS_MAX,
    PASSBACK_SECONDS_MAX,
    SPECIAL_DAYS_MAX,
    ZONE_MAX,
)
from scripts.vector_doors import DORMITORY, FIRST, LIBRARY, NOON, SECOND, door_rules

OPENING = cc.Opening((1,), False, (1,), 0, 1440)


@pytest.mark.parametrize(
    "wrong",
    [
        {"classes": (2, 1)},
        {"classes": (1, 1)},
        {"classes": (256,)},
        {"classes": ()},
        {"days": ()},
        {"days": (8,)},
        {"days": (1, 1)},
        {"begins_minute": -1},
        {"begins_minute": 1440},
        {"begins_minute": True},
        {"begins_minute": 60, "ends_minute": 60},
        {"ends_minute": 1441},
    ],
    ids=str,
)
def test_an_opening_out_of_bounds_is_never_made(wrong: dict[str, object]) -> None:
    with pytest.raises(cc.ShapeError):
        dataclasses.replace(OPENING, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"zone": 0},
        {"zone": ZONE_MAX + 1},
        {"fails": "open"},
        {"passback": "on"},
        {"passback_seconds": PASSBACK_SECONDS_MAX + 1},
        {"unlock_seconds": 0},
        {"unlock_seconds": 61},
        {"sync_age_seconds_max": -1},
    ],
    ids=str,
)
def test_a_door_out_of_bounds_is_never_made(wrong: dict[str, object]) -> None:
    with pytest.raises(cc.ShapeError):
        dataclasses.replace(cc.Door(LIBRARY, "safe"), **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"calendar": {20260230: 0}},
        {"calendar": {20261301: 0}},
        {"calendar": {20260101: 8}},
        {"calendar": dict.fromkeys(range(20260101, 20260101 + SPECIAL_DAYS_MAX + 1), 0)},
        {"zones": {0: cc.Zone("门", "Door", ())}},
        {"doors": {1: cc.Door(9, "safe")}},
        {"doors": {0: cc.Door(LIBRARY, "safe")}},
        {"utc_offset_seconds": 15 * 3600},
        {"zones": {LIBRARY: None}, "doors": {}, "utc_offset_seconds": "8"},
    ],
    ids=",".join,
)
def test_rules_out_of_bounds_are_never_made(wrong: dict[str, object]) -> None:
    with pytest.raises(cc.ShapeError):
        dataclasses.replace(door_rules(), **wrong)  # type: ignore[arg-type]
    with pytest.raises(cc.ShapeError):
        cc.Zone("门", "Door", (OPENING,) * (OPENINGS_MAX + 1))


def test_rules_are_written_in_one_way_and_read_strictly() -> None:
    raw = cc.door_rules_to_json(door_rules())
    assert cc.door_rules_from_json(raw) == door_rules()
    for wrong, path in (
        (raw.replace(b'"days":[0', b'"days":[true', 1), "zones.1.openings"),
        (raw.replace(b'"fails":"safe"', b'"fails":"safe","colour":1', 1), "doors.17.colour"),
        (raw.replace(b'"passback":"hard",', b"", 1), "doors.17.passback"),
        (b" " * (DOOR_RULES_BYTES_MAX + 1), "json"),
    ):
        with pytest.raises(cc.ShapeError, match=path):
            cc.door_rules_from_json(wrong)


def test_a_list_is_changed_by_changes_and_stays_as_it_was() -> None:
    frozen = cc.DoorCard(is_frozen=True)
    whole = cc.DoorList().apply(cc.pack_doors(door_rules(), [(FIRST, frozen)]), 3)
    granted = cc.DoorCard(grants={DORMITORY: 0})
    changed = whole.apply(cc.pack_doors(None, [(SECOND, granted), (FIRST, cc.DoorCard())], 3), 4)
    assert dict(changed) == {SECOND: granted}
    assert (changed.rules, changed.version, len(changed)) == (door_rules(), 4, 1)
    assert dict(whole) == {FIRST: frozen}
    assert changed.card(FIRST) == cc.DoorCard()
    for payload, version, why in (
        (cc.pack_doors(None, [], 4), 4, cc.DocumentFault.STALE_VERSION),
        (cc.pack_doors(None, [], 3), 5, cc.DocumentFault.WRONG_BASE),
    ):
        with pytest.raises(cc.DocumentError) as caught:
            changed.apply(payload, version)
        assert caught.value.why is why


def test_a_grant_ends_in_its_second() -> None:
    card = cc.DoorCard(grants={DORMITORY: NOON})
    assert card.is_granted(DORMITORY, NOON - 1)
    assert not card.is_granted(DORMITORY, NOON)
    assert not card.is_granted(LIBRARY, 0)
    for wrong in ({0: 0}, {1: -1}, {1: UNTIL_MAX + 1}, dict.fromkeys(range(1, GRANTS_MAX + 2), 0)):
        with pytest.raises(cc.ShapeError):
            cc.DoorCard(grants=wrong)


def test_a_list_is_never_packed_over_its_bounds() -> None:
    frozen = cc.DoorCard(is_frozen=True)
    for cards, base, rules in (
        ([(FIRST, frozen), (FIRST, frozen)], 0, door_rules()),
        ([("20240014", frozen)], 0, door_rules()),
        ([(FIRST, frozen)], 0, None),
        ([(FIRST, frozen)], -1, door_rules()),
    ):
        with pytest.raises(cc.ShapeError):
            cc.pack_doors(rules, cards, base)


def test_every_card_with_a_grant_fits_into_a_document() -> None:
    numbers = [cc.card_number(number) for number in range(DOOR_CARDS_MAX)]
    card = cc.DoorCard(is_frozen=True, grants={1: UNTIL_MAX, 2: 0})
    payload = cc.pack_doors(door_rules(), ((number, card) for number in numbers))
    assert len(payload) < DOORS_BYTES_MAX
    with pytest.raises(cc.ShapeError, match="at most"):
        cc.pack_doors(door_rules(), ((cc.card_number(n), card) for n in range(DOOR_CARDS_MAX + 1)))


def test_a_card_of_every_state_is_judged() -> None:
    """A freeze of money keeps nobody out; whatever ends a card does."""
    opened = {
        state: isinstance(
            cc.decide_door(
                cc.DoorTap(NOON, 17, "in", 2, state), door_rules(), cc.DoorKnown()
            ),
            cc.Admitted,
        )
        for state in cc.CardState
    }  # fmt: skip
    assert opened == {
        cc.CardState.ACTIVE: True,
        cc.CardState.FROZEN: True,
        cc.CardState.LOST: False,
        cc.CardState.CLOSED: False,
        cc.CardState.UNKNOWN: False,
    }


@pytest.mark.parametrize(
    "wrong", [{"at": -1}, {"side": "up"}, {"class_id": 256}, {"at": True}], ids=str
)
def test_a_tap_out_of_bounds_is_never_made(wrong: dict[str, object]) -> None:
    with pytest.raises(cc.ShapeError):
        dataclasses.replace(cc.DoorTap(NOON, 17, "in", 1, cc.CardState.ACTIVE), **wrong)  # type: ignore[arg-type]
