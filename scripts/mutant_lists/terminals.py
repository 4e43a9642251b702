"""Guards of a terminal: its journal, its memory, its clock, what it believes."""

from scripts.mutant_lists.mutant import Mutant

TERMINALS = (
    Mutant(
        "qr_terminals/journal.py",
        "if sequence != self.next_sequence:",
        "if False:",
        ("tests/terminals/test_journal.py::test_a_sequence_may_not_leave_a_gap_or_come_twice",),
        "",
    ),
    Mutant(
        "qr_terminals/chain.py",
        "UNIQUE(card, issue, step)",
        "CHECK(1)",
        ("tests/terminals/test_journal.py::test_a_step_of_a_card_pays_once_whatever_memory_says",),
        "",
    ),
    Mutant(
        "qr_terminals/journal.py",
        "acked > 0 AND acked < ?",
        "acked > 0 AND acked <= ?",
        (
            "tests/terminals/test_journal.py::test_it_is_pruned_only_after_a_later_contact_confirmed_it",
        ),
        "",
    ),
    Mutant(
        "qr_terminals/journal.py",
        "if not held.is_confirmed or held.record.occurred_at >= older_than:",
        "if held.record.occurred_at >= older_than:",
        (
            "tests/terminals/test_journal.py::test_it_is_pruned_only_after_a_later_contact_confirmed_it",
        ),
        "",
    ),
    Mutant(
        "qr_terminals/journal.py",
        "if has_gap or (lost and not conflict):",
        "if False:",
        ("tests/terminals/test_journal.py::test_what_the_server_lost_is_uploaded_again",),
        "",
    ),
    Mutant(
        "qr_terminals/chain.py",
        "if chain_hash(previous, row.body) != row.chain:",
        "if False:",
        ("tests/terminals/test_journal.py::test_every_flipped_byte_of_a_record_is_found",),
        "",
    ),
    Mutant(
        "qr_terminals/chain.py",
        "if not record.sequence == row.sequence == sequence + 1:",
        "if False:",
        (
            "tests/terminals/test_journal.py::test_an_edited_row_is_found_and_what_is_sound_still_goes_up",
        ),
        "",
    ),
    Mutant(
        "qr_terminals/memory.py",
        "if self.emergency_days.get(card_number, 0) >= day:",
        "if False:",
        ("tests/terminals/test_terminal.py::test_an_emergency_code_pays_once_a_day",),
        "",
    ),
    Mutant(
        "qr_terminals/judge.py",
        "if denied is not None and denied is not CardState.ACTIVE:",
        "if False:",
        (
            "tests/terminals/test_terminal.py::test_a_denial_acts_on_a_card_the_directory_has_not_heard_of",
        ),
        "",
    ),
    Mutant(
        "qr_terminals/judge.py",
        "card_state=entry.state if denied is None else max(entry.state, denied),",
        "card_state=entry.state,",
        (
            "tests/terminals/test_terminal.py::test_a_freeze_that_arrives_while_the_server_is_asked_still_refuses",
        ),
        "",
    ),
    Mutant(
        "qr_terminals/state.py",
        "if state.mode is Mode.FAULT:",
        "if False:",
        ("tests/terminals/test_state.py::test_nothing_leads_out_of_a_fault",),
        "",
    ),
    Mutant(
        "qr_terminals/state.py",
        "if answer.is_approved:",
        "if True:",
        (
            "tests/terminals/test_state.py::test_an_attempt_without_approval_is_closed_before_it_is_refused",
        ),
        "",
    ),
    Mutant(
        "qr_terminals/clock.py",
        "if server_at < self._signed - JUMP_SECONDS_MAX:",
        "if False:",
        ("tests/terminals/test_clock.py",),
        "",
    ),
    Mutant(
        "qr_terminals/clock.py",
        "if not 0 <= passed <= SERVER_TIME_FRESH_SECONDS:",
        "if False:",
        ("tests/terminals/test_clock.py",),
        "",
    ),
    Mutant(
        "qr_terminals/clock.py",
        "if abs((wall - wall_then) - (boot - boot_then)) > JUMP_SECONDS_MAX:",
        "if False:",
        ("tests/terminals/test_clock.py",),
        "",
    ),
    Mutant(
        "qr_terminals/answers.py",
        "if type(value) is not int or value < 0:",
        "if False:",
        ("tests/terminals/test_client.py",),
        "",
    ),
    Mutant(
        "qr_terminals/answers.py",
        'if outcome != "approved":',
        "if False:",
        ("tests/terminals/test_client.py",),
        "",
    ),
    Mutant(
        "qr_terminals/sync.py",
        "if answer.confirmed_through > self.journal.next_sequence:",
        "if False:",
        (
            "tests/terminals/test_sync.py::test_a_server_that_holds_more_than_the_journal_stops_the_terminal",
        ),
        "",
    ),
    Mutant(
        "qr_terminals/sync.py",
        "while through < last and through + 1 in answered:",
        "while through < last:",
        (
            "tests/terminals/test_sync.py::test_only_what_the_server_answered_for_counts_as_uploaded",
        ),
        "",
    ),
    Mutant(
        "qr_terminals/disk.py",
        "if mode & (stat.S_IRWXG | stat.S_IRWXO):",
        "if False:",
        ("tests/terminals/test_program.py",),
        "",
    ),
    Mutant(
        "qr_terminals/enrol.py",
        "if (home / IDENTITY_FILE).exists():",
        "if False:",
        ("tests/terminals/test_program.py",),
        "",
    ),
)
