"""Importing a roster: people added or changed in bulk, nobody ever removed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from backend.domain.access import Actor
from backend.domain.roster import Roster, RosterLine, RosterPlan, plan_import
from backend.domain.roster_undo import Change, Difference, difference_of
from backend.domain.times import utc
from backend.tables.accounts import open_purses_for
from backend.tables.audit import note
from backend.tables.database import transaction
from backend.tables.holder_limits import end_limits
from backend.tables.people import add_holders, change_holders, holders_by_number, open_first_cards
from backend.tables.retrying import retried
from backend.tables.roster import RosterImportRow
from backend.tables.roster_changes import note_changes
from backend.tables.versions import next_version, read_versions
from backend.usecases.ports import Bus, Randomness
from campus_code.rules import RulesBundle

LINES_PER_TRANSACTION = 500
"""Payments wait for one slice at most, not for the whole file."""
IMPORT = "roster"
"""The counter whose row two imports at once wait for."""
DIFFERENCES_MAX = 1000
"""How many changed people an answer lists; the counts are always whole."""


class Choice(StrEnum):
    """What to do with a file in which some lines are wrong."""

    ALL = "all"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """`has_cards` opens a card for each new person; a dry run writes nothing."""

    choice: Choice = Choice.ALL
    has_cards: bool = False
    is_dry_run: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """How many people were (or in a dry run would be) added, changed, left as they were.

    Of those changed `leaving` are no longer active. `differences` are the first DIFFERENCES_MAX.
    `import_id` is 0 where nothing was written.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    cards: int = 0
    refused: int = 0
    is_written: bool = False
    leaving: int = 0
    import_id: int = 0
    differences: tuple[Difference, ...] = ()


async def import_roster(
    roster: Roster,
    options: ImportOptions,
    *,
    rules: RulesBundle,
    actor: Actor,
    at: int,
    randomness: Randomness,
    bus: Bus,
    on_progress: Callable[[int], None] = lambda _lines: None,
) -> ImportSummary:
    """Bring the people of a roster in; the same file again changes nothing.

    With Choice.ALL a single wrong line keeps the whole file out. Lines are written in slices; an
    import that was cut off is finished by running it again.
    """
    summary = ImportSummary(refused=roster.errors_found)
    if options.choice is Choice.ALL and roster.errors_found:
        return summary
    summary = replace(summary, is_written=not options.is_dry_run)
    directory_before = (await read_versions()).directory
    for begin in range(0, len(roster.lines), LINES_PER_TRANSACTION):
        lines = roster.lines[begin : begin + LINES_PER_TRANSACTION]
        if options.is_dry_run:
            plan = plan_import(lines, await holders_by_number([line.number for line in lines]))
            cards = len(_for_cards(plan)) if options.has_cards else 0
        else:
            plan, cards, import_id = await _write(
                lines, options, rules, actor, at, randomness=randomness, import_id=summary.import_id
            )
            summary = replace(summary, import_id=import_id)
        summary = _added_up(summary, plan, cards)
        on_progress(len(lines))
    if summary.added or summary.changed:
        await _conclude(summary, directory_before, actor, at, bus)
    return summary


@retried
async def _write(
    lines: tuple[RosterLine, ...],
    options: ImportOptions,
    rules: RulesBundle,
    actor: Actor,
    at: int,
    *,
    randomness: Randomness,
    import_id: int,
) -> tuple[RosterPlan, int, int]:
    """One slice in one transaction: the import counter's lock, then people, cards, directory.

    Who comes of age is no longer limited by guardians. What changes is kept under the import's
    id, which the first slice that changes anything draws; 0 before.
    """
    limits_fen = {number: card.offline_limit_fen for number, card in rules.classes.items()}
    async with transaction():
        await next_version(IMPORT)
        plan = plan_import(lines, await holders_by_number([line.number for line in lines]))
        await change_holders(plan.changed, limits_fen)
        ids = await add_holders(plan.new, utc(at))
        books = {ids[line.number]: line.campus_id for line in plan.new if line.campus_id}
        await open_purses_for(list(ids.values()), books)
        wanted = [(ids[line.number], limits_fen[line.class_id]) for line in _for_cards(plan)]
        if options.has_cards and wanted:
            await open_first_cards(wanted, randomness, utc(at))
        await end_limits(_grown_up(plan), actor.label, at)
        if not import_id and (plan.new or plan.changed):
            made = await RosterImportRow.create(
                made_by=actor.label, made_at=at, reason=options.reason
            )
            import_id = made.id
        ids |= {line.number: holder.id for holder, line in plan.changed}
        await note_changes(import_id, [(ids[one.number], one) for one in _differences(plan)])
    return plan, len(wanted) if options.has_cards else 0, import_id


def _differences(plan: RosterPlan) -> list[Difference]:
    found = [difference_of(line, None) for line in plan.new]
    found += [difference_of(line, holder) for holder, line in plan.changed]
    return sorted(found, key=lambda one: one.line)


def _added_up(summary: ImportSummary, plan: RosterPlan, cards: int) -> ImportSummary:
    found = _differences(plan)
    room = DIFFERENCES_MAX - len(summary.differences)
    return replace(
        summary,
        added=summary.added + len(plan.new),
        changed=summary.changed + len(plan.changed),
        unchanged=summary.unchanged + plan.unchanged,
        cards=summary.cards + cards,
        leaving=summary.leaving + sum(one.change is Change.LEAVING for one in found),
        differences=(*summary.differences, *found[:room]),
    )


def _grown_up(plan: RosterPlan) -> list[int]:
    return [holder.id for holder, line in plan.changed if line.is_adult and not holder.is_adult]


def _for_cards(plan: RosterPlan) -> list[RosterLine]:
    return [line for line in plan.new if line.is_active]


async def _conclude(
    summary: ImportSummary, directory_before: int, actor: Actor, at: int, bus: Bus
) -> None:
    if not summary.is_written:
        return
    async with transaction():
        await RosterImportRow.filter(id=summary.import_id).update(
            added=summary.added,
            changed=summary.changed,
            cards=summary.cards,
            refused=summary.refused,
        )
        await note(
            actor.label,
            "roster.import",
            "roster",
            at,
            added=summary.added,
            changed=summary.changed,
            cards=summary.cards,
        )
    directory_after = (await read_versions()).directory
    if directory_after != directory_before:
        await bus.publish("directory", {"version": directory_after})
