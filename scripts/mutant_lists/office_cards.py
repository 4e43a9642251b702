"""Guards over cards that two people open, ends of cards, and imports that are taken back."""

from scripts.mutant_lists.mutant import Mutant, off

_REQUESTS = "tests/api/test_card_requests.py::"
_ENDINGS = "tests/api/test_endings.py::"
_UNDO = "tests/usecases/test_undo_import.py::"

OFFICE_CARDS = (
    off(
        "backend/usecases/card_requests/decide_card.py",
        "if row.asked_by == actor.label:",
        f"{_REQUESTS}test_a_guest_gets_a_card_with_an_end_from_two_people",
    ),
    off(
        "backend/usecases/card_requests/decide_card.py",
        "if at > row.asked_at + REQUEST_VALID_SECONDS or 0 < row.until_at <= at:",
        f"{_REQUESTS}test_what_waited_too_long_or_ends_before_is_not_approved",
    ),
    off(
        "backend/usecases/card_requests/ask_card.py",
        "if await used.exclude(decision=Decision.REJECTED.value).count() >= quota.cards_a_day:",
        f"{_REQUESTS}test_a_quota_is_of_an_office_and_a_day",
    ),
    Mutant(
        "backend/usecases/card_requests/ask_card.py",
        "await CardQuotaRow.select_for_update().get_or_none(office=asked.office)",
        "await CardQuotaRow.get_or_none(office=asked.office)",
        (f"{_REQUESTS}test_two_at_once_do_not_both_take_the_last_of_a_quota",),
    ),
    off(
        "backend/usecases/cards/open_card.py",
        "if is_first and await open_cards_of(holder_id):",
        f"{_REQUESTS}test_one_person_opens_a_first_card_and_no_second",
    ),
    Mutant(
        "backend/migrations/0018_people.py",
        "DECIDED_BY_TWO = \"({row}decided_by = '' OR {row}decided_by <> {row}%s)\"",
        "DECIDED_BY_TWO = \"('%s' <> '')\"",
        (
            f"{_REQUESTS}test_the_database_itself_refuses_one_person",
            f"{_ENDINGS}test_the_database_itself_refuses_one_person",
        ),
    ),
    off(
        "backend/usecases/endings/decide_ending.py",
        "if row.made_by == actor.label:",
        f"{_ENDINGS}test_a_cohort_ends_by_two_people",
    ),
    Mutant(
        "backend/usecases/endings/end_holders.py",
        "frozen = freeze(card_of(row), frozenset(Part), by, at)",
        "frozen = card_of(row)",
        (f"{_ENDINGS}test_who_is_due_is_frozen_and_no_longer_active",),
    ),
    Mutant(
        "backend/tables/holdings.py",
        " AND made_by NOT LIKE '{ENDED_BY}:%'",
        "",
        (f"{_ENDINGS}test_terminals_do_not_doubt_a_cohort_that_two_people_ended",),
    ),
    off(
        "backend/domain/roster_undo.py",
        "if replace(now, is_limited=False) != replace(after, is_limited=False):",
        f"{_UNDO}test_who_was_changed_since_stays_and_his_row_says_so",
    ),
    off(
        "backend/domain/roster_undo.py",
        "if is_used:",
        f"{_UNDO}test_who_is_new_and_used_his_card_stays",
    ),
)
