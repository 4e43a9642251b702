"""Guards of a visit to a kiosk: who gets in, what he may do there, and when it is over."""

from scripts.mutant_lists.mutant import Mutant, off

VISIT = "backend/domain/visit.py"
OPENING = "backend/usecases/visits/open_visit.py"
PROOF = "backend/domain/chip_proof.py"
TESTS = "tests/api/test_visits.py"
CARDS = "tests/api/test_chip_visits.py"
HERE = "qr_terminals/kiosk/visitors.py"
AT_KIOSK = "tests/terminals/test_kiosk.py"

VISITS = (
    off(
        "backend/api/terminal/sync.py",
        "if is_hall(parts.rules.bundle, terminal.group_id):",
        f"{TESTS}::test_a_kiosk_is_sent_no_keys",
        "whoever opens a box in the hall has the keys of every till",
    ),
    off(
        "backend/api/terminal/events.py",
        "if is_hall(parts.rules.bundle, terminal.group_id):",
        f"{TESTS}::test_a_kiosk_is_told_of_no_list",
        "a box in the hall hears who lost his card",
    ),
    off(
        "backend/usecases/terminals/count_informed.py",
        "if halls := [group_id for group_id in rules.groups if is_hall(rules, group_id)]:",
        "tests/api/test_sync.py::test_a_kiosk_is_seen_and_is_none_of_those_that_must_know",
        "a freeze never reaches all terminals where a kiosk stands",
    ),
    off(
        VISIT,
        "if not is_hall(rules, group_id):",
        f"{TESTS}::test_a_till_opens_no_visit",
        "a till looks into every card it is shown",
    ),
    Mutant(
        VISIT,
        "if visit.terminal_id != terminal_id or not is_open:",
        "if not is_open:",
        (f"{TESTS}::test_a_visit_is_its_own_terminals",),
        "another terminal goes on with a visit",
    ),
    Mutant(
        VISIT,
        "if visit.terminal_id != terminal_id or not is_open:",
        "if visit.terminal_id != terminal_id:",
        (f"{TESTS}::test_a_visit_ends_by_time_by_leaving_and_by_the_next_one",),
        "a visit never ends",
    ),
    Mutant(
        VISIT,
        "visit.opened_at <= at < visit.expires_at",
        "visit.opened_at <= at",
        (f"{TESTS}::test_a_visit_ends_by_time_by_leaving_and_by_the_next_one",),
        "a visit lasts until somebody ends it",
    ),
    off(
        VISIT,
        "if deed not in DEEDS[visit.shown]:",
        f"{TESTS}::test_what_is_not_on_the_list_of_what_was_shown_is_refused",
        "whatever was shown, everything may be done",
    ),
    Mutant(
        VISIT,
        "if is_gone or is_stopped:",
        "if is_gone:",
        (f"{TESTS}::test_whoever_else_freezes_the_card_ends_the_visit",),
        "a visit goes on after the office froze the card",
    ),
    Mutant(
        VISIT,
        "if is_gone or is_stopped:",
        "if is_stopped:",
        (f"{TESTS}::test_a_loss_and_a_new_phone_end_the_visit_and_old_codes_open_none",),
        "a visit goes on after another phone was bound",
    ),
    off(
        VISIT,
        "if issue != card.issue:",
        f"{TESTS}::test_a_loss_and_a_new_phone_end_the_visit_and_old_codes_open_none",
        "a lost phone's code opens a visit",
    ),
    off(
        OPENING,
        "if await PaymentRow.exists(code_key=key):",
        f"{TESTS}::test_a_code_that_paid_opens_no_visit_and_one_that_opened_a_visit_pays",
        "a code photographed in the queue opens its owner's card",
    ),
    Mutant(
        OPENING,
        "shown=Shown.CODE, code_key=key",
        "shown=Shown.CODE, code_key=None",
        (f"{TESTS}::test_a_code_opens_one_visit_at_one_kiosk",),
        "one code opens two visits",
    ),
    Mutant(
        VISIT,
        "Deed.SEE_FREEZE, Deed.FREEZE})",
        "Deed.SEE_FREEZE, Deed.FREEZE, Deed.FIND})",
        (f"{CARDS}::test_a_card_freezes_and_neither_lifts_nor_takes_a_code_along",),
        "whoever found a card lifts the freeze that was meant for him",
    ),
    off(
        VISIT,
        "if not is_taken or chip.kind not in PROVEN_KINDS:",
        f"{CARDS}::test_a_kind_the_school_does_not_take_opens_nothing",
        "a kind the school has ended still opens cards",
    ),
    off(
        VISIT,
        "if card.state is CardState.FROZEN or card.are_doors_frozen:",
        f"{CARDS}::test_a_frozen_card_gets_nobody_in",
        "a stolen card shows its owner's statement after the freeze",
    ),
    off(
        PROOF,
        "if not half.is_right(answer):",
        f"{CARDS}::test_a_forged_chip_and_one_of_another_name_open_nothing",
        "a uid read in a crowd opens its owner's card",
    ),
    off(
        PROOF,
        "if not 0 <= at - asked.asked_at <= CHIP_PROOF_SECONDS:",
        f"{CARDS}::test_only_the_true_answer_of_this_moment_at_this_kiosk_counts",
        "an answer that was recorded opens a card whenever somebody likes",
    ),
    Mutant(
        "backend/usecases/visits/open_chip_visit.py",
        "code_key=asked.use_key",
        "code_key=None",
        (f"{CARDS}::test_one_question_opens_one_visit",),
        "one answer of a card opens visit after visit",
    ),
    Mutant(
        "backend/usecases/visits/find_visitor.py",
        "get_or_none(id=staff_id, is_active=True)",
        "get_or_none(id=staff_id)",
        (f"{TESTS}::test_help_is_given_by_the_office_and_done_in_its_name",),
        "who left the office goes on helping",
    ),
    Mutant(
        "backend/api/access.py",
        'query = f"?{request.query_string}" if request.query_string else ""',
        'query = ""',
        (f"{TESTS}::test_the_query_is_signed",),
        "somebody on the way changes which payments are asked for",
    ),
    Mutant(
        HERE,
        "type(number) is int and visitor.number == number",
        "True",
        (f"{AT_KIOSK}::test_another_code_forgets_the_first_person_and_his_page_does_nothing_more",),
        "what one person touched is done to the next one's card",
    ),
    Mutant(
        HERE,
        "if visitor is None or not is_his or now >= visitor.until:",
        "if visitor is None or not is_his:",
        (f"{AT_KIOSK}::test_time_forgets_a_person_here_and_at_the_server",),
        "a page goes on until the next tick",
    ),
    Mutant(
        HERE,
        "return min(self.ends, self.idle_ends)",
        "return self.idle_ends",
        (f"{AT_KIOSK}::test_no_touch_keeps_a_visit_longer_than_the_server_does",),
        "",
    ),
    Mutant(
        "qr_terminals/kiosk/hall.py",
        'self._client.ask_unsigned("DELETE", "/staff/sessions", {}, staff)',
        "pass",
        (f"{AT_KIOSK}::test_a_clerk_helps_and_is_logged_out_at_once",),
        "a clerk's session stays open in the hall",
    ),
    off(
        "qr_terminals/kiosk/routes.py",
        "if told is None:",
        f"{AT_KIOSK}::test_only_what_was_shown_is_printed",
    ),
)
