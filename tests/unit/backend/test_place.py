"""The tree of places: what stands in what, and what is below what."""

from __future__ import annotations

import pytest

from backend.domain.access import Appointment, Role
from backend.domain.errors import InvalidInputError
from backend.domain.place import (
    NO_REACH,
    WHOLE_SCHOOL,
    Place,
    PlaceKind,
    Reach,
    below,
    read_place_name,
    require_parent,
)
from backend.domain.staff import require_appointment

CAMPUS = Place(1, 0, PlaceKind.CAMPUS, "东校区")
CANTEEN = Place(2, 1, PlaceKind.CANTEEN, "一食堂")
WINDOW = Place(3, 2, PlaceKind.WINDOW, "三号窗")
OTHER = Place(4, 0, PlaceKind.CAMPUS, "西校区")
TREE = (WINDOW, CANTEEN, OTHER, CAMPUS)  # in no order


@pytest.mark.parametrize(
    "roots,wanted",
    [
        ((1,), {1, 2, 3}),
        ((2,), {2, 3}),
        ((3,), {3}),
        ((4,), {4}),
        ((2, 4), {2, 3, 4}),
        ((9,), set()),
    ],
)
def test_what_is_below(roots: tuple[int, ...], wanted: set[int]) -> None:
    assert below(TREE, roots) == wanted


def test_each_kind_stands_in_the_one_above() -> None:
    require_parent(PlaceKind.CAMPUS, None)
    require_parent(PlaceKind.CANTEEN, CAMPUS)
    require_parent(PlaceKind.WINDOW, CANTEEN)
    for kind, parent in (
        (PlaceKind.CAMPUS, CAMPUS),
        (PlaceKind.CANTEEN, None),
        (PlaceKind.CANTEEN, CANTEEN),
        (PlaceKind.WINDOW, CAMPUS),
    ):
        with pytest.raises(InvalidInputError, match="parent_id"):
            require_parent(kind, parent)


def test_the_school_is_no_place_of_somebody_at_a_place() -> None:
    reach = Reach(merchant_ids=frozenset({7}), place_ids=frozenset({2, 3}))
    assert reach.has_place(3)
    assert reach.has_merchant(7)
    for beyond in (reach.has_place(0), reach.has_merchant(8), NO_REACH.has_place(0)):
        assert not beyond
    assert WHOLE_SCHOOL.has_place(0)


@pytest.mark.parametrize("text", ["", "  ", "a\u0007b", "x" * 65])
def test_a_name_can_be_shown(text: str) -> None:
    assert read_place_name("  东校区 ") == "东校区"
    with pytest.raises(InvalidInputError, match="name"):
        read_place_name(text)


def test_a_cashier_is_at_a_merchant_and_nobody_else_is() -> None:
    require_appointment(Appointment(Role.CASHIER, merchant_id=7))
    require_appointment(Appointment(Role.FINANCE, place_id=1))
    for wrong in (
        Appointment(Role.CASHIER, place_id=1),
        Appointment(Role.FINANCE, merchant_id=7),
        Appointment(Role.CASHIER, place_id=1, merchant_id=7),
    ):
        with pytest.raises(InvalidInputError):
            require_appointment(wrong)
