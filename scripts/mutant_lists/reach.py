"""Guards over roles that end at a place: who gets in, what is seen, what is acted on."""

from scripts.mutant_lists.mutant import Mutant, off

_FOREIGN = "tests/api/test_reach.py::test_nothing_of_another_campus_is_seen_or_touched"
_SCHOOL = "tests/api/test_reach.py::test_what_is_for_the_whole_school_is_not_for_a_place"
_SEVERAL = "tests/api/test_reach.py::test_a_person_has_several_roles_each_with_its_own_reach"
_OWN_END = "tests/api/test_reach.py::test_nobody_moves_the_place_his_own_right_ends_at"
_PLACES = "backend/tables/places.py"
_CARD = "tests/api/test_people_reach.py::test_a_card_of_a_campus_is_frozen_by_its_own_office_alone"
_SEARCH = "tests/api/test_people_reach.py::test_a_campus_finds_its_own_people_however_it_asks"
_GUEST = "tests/api/test_people_reach.py::test_a_guest_of_a_campus_is_at_home_there_and_in_its_book"
_GUEST_AT = "tests/api/test_people_reach.py::test_a_guest_is_at_home_at_a_campus_of_the_asker"

REACH = (
    off("backend/api/access.py", "if not (is_bounded or actor.reach.is_whole_school):", _SCHOOL),
    off("backend/api/access.py", "if whose is not None:", _CARD),
    off("backend/tables/people_search.py", "if wanted.campus_ids is not None:", _SEARCH),
    Mutant(
        "backend/usecases/cardholders/find_cardholder.py",
        "CardholderRow.filter(**at_home).get_or_none(",
        "CardholderRow.get_or_none(",
        (_FOREIGN,),
        "a number finds the people of another campus",
    ),
    Mutant(
        "backend/tables/people.py",
        "if card is None or not await at_home.filter(id=card.holder_id).exists():",
        "if card is None:",
        (_CARD,),
        "a card of another campus is frozen, replaced and closed",
    ),
    Mutant(
        "backend/usecases/visits/open_helped_visit.py",
        "    await require_own_card(actor, card_id)\n",
        "",
        ("tests/api/test_visits.py::test_a_clerk_of_one_campus_helps_those_at_home_there",),
        "a clerk of one campus acts for a cardholder of another at his kiosk",
    ),
    Mutant(
        "backend/usecases/card_requests/decide_card.py",
        "CardRequestRow.filter(**at_home).select_for_update()",
        "CardRequestRow.select_for_update()",
        (_FOREIGN, _GUEST),
        "somebody opens a card that another campus asked for",
    ),
    Mutant(
        "backend/domain/card_request.py",
        "if asked_for in own or (not asked_for and reach.is_whole_school):",
        "if True:",
        (_GUEST_AT,),
        "a guest is put into the books of a campus that is none of the asker's",
    ),
    Mutant(
        "backend/api/access.py",
        "return replace(actor, reach=await reach_of(own))",
        "return replace(actor, reach=await reach_of(actor.appointments))",
        (_SEVERAL,),
        "a role held at one campus acts wherever another role of the person is held",
    ),
    Mutant(
        _PLACES,
        'return {f"{column}__in": sorted(actor.reach.merchant_ids)}',
        "return {}",
        (_FOREIGN,),
        "lists show what stands on another campus",
    ),
    Mutant(
        _PLACES,
        'return {f"{column}__in": sorted(actor.reach.place_ids)}',
        "return {}",
        (_FOREIGN,),
        "drawers of another campus are listed",
    ),
    Mutant(
        _PLACES,
        'return f"{column} IN ({sql.numbers(sorted(actor.reach.merchant_ids))})"',
        'return "1=1"',
        (_FOREIGN,),
        "disputes and refunds of another campus are listed",
    ),
    Mutant(
        "backend/usecases/payments/approve_correction.py",
        "if request is None or not await is_within_reach(request, actor):",
        "if request is None:",
        (_FOREIGN,),
        "somebody approves another campus's refund",
    ),
    Mutant(
        "backend/usecases/disputes/decide_dispute.py",
        "        await require_reach(actor, payment_id)\n",
        "",
        (_FOREIGN,),
        "somebody decides another campus's dispute",
    ),
    Mutant(
        "backend/usecases/drawers/approve_drawer.py",
        "if not rows or not actor.reach.has_place(rows[0][5]):",
        "if not rows:",
        (_FOREIGN,),
        "somebody books the difference of another campus's drawer",
    ),
    off(
        "backend/usecases/drawers/open_drawer.py",
        "if not actor.reach.has_place(place_id):",
        _FOREIGN,
    ),
    off(
        "backend/usecases/merchants/create_merchant.py",
        "if not actor.reach.has_place(place_id):",
        _FOREIGN,
    ),
    off(
        "backend/usecases/merchants/place_merchant.py",
        "if not actor.reach.has_place(place_id):",
        _FOREIGN,
    ),
    Mutant(
        "backend/usecases/merchants/place_merchant.py",
        "if row is None or not actor.reach.has_merchant(merchant_id):",
        "if row is None:",
        (_FOREIGN,),
        "somebody takes a merchant, and its payments, to his own campus",
    ),
    off(
        "backend/usecases/places/make_place.py",
        "if not actor.reach.has_place(parent_id):",
        _FOREIGN,
    ),
    Mutant(
        "backend/usecases/places/change_place.py",
        "if not (actor.reach.has_place(place_id) and actor.reach.has_place(parent_id)):",
        "if False:",
        (_FOREIGN,),
    ),
    off(
        "backend/usecases/places/change_place.py",
        "if not actor.reach.has_place(row.parent_id):",
        "tests/api/test_reach.py::test_nobody_takes_his_canteen_out_of_another_campus",
    ),
    off(
        "backend/usecases/places/close_place.py",
        "if not actor.reach.has_place(row.parent_id):",
        _OWN_END,
    ),
    Mutant(
        "backend/usecases/terminals/make_enrolment.py",
        "if merchant is None or not actor.reach.has_merchant(merchant_id):",
        "if merchant is None:",
        (_FOREIGN,),
        "somebody enrols a terminal for another campus's merchant",
    ),
    Mutant(
        "backend/usecases/terminals/make_enrolment.py",
        "if terminal is None or not actor.reach.has_merchant(terminal.merchant_id):",
        "if terminal is None:",
        (_FOREIGN,),
        "somebody becomes another campus's terminal",
    ),
    Mutant(
        "backend/usecases/terminals/revoke_terminal.py",
        "if not await TerminalRow.filter(id=terminal_id, **within(actor)).exists():",
        "if False:",
        (_FOREIGN,),
        "somebody turns another campus's terminal away",
    ),
    Mutant(
        "backend/tables/places.py",
        "if not inside or not reach.has_place(place_id):",
        "if not inside:",
        ("tests/api/test_live.py::test_a_place_beyond_reach_is_no_place",),
        "somebody looks at another campus's dashboard",
    ),
    Mutant(
        "backend/tables/places.py",
        "return None if reach.is_whole_school else reach.merchant_ids",
        "return None",
        ("tests/api/test_live.py::test_a_place_is_looked_at_alone",),
        "somebody at a place sees the whole school's dashboard",
    ),
    off(
        "backend/usecases/staff/appoint.py",
        "if staff_id == actor.id:",
        "tests/api/test_reach.py::test_nobody_appoints_himself",
    ),
    Mutant(
        "backend/domain/place.py",
        "return self.is_whole_school or place_id in self.place_ids",
        "return True",
        ("tests/unit/backend/test_place.py::test_the_school_is_no_place_of_somebody_at_a_place",),
    ),
)
