"""Guards over guardians' limits: in the one rule, in the books, on the way to terminals."""

from scripts.mutant_lists.mutant import Mutant, off

RULE = "campus_code/holder_limits.py"
LIST = "campus_code/card_limits.py"
READS = "backend/tables/limit_reads.py"
QUERIES = "backend/tables/holder_limits.py"
STATE = "backend/domain/holder_limit.py"
UNIT = "tests/unit/campus_code/test_holder_limits.py"
BOUNDS = f"{UNIT}::test_limits_out_of_bounds_are_never_made"
BOOKS = "tests/usecases/test_limits.py"
BACK = f"{BOOKS}::test_reversed_and_voided_payments_give_the_day_back"
AGE = f"{BOOKS}::test_only_a_guardian_of_a_minor_limits"
HTTP = "tests/api/test_limits.py"
TERMINAL = "tests/terminals/test_limits.py"
COUNTED = f"{TERMINAL}::test_each_group_and_day_counts_for_itself"

LIMITS = (
    # the rule
    Mutant(
        "campus_code/decision.py",
        "over = None if known.limited is None else known.limited.refuse(group.kind, *spent)",
        "over = None",
        (UNIT,),
        "nobody looks at limits",
    ),
    Mutant(
        RULE,
        "spent_fen + charged_fen > limit_fen",
        "spent_fen > limit_fen",
        (f"{UNIT}::test_a_day_limit_holds_to_the_fen",),
        "the payment that goes over is approved",
    ),
    Mutant(
        RULE,
        "return self.day_fen if of_weekday is None else of_weekday",
        "return self.day_fen",
        (f"{UNIT}::test_a_weekday_stands_in_the_place_of_the_day",),
        "no weekday has a limit of its own",
    ),
    Mutant(
        RULE,
        'require_int("day_fen", self.day_fen, 0, AMOUNT_FEN_MAX)',
        "pass",
        (BOUNDS,),
        "a negative limit refuses free meals",
    ),
    Mutant(
        RULE,
        'require_int(f"kinds.{kind}", fen, 0, AMOUNT_FEN_MAX)',
        "pass",
        (BOUNDS,),
        "a limit that is no number stops every tap of a card",
    ),
    # the list
    Mutant(
        LIST,
        "if written != payload:",
        "if False:",
        ("tests/vectors/test_vectors.py::test_card_limits",),
        "a card stands twice, and the second takes the first one's limits away",
    ),
    Mutant(
        LIST,
        "if len(piece) != length:",
        "if False:",
        (f"{UNIT}::test_torn_and_longer_lists_are_malformed_at_every_length",),
        "a torn list brings a terminal down",
    ),
    Mutant(
        LIST,
        "if len(limits) > LIMITED_CARDS_MAX:",
        "if False:",
        (f"{UNIT}::test_the_longest_list_fits_its_document",),
        "a terminal's list grows without end",
    ),
    # the books
    Mutant(
        "backend/usecases/payments/post_payments.py",
        "if is_first and state.limited:",
        "if False:",
        (f"{BOOKS}::test_a_day_limit_holds_to_the_fen",),
        "limits are set and nobody asks",
    ),
    Mutant(
        "backend/domain/set_state.py",
        "holder.limited.count(self.terminals[attempt.terminal_id].group_id, payment)",
        "pass",
        (f"{BOOKS}::test_in_one_set_the_second_tap_sees_the_first",),
        "two taps in one set spend a limit twice",
    ),
    Mutant(
        "backend/domain/payment_reversal.py",
        "holder.limited.count(group_id, undo.payment, -1)",
        "pass",
        (BACK,),
        "what was reversed stays spent",
    ),
    Mutant(READS, " AND r.id IS NULL", "", (BACK,), "what was reversed stays spent next time"),
    Mutant(
        READS,
        " AND NOT EXISTS ({_VOIDED})",
        "",
        (BACK,),
        "what was voided stays spent",
    ),
    Mutant(
        STATE,
        "if day == today and _kind(other_id, rules) == kind",
        "if day == today",
        (f"{BOOKS}::test_a_kind_is_all_its_groups_and_no_other",),
        "lunch counts at the shop",
    ),
    # who sets them, and when they end
    off(STATE, "if is_adult:", AGE, "an adult is limited by those he has outgrown"),
    Mutant(
        "backend/usecases/limits/set_limits.py",
        "await require_child(actor.id, holder_id)",
        "pass",
        (AGE,),
        "anybody's guardian limits anybody",
    ),
    Mutant(
        "backend/usecases/limits/look_at_limits.py",
        "require_limits(is_adult=await is_adult(holder_id))",
        "pass",
        (f"{HTTP}::test_nobody_else_sees_or_sets",),
        "an adult's limits of old are shown",
    ),
    Mutant(
        "backend/usecases/limits/look_at_limits.py",
        "await require_child(actor.id, holder_id)",
        "pass",
        (f"{HTTP}::test_nobody_else_sees_or_sets",),
        "a stranger sees a child's limits",
    ),
    off(STATE, "if kind not in known:", f"{HTTP}::test_wrong_limits_are_named_and_change_nothing"),
    Mutant(
        QUERIES,
        "if limits and not holder.is_limited and await limited.count() >= LIMITED_HOLDERS_MAX:",
        "if False:",
        (f"{BOOKS}::test_terminals_are_never_given_more_than_they_can_hold",),
        "a list that is too long keeps every terminal from its sync",
    ),
    Mutant(
        "backend/usecases/cardholders/import_roster.py",
        "await end_limits(_grown_up(plan), actor.label, at)",
        "pass",
        (f"{BOOKS}::test_limits_end_with_coming_of_age",),
        "an adult stays limited, and nobody may change it",
    ),
    Mutant(
        "backend/usecases/guardians/end_guardianship.py",
        "await end_limits([holder_id], actor.label, at)",
        "pass",
        (f"{BOOKS}::test_limits_end_with_the_last_guardian",),
        "a child stays limited, and nobody may change it",
    ),
    Mutant(
        "backend/usecases/cards/replace_card.py",
        "await tell_limits(card.holder_id)",
        "pass",
        (f"{BOOKS}::test_a_new_card_is_limited_and_an_old_one_leaves_the_list",),
        "a new card has no limits at terminals",
    ),
    Mutant(
        "backend/tables/card_openings.py",
        "await tell_limits(holder.id)",
        "pass",
        (f"{BOOKS}::test_a_new_card_is_limited_and_an_old_one_leaves_the_list",),
        "a second card has no limits at terminals",
    ),
    # terminals
    Mutant(
        "backend/api/terminal/sync.py",
        'wanted = replace(now, **{name: 0 for name in ("limits", "chips") if name not in named})',
        "wanted = now",
        (f"{HTTP}::test_an_older_terminal_is_not_sent_what_it_cannot_read",),
        "an older terminal is sent the list at every sync",
    ),
    Mutant(
        "qr_terminals/judge.py",
        "limits = known.held.limits.of(card_number)",
        "limits = None",
        (f"{TERMINAL}::test_without_the_server_the_limits_hold_also_after_a_restart",),
        "a terminal alone takes no notice of limits",
    ),
    Mutant(
        "qr_terminals/holdings.py",
        "return pack_limits(held.limits)",
        "return payload",
        (f"{TERMINAL}::test_limits_and_changes_of_them_are_there_after_a_restart",),
        "after a restart only the last changes hold",
    ),
    Mutant(
        "qr_terminals/memory.py",
        "return fen if day == business_on else 0",
        "return fen",
        (COUNTED,),
    ),
    Mutant(
        "qr_terminals/memory.py",
        "self.groups[card, payment.group_id] = payment.business_on, left_fen",
        "pass",
        (COUNTED,),
        "what was reversed at a terminal stays spent there",
    ),
)
