"""Guards of physical cards: who proved what, whose it is, and what it may cost whom."""

from scripts.mutant_lists.mutant import Mutant, off

TRAVEL = "tests/usecases/test_chip_travel.py"
CARDS = "tests/terminals/test_cards.py"
TILL = "tests/terminals/test_nfc.py"
BOOKS = "tests/usecases/test_chips.py"
WIRE = "tests/api/test_chips.py"
FORMAT = "tests/unit/campus_code/test_chips.py"
RULES = "tests/unit/campus_code/test_nfc_rules.py"

CHIPS = (
    Mutant(
        "backend/domain/chip_travel.py",
        "return self.group_id != other.group_id",
        "return self.terminal_id != other.terminal_id",
        (f"{TRAVEL}::test_two_windows_of_one_house_and_a_walk_are_a_lunch",),
        "a drink after the noodles costs a pupil his card",
    ),
    Mutant(
        "backend/domain/chip_travel.py",
        "return self.house_id != other.house_id",
        "return True",
        (f"{TRAVEL}::test_where_places_are_known_the_house_counts_and_not_the_group",),
        "a drink after the noodles costs a pupil his card",
    ),
    Mutant(
        "backend/domain/chip_travel.py",
        "return later.occurred_at - one.occurred_at < CHIP_TRAVEL_SECONDS",
        "return True",
        (f"{TRAVEL}::test_two_windows_of_one_house_and_a_walk_are_a_lunch",),
        "a walk to the shop costs a pupil his card",
    ),
    Mutant(
        "backend/usecases/chips/watch_chips.py",
        "    await begin_marks(LANE, at - LOOKS_BACK_SECONDS)\n",
        "",
        (f"{TRAVEL}::test_a_school_that_begins_to_watch_ends_nothing_for_its_past",),
        "an upgrade costs pupils their chips for what was long ago",
    ),
    off(
        "backend/usecases/chips/watch_chips.py",
        "if not living or living[0].bound_at > pair.first.occurred_at:",
        f"{TRAVEL}::test_the_chip_that_came_after_is_not_ended_for_the_one_before",
        "whoever got a new chip loses that too",
    ),
    Mutant(
        "qr_terminals/till.py",
        "self.gate = self.gate.after_wrong(at, WRONG_CHIP_WEIGHT)\n",
        "self.gate = self.gate.after_wrong(at)\n",
        ("tests/terminals/test_nfc.py::test_the_eleventh_wrong_chip_is_one_too_many",),
        "uids are tried twice as fast",
    ),
    off(
        "qr_terminals/cards/__init__.py",
        "if self.clock() - began > seconds_max:",
        f"{CARDS}::test_a_chip_that_answers_from_far_away_is_wrong",
    ),
    off(
        "qr_terminals/cards/__init__.py",
        "if len(raw) < STATUS_BYTES:",
        f"{CARDS}::test_a_chip_pulled_away_at_any_moment_was_not_there",
    ),
    Mutant(
        "campus_code/chip_proof.py",
        "return hmac.compare_digest(given, self.mine[1:] + self.mine[:1])",
        "return True",
        (f"{CARDS}::test_a_recording_is_worth_nothing_at_the_next_tap",),
        "a recorded DESFire tap is taken for the chip",
    ),
    Mutant(
        "campus_code/chip_proof.py",
        "return hmac.compare_digest(answer, triple_des(self.key, self.mine))",
        "return True",
        (f"{CARDS}::test_a_chip_with_a_foreign_or_a_transport_key_is_wrong",),
    ),
    off(
        "qr_terminals/cards/classic.py",
        'if not _opens(timed, safe.begin(chip, b"").told, _KEY_A):',
        f"{CARDS}::test_random_uids_are_never_a_chip",
        "a uid alone is a credential",
    ),
    Mutant(
        "qr_terminals/cards/desfire.py",
        "if _answers_to(timed, transport, randomness):\n        raise",
        "if False:\n        raise",
        (f"{CARDS}::test_a_chip_that_keeps_its_transport_key_is_not_enrolled",),
    ),
    off(
        "qr_terminals/cards/classic.py",
        "if _opens(timed, known, _KEY_A) or _opens(timed, known, _KEY_B):",
        f"{CARDS}::test_a_chip_that_keeps_its_transport_key_is_not_enrolled",
    ),
    off(
        "qr_terminals/cards/identify.py",
        "if not wanted.takes(ChipKind.CLASSIC):",
        f"{CARDS}::test_a_classic_clone_is_taken_for_the_chip_and_so_only_where_the_rules_say",
        "Classic is taken where no rule names it",
    ),
    off(
        "qr_terminals/cards/phone.py",
        "if status != _UNKNOWN_INSTRUCTION or not accepts_plain_codes:",
        f"{CARDS}::test_a_phone_too_old_for_a_challenge_is_taken_by_policy_only",
    ),
    Mutant(
        "qr_terminals/judge.py",
        "_verify(offered, known) if answered is None else _verify_answer(offered, answered, known)",
        "_verify(offered, known)",
        (f"{TILL}::test_what_a_phone_answered_elsewhere_pays_nothing_here",),
    ),
    off(
        "qr_terminals/judge.py",
        "if answered.asked.amount_fen != (offered.asked_fen or 0):",
        f"{TILL}::test_an_amount_typed_anew_is_not_what_the_phone_agreed_to",
    ),
    off(
        "qr_terminals/judge.py",
        "if max(states) is not CardState.ACTIVE:",
        f"{TILL}::test_a_frozen_chip_is_not_even_asked_about",
    ),
    Mutant(
        "qr_terminals/chain.py",
        "return is_as_long and record.credential.isdigit()",
        "return is_as_long",
        (f"{TILL}::test_a_chip_pays_and_its_record_names_it",),
        "a Classic chip uses up the day's emergency code",
    ),
    Mutant(
        "qr_terminals/chain.py",
        "if not record.credential or CHIP_MARK in record.credential:",
        "if not record.credential:",
        (
            f"{TILL}::test_a_chip_pays_each_time_it_proves_itself",
            f"{TILL}::test_a_chip_says_nothing_of_the_time",
        ),
        "a chip pays once at a terminal and never again",
    ),
    Mutant(
        "qr_terminals/till.py",
        "if at is not None and reason is Refusal.WRONG_CHIP:",
        "if False:",
        (f"{TILL}::test_guessing_pauses_the_terminal",),
    ),
    off(
        "campus_code/chip_keys.py",
        "if len(set(self.master)) == 1 or self.master in TRANSPORT_KEYS[self.kind]:",
        f"{FORMAT}::test_a_transport_key_is_no_master",
    ),
    off(
        "campus_code/record.py",
        "if record.step or record.epoch or record.issue:",
        f"{FORMAT}::test_a_record_names_a_chip_and_nothing_of_a_code",
    ),
    Mutant(
        "campus_code/nfc_rules.py",
        "most = CLASSIC_FEN_MAX if is_weak else AMOUNT_FEN_MAX",
        "most = AMOUNT_FEN_MAX",
        (f"{RULES}::test_a_classic_chip_without_end_or_with_much_money_is_no_rule",),
    ),
    Mutant(
        "campus_code/nfc_rules.py",
        "return None if 0 < one.ends_on < business_on else one",
        "return one",
        (f"{RULES}::test_a_kind_that_is_not_listed_or_over_is_retired",),
    ),
    Mutant(
        "campus_code/nfc_rules.py",
        "(Refusal.DAY_LIMIT, taken.day_fen_max, day_fen)",
        "(Refusal.DAY_LIMIT, taken.day_fen_max, 0)",
        (f"{RULES}::test_a_chip_pays_within_its_kinds_limits_whatever_pin_was_typed",),
        "a copied Classic chip pays all day",
    ),
    Mutant(
        "backend/domain/chip.py",
        "return self.bound_at <= at and (self.ended_at == 0 or at < self.ended_at)",
        "return self.bound_at <= at",
        (f"{BOOKS}::test_a_lost_card_ends_its_chip_and_what_it_paid_before_stands",),
        "a chip pays after its loss",
    ),
    Mutant(
        "backend/usecases/payments/read_records.py",
        "fault = None if number == record.card_number else Refusal.WRONG_CHIP",
        "fault = None",
        (f"{BOOKS}::test_what_nobody_bound_or_somebody_else_is_borne_by_the_school",),
        "a terminal charges a chip to whomever it names",
    ),
    off(
        "backend/domain/payment_record.py",
        "if weak is not None:",
        f"{BOOKS}::test_a_classic_chip_never_costs_its_holder_more_than_the_cap",
    ),
    Mutant(
        "backend/domain/payment_set.py",
        "is_other_card = card is None or card.id != standing.card_id",
        "is_other_card = False",
        (f"{BOOKS}::test_an_online_tap_asked_again_is_one_payment_and_another_card_a_conflict",),
        "another card gets the first one's answer",
    ),
    Mutant(
        "backend/usecases/chips/bind_chip.py",
        "if standing is not None:\n            raise",
        "if False:\n            raise",
        (f"{BOOKS}::test_a_chip_is_one_cards_at_a_time_and_goes_with_it",),
    ),
    off(
        "backend/api/terminal/payments.py",
        "if tap.challenge.amount_fen != (tap.asked_fen or 0):",
        f"{WIRE}::test_the_server_checks_what_a_phone_answered_to_this_terminal",
    ),
)
