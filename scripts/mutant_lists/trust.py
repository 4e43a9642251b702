"""Guards of offline trust: what neighbours say, limits by age, the clock, the lease."""

from scripts.mutant_lists.mutant import Mutant

_NEIGHBOURS = "tests/terminals/test_neighbours.py"

TRUST = (
    Mutant(
        "qr_terminals/memory.py",
        "if self.heard is not None and self.heard.is_in_use(card_number, issue, step):",
        "if False:",
        (f"{_NEIGHBOURS}::test_a_code_that_is_only_tried_here_is_refused_there",),
        "",
    ),
    Mutant(
        "qr_terminals/till.py",
        "is_to_pay = not wanted.is_training",
        "is_to_pay = True",
        (f"{_NEIGHBOURS}::test_a_code_shown_to_practise_is_still_good_next_door",),
        "",
    ),
    Mutant(
        "qr_terminals/judge.py",
        "if _was_taken_by_a_neighbour(presented, memory):",
        "if False:",
        (f"{_NEIGHBOURS}::test_of_two_that_try_at_once_the_lower_number_goes_first",),
        "",
    ),
    Mutant(
        "qr_terminals/memory.py",
        "return OfflineSpent(own.payments + payments, own.spent_fen + spent_fen, own.as_of)",
        "return own",
        (
            f"{_NEIGHBOURS}::test_what_was_spent_at_neighbours_counts_and_stops_counting_when_it_is_uploaded",
        ),
        "",
    ),
    Mutant(
        "qr_terminals/heard.py",
        "if abs(use.step * STEP_SECONDS - at) > STEP_SECONDS_MAX:",
        "if False:",
        (f"{_NEIGHBOURS}::test_a_liar_can_only_refuse_and_only_for_now",),
        "",
    ),
    Mutant(
        "qr_terminals/heard.py",
        "if -ahead >= COUNTERS_KEPT or self.counters & bit:",
        "if False:",
        (f"{_NEIGHBOURS}::test_nothing_is_heard_twice_or_from_another_time",),
        "",
    ),
    Mutant(
        "qr_terminals/neighbours.py",
        "if not self._gate.lets_in(address, self._parts.boot()):",
        "if False:",
        (f"{_NEIGHBOURS}::test_strangers_and_floods_change_nothing",),
        "",
    ),
    Mutant(
        "campus_code/gossip.py",
        "if one.epoch == epoch and one.is_valid(at)",
        "if one.epoch == epoch",
        ("tests/unit/campus_code/test_gossip.py::test_a_key_outside_its_time_opens_nothing",),
        "",
    ),
    Mutant(
        "campus_code/decision.py",
        '("terminal", terminal_fen_max, offline.terminal_fen),',
        "",
        ("tests/vectors/test_vectors.py::test_trust",),
        "",
    ),
    Mutant(
        "campus_code/decision.py",
        "budget_fen = min(budget_fen, tier.card_fen_max)",
        "pass",
        ("tests/vectors/test_vectors.py::test_trust",),
        "",
    ),
    Mutant(
        "campus_code/decision.py",
        "if 0 < holder.offline_age_seconds_max < age:",
        "if False:",
        ("tests/vectors/test_vectors.py::test_trust",),
        "",
    ),
    Mutant(
        "qr_terminals/judge.py",
        "terminal_fen=memory.offline_fen(),",
        "",
        (
            "tests/terminals/test_trust.py::test_a_terminal_has_a_cap_of_its_own_which_a_restart_does_not_lift",
        ),
        "",
    ),
    Mutant(
        "qr_terminals/crowd.py",
        "if len(offsets) < CROWD_CARDS_MIN:",
        "if False:",
        (
            "tests/terminals/test_trust.py::test_the_median_of_many_cards_moves_the_clock_and_a_few_do_not",
        ),
        "",
    ),
    Mutant(
        "qr_terminals/crowd.py",
        "bounded = max(-most, min(most, wanted))",
        "bounded = wanted",
        (
            "tests/terminals/test_trust.py::test_the_correction_is_bounded_and_what_is_over_is_an_alarm",
        ),
        "",
    ),
    Mutant(
        "qr_terminals/clock.py",
        "if self._server_now() is None:\n                offset",
        "if True:\n                offset",
        (
            "tests/terminals/test_trust.py::test_codes_brought_late_on_purpose_move_it_no_further_than_a_crystal_could",
        ),
        "",
    ),
    Mutant(
        "qr_terminals/till.py",
        "age_seconds = max(self.sync_age_seconds(), run_seconds)",
        "age_seconds = self.sync_age_seconds()",
        (
            "tests/terminals/test_trust.py::test_a_clock_turned_back_at_every_start_gets_a_week_of_running_and_no_more",
        ),
        "",
    ),
    Mutant(
        "qr_terminals/terminal.py",
        "if not self.state.is_locked and self._till.is_lease_over():",
        "if False:",
        ("tests/terminals/test_trust.py::test_a_week_without_a_sync_locks_and_a_sync_unlocks",),
        "",
    ),
    Mutant(
        "backend/tables/holdings.py",
        "most <= DENIED_COUNT_ALWAYS or most * 100 <= cards * DENIED_SHARE_MAX",
        "True",
        (
            "tests/usecases/test_documents.py::test_a_day_that_denied_too_many_stays_doubted_until_an_office_confirms_it",
        ),
        "",
    ),
    Mutant(
        "qr_terminals/till.py",
        "is_alone = self.drill.is_on(boot_at) or self._parts.asker.is_busy",
        "is_alone = self._parts.asker.is_busy",
        (
            "tests/terminals/test_drill.py::test_a_drill_cuts_payments_and_uploads_and_is_rolled_back",
        ),
        "",
    ),
    Mutant(
        "qr_terminals/sync.py",
        "if not self.health().is_drilled:",
        "if True:",
        (
            "tests/terminals/test_drill.py::test_a_drill_cuts_payments_and_uploads_and_is_rolled_back",
        ),
        "",
    ),
    Mutant(
        "qr_terminals/drill.py",
        "until = boot_at + min(max(order.seconds, 0), DRILL_SECONDS_MAX)",
        "until = boot_at + order.seconds",
        ("tests/terminals/test_drill.py::test_being_told_again_never_makes_a_drill_longer",),
        "",
    ),
    Mutant(
        "backend/usecases/terminals/report_stolen.py",
        "if not await StolenTerminalRow.exists(terminal_id=theft.terminal_id):",
        "if True:",
        ("tests/api/test_trust.py::test_one_action_answers_a_theft",),
        "",
    ),
    Mutant(
        "backend/usecases/terminals/report_stolen.py",
        "await _contest(theft, actor, int(at))",
        "pass",
        ("tests/api/test_trust.py::test_one_action_answers_a_theft",),
        "",
    ),
    Mutant(
        "backend/usecases/terminals/report_stolen.py",
        "since = Q(posted_at__gte=row.stolen_at) | Q(occurred_at__gte=row.stolen_at)",
        "since = Q(occurred_at__gte=row.stolen_at)",
        ("tests/api/test_trust.py::test_an_earlier_date_on_a_record_does_not_hide_it",),
        "whoever stole a terminal writes yesterday on its records",
    ),
    Mutant(
        "qr_terminals/heard.py",
        "return sum(one.payments for one in sums), sum(one.spent_fen for one in sums)",
        "return 0, 0",
        (
            "tests/properties/test_offline_bound.py::test_the_worst_adversary_gets_g_times_l_and_no_more",
        ),
        "",
    ),
)
