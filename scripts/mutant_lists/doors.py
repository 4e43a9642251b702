"""Guards of doors: what opens one, what is written down before, who is told of whose passages."""

from scripts.mutant_lists.mutant import Mutant, off

_RULE = "campus_code/door_decision.py"
_STATE = "qr_terminals/doors/state.py"
_JUDGE = "qr_terminals/doors/judge.py"
_LOG = "qr_terminals/doors/log.py"
_DOOR = "tests/terminals/test_door.py::"
_LINES = "tests/terminals/test_door_log.py::"
_LAWS = "tests/terminals/test_door_state.py::"
_VECTORS = "tests/vectors/test_vectors.py::test_doors"
_API = "tests/api/test_doors.py::"

DOORS = (
    off(_RULE, "if door is None:", f"{_VECTORS}[a terminal that is no door]"),
    off(_RULE, "if tap.card.is_frozen:", f"{_VECTORS}[doors frozen]"),
    Mutant(
        _RULE,
        "if tap.card_state not in (CardState.ACTIVE, CardState.FROZEN):",
        "if False:",
        (f"{_VECTORS}[lost]",),
        "a lost card opens doors",
    ),
    Mutant(
        _RULE,
        "(CardState.ACTIVE, CardState.FROZEN)",
        "(CardState.ACTIVE,)",
        (f"{_VECTORS}[money frozen is nothing to a door]",),
        "a freeze of money locks somebody out of his dormitory",
    ),
    off(
        _RULE,
        "if tap.credential is CredentialKind.EMERGENCY and not zone.takes_emergency_codes:",
        f"{_VECTORS}[an emergency code elsewhere]",
        "an emergency code opens every door",
    ),
    off(_RULE, "if 0 < longest < age:", f"{_VECTORS}[a second longer]"),
    off(
        _RULE,
        "if known.is_locked_down and tap.class_id not in zone.lockdown_classes:",
        f"{_VECTORS}[in during a lockdown]",
    ),
    Mutant(
        _RULE,
        'if tap.side == "in":',
        "if True:",
        (f"{_VECTORS}[out during a lockdown]",),
        "somebody inside is not let out",
    ),
    off(_RULE, "if not theirs:", f"{_VECTORS}[no grant]"),
    Mutant(
        _RULE,
        "rules.calendar.get(",
        "{}.get(",
        (f"{_VECTORS}[on a holiday, a minute later]",),
        "a holiday is an ordinary day",
    ),
    Mutant(
        _RULE,
        'if again and door.passback == "hard"',
        "if False",
        (f"{_VECTORS}[in again]",),
        "a card enters twice",
    ),
    Mutant(
        "campus_code/door_list.py",
        "(until == 0 or at < until)",
        "True",
        (f"{_VECTORS}[a grant that has ended]",),
        "a grant never ends",
    ),
    off(
        "campus_code/door_list.py",
        "if written != payload:",
        "tests/vectors/test_vectors.py::test_door_lists[an unknown flag]",
        "a doors list may be written in two ways",
    ),
    off(
        _JUDGE,
        "if entry.issue != seen.issue:",
        f"{_DOOR}test_who_is_refused_though_known_is_written_down",
        "the codes of an old phone open doors",
    ),
    off(
        _JUDGE,
        "if memory.is_used(seen):",
        f"{_DOOR}test_a_step_opens_one_side_once_through_restarts",
    ),
    Mutant(
        _JUDGE,
        "max(entry.state, denied or CardState.ACTIVE)",
        "entry.state",
        (f"{_DOOR}test_a_freeze_of_doors_refuses_and_one_of_money_does_not",),
        "a loss is heard only with the directory",
    ),
    Mutant(
        _STATE,
        "return state._replace(pending=event), (log,)",
        "return state._replace(pending=event), (OpenFor(5), log)",
        (f"{_LAWS}test_nothing_opens_for_a_person_but_a_durable_event",),
    ),
    Mutant(
        _STATE,
        "return resting, (HoldOpen(), *effects, Log(DoorEventKind.EMERGENCY_BEGAN, cause))",
        "return resting, (Log(DoorEventKind.EMERGENCY_BEGAN, cause), HoldOpen(), *effects)",
        (f"{_LAWS}test_an_emergency_is_opened_before_it_is_written_down",),
    ),
    off(
        _STATE,
        'if cause == "contact":',
        f"{_LAWS}test_only_a_person_at_the_door_ends_an_emergency",
    ),
    Mutant(
        _STATE,
        "if not state.is_emergency or state.is_alarmed:",
        "if not state.is_emergency:",
        (f"{_LAWS}test_no_emergency_ends_while_the_contact_is_in_alarm",),
    ),
    Mutant(
        _STATE,
        "if state.is_emergency or state.is_revoked:\n        return state, (Show",
        "if state.is_emergency:\n        return state, (Show",
        (f"{_LAWS}test_a_revoked_door_looks_at_nothing",),
    ),
    Mutant(
        "qr_terminals/chain.py",
        "PRAGMA synchronous=FULL",
        "PRAGMA synchronous=OFF",
        (f"{_LINES}test_a_passage_is_on_the_disk_when_append_returns",),
    ),
    off(
        _LOG,
        "if not is_next or chain != chain_hash(tip[1], body):",
        f"{_DOOR}test_a_damaged_log_is_set_aside_and_the_door_goes_on",
    ),
    Mutant(
        _LOG,
        '_set(db, "step_floor", step_at(at) + 1)',
        "pass",
        (f"{_DOOR}test_a_damaged_log_is_set_aside_and_the_door_goes_on",),
        "after a torn log a code opens a second time",
    ),
    Mutant(
        _LOG,
        'min(_number(db, "confirmed"), _number(db, "through"))',
        '_number(db, "through")',
        (f"{_LINES}test_an_event_goes_only_after_the_server_said_twice_that_it_has_it",),
    ),
    off(
        "backend/api/terminal/sync.py",
        'if "doors" not in named or not (held.doors or await is_door(terminal.terminal_id)):',
        f"{_API}test_a_till_is_not_told_who_may_enter_where[sqlite]",
    ),
    off(
        "backend/tables/card_changes.py",
        "if are_doors_told:",
        f"{_API}test_a_freeze_of_doors_is_told_to_doors_and_of_money_to_tills[sqlite]",
        "a freeze of doors alone is told to nobody",
    ),
    Mutant(
        "backend/usecases/doors/read_door_log.py",
        "if line.holder_id is not None}",
        "if False}",
        (f"{_API}test_a_holder_sees_his_passages_and_who_looked_at_them[sqlite]",),
    ),
    Mutant(
        "backend/tables/door_events.py",
        "Q(at__lt=before) | Q(received_at__lt=before)",
        "Q(at__lt=before)",
        (f"{_API}test_passages_end_with_their_time_whatever_the_door_s_clock_says[sqlite]",),
    ),
    off(
        "backend/tables/door_events.py",
        "if event.sequence > held:",
        f"{_API}test_events_are_taken_once_and_conflicts_kept_whole[sqlite]",
    ),
    Mutant(
        "backend/usecases/doors/take_door_events.py",
        "return None if shown == said else Refusal.WRONG_CODE",
        "return None",
        (f"{_API}test_a_code_that_no_phone_issued_is_seen_at_upload[sqlite]",),
    ),
)
