"""Guards of rules that a few terminals try first, and of looks at what a tap would do."""

from __future__ import annotations

from scripts.mutant_lists.mutant import Mutant, off

_API = "tests/api/test_rollouts.py"
_TAPS = "tests/api/test_taps.py"
_DRAFTS = "backend/tables/drafts.py"
_BOOKS = "backend/tables/rules_books.py"

ROLLOUTS: tuple[Mutant, ...] = (
    Mutant(
        "backend/domain/set_state.py",
        "if canary is not None and attempt.terminal_id in canary.terminal_ids:",
        "if False:",
        (f"{_API}::test_one_window_tries_it_and_the_others_do_not",),
        "a window on trial is decided by rules it does not hold",
    ),
    Mutant(
        "backend/tables/rollouts.py",
        '    row = await RulesRow.exclude(version__in=trying).order_by("-version")'
        '.only("version").first()\n',
        '    row = await RulesRow.all().order_by("-version").only("version").first()\n',
        (f"{_API}::test_one_window_tries_it_and_the_others_do_not",),
        "what a few try reaches everybody",
    ),
    off(
        _BOOKS,
        "if await running_rollout() is not None:",
        f"{_API}::test_promoted_it_is_in_force_everywhere",
        "rules are published over a trial that runs",
    ),
    off(
        _DRAFTS,
        "if not await unchanged.update(revision=revision + 1, **values):",
        f"{_API}::test_a_draft_is_kept_though_it_is_wrong_and_published_only_when_it_is_right",
        "a draft is saved over what somebody else has just saved",
    ),
    off(
        "backend/usecases/rules/publish_draft.py",
        "if row is not None and row.version != draft.base_version:",
        f"{_API}::test_published_to_all_at_once",
        "a draft takes back unseen what was published meanwhile",
    ),
    off(
        "backend/domain/rollout.py",
        "if getattr(base, name) != getattr(bundle, name):",
        f"{_API}::test_a_trial_cannot_move_the_business_day",
        "a payment counts for another day at one window than at the next",
    ),
    off(
        "backend/domain/rollout.py",
        "if living <= set(terminal_ids):",
        f"{_API}::test_who_cannot_try",
        "a trial of everybody is no trial",
    ),
    off(
        "backend/usecases/rules/roll_back_rules.py",
        "if running is not None and running.version == version:",
        f"{_API}::test_taken_back_it_is_a_newer_version_that_says_the_old",
        "what is tried is published by taking it back",
    ),
    off(
        "backend/domain/rollout.py",
        "if min(sum(canary), sum(others)) < TRIAL_TAPS_MIN:",
        f"{_API}::test_a_trial_that_refuses_more_is_told_once",
        "a handful of refused taps raises an alert about a trial of rules",
    ),
    off(
        "backend/tables/alerts.py",
        "if verdict is not TrialVerdict.WORSE:",
        f"{_API}::test_a_trial_that_refuses_more_is_told_once",
        "a trial that does no worse raises an alert",
    ),
    Mutant(
        "backend/usecases/rules/try_tap.py",
        '        await note(actor.label, "cardholders.look_up", f"cardholder:{holder.id}", at,'
        " tap=True)\n",
        "",
        (f"{_TAPS}::test_a_person_by_what_the_books_hold_and_the_look_is_written_down",),
        "somebody's money is looked at and he cannot read who did",
    ),
    Mutant(
        "backend/api/admin/live.py",
        'actor = await require_still(request, "live.read")',
        "actor = actor_of(request)",
        ("tests/api/test_live.py::test_it_ends_with_the_session",),
        "who was sent away goes on watching",
    ),
    Mutant(
        "backend/usecases/terminals/read_terminal.py",
        "if row is None or not actor.reach.has_merchant(row.merchant_id):",
        "if row is None:",
        ("tests/api/test_reach.py",),
        "a canteen reads another canteen's terminals",
    ),
)
