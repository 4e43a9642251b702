"""Take an import of a roster back as a whole: what nobody changed since."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from backend.domain.access import Actor
from backend.domain.card import close
from backend.domain.errors import ConflictError
from backend.domain.roster_undo import UNDO_SECONDS, Outcome, Person, outcome_of, person_of
from backend.tables.account import AccountRow
from backend.tables.audit import note
from backend.tables.card import CardRow
from backend.tables.card_changes import card_of, record_change
from backend.tables.cardholder import CardholderRow
from backend.tables.database import transaction
from backend.tables.people import change_holders, known
from backend.tables.retrying import retried
from backend.tables.roster import RosterChangeRow, RosterImportRow
from backend.tables.roster_changes import import_of, mark_outcomes, used_holders
from backend.tables.versions import next_version, read_versions
from backend.usecases.ports import Bus
from campus_code import CardState, RulesBundle

CHANGES_PER_TRANSACTION = 200
IMPORT = "roster"
"""The counter whose row imports and their undoing wait for."""

Wakeups = dict[str, dict[str, object]]


@dataclass
class _Undoing:
    """One slice of changes, and what is known of their people."""

    changes: Sequence[RosterChangeRow]
    holders: Mapping[int, CardholderRow]
    used: set[int]
    wakeups: Wakeups = field(default_factory=dict)


async def undo_import(
    import_id: int,
    reason: str,
    *,
    rules: RulesBundle,
    actor: Actor,
    at: int,
    bus: Bus,
    on_progress: Callable[[int], None] = lambda _changes: None,
) -> RosterImportRow:
    """Bring back whom the import changed, make inactive whom it added; a repeat goes on or ends.

    Who was changed or used since stays as he is, and his row says so. Nobody is removed: the card
    that the import opened for somebody new is closed.

    Raises:
        NotFoundError: no such import. ConflictError: it was made too long ago.

    """
    row = await import_of(import_id)
    if at > row.made_at + UNDO_SECONDS:
        raise ConflictError(
            "import_over",
            zh="这次导入时间太久，不能再撤销。",
            en="This import is too old to be taken back.",
            seconds=UNDO_SECONDS,
        )
    while undone := await _undo_some(import_id, rules, actor, at, bus):
        on_progress(undone)
    if not row.undone_at:
        async with transaction():
            await RosterImportRow.filter(id=import_id, undone_at=0).update(
                undone_by=actor.label, undone_at=at, undone_reason=reason
            )
            await note(actor.label, "roster.undo", f"roster:{import_id}", at, reason=reason)
    return await import_of(import_id)


async def _undo_some(import_id: int, rules: RulesBundle, actor: Actor, at: int, bus: Bus) -> int:
    undone, wakeups = await _slice(import_id, rules, actor, at)
    for topic, payload in wakeups.items():
        await bus.publish(topic, payload)
    return undone


@retried
async def _slice(import_id: int, rules: RulesBundle, actor: Actor, at: int) -> tuple[int, Wakeups]:
    """The next changes in one transaction; how many, 0 when there are none left."""
    limits_fen = {number: one.offline_limit_fen for number, one in rules.classes.items()}
    async with transaction():
        await next_version(IMPORT)
        changes = (
            await RosterChangeRow.filter(import_id=import_id, outcome="")
            .order_by("id")
            .limit(CHANGES_PER_TRANSACTION)
        )
        if not changes:
            return 0, {}
        ids = [change.holder_id for change in changes]
        # cards before their holders, as a payment locks them
        cards = await CardRow.select_for_update().filter(holder_id__in=ids).order_by("number")
        rows = await CardholderRow.select_for_update().filter(id__in=ids).order_by("id")
        undoing = _Undoing(changes, {row.id: row for row in rows}, await used_holders(ids))
        outcomes, become = _decided(undoing, limits_fen)
        was = {holder_id: known(undoing.holders[holder_id]) for holder_id in become}
        pairs = [(was[one], become[one].as_line(0, was[one].number)) for one in become]
        await change_holders(pairs, limits_fen)
        gone = {change.holder_id for change in changes if not change.before} & set(become)
        for card in cards:
            if card.holder_id in gone and card.state != CardState.CLOSED:
                await _close(undoing, card, actor, at)
        await mark_outcomes(outcomes)
        undoing.wakeups["directory"] = {"version": (await read_versions()).directory}
    return len(changes), undoing.wakeups


def _decided(
    undoing: _Undoing, class_ids: Collection[int]
) -> tuple[dict[int, Outcome], dict[int, Person]]:
    """What becomes of each change; a class that is gone from the rules cannot come back."""
    outcomes: dict[int, Outcome] = {}
    become: dict[int, Person] = {}
    for change in undoing.changes:
        after = Person.from_text(change.after)
        holder = undoing.holders.get(change.holder_id)
        if after is None or holder is None:
            outcomes[change.id] = Outcome.CHANGED_SINCE
            continue
        outcome, person = outcome_of(
            Person.from_text(change.before),
            after,
            person_of(known(holder)),
            is_used=holder.id in undoing.used,
        )
        if person is not None and person.class_id not in class_ids:
            outcome, person = Outcome.CHANGED_SINCE, None
        outcomes[change.id] = outcome
        if person is not None:
            become[holder.id] = person
    return outcomes, become


async def _close(undoing: _Undoing, row: CardRow, actor: Actor, at: int) -> None:
    purses = await AccountRow.select_for_update().filter(holder_id=row.holder_id).order_by("id")
    closed = close(card_of(row), {one.purse: one.balance_fen for one in purses}, at)
    change = await record_change(row, closed, actor.label, at)
    undoing.wakeups.update(change.wakeups())
    await note(actor.label, "cards.close", f"card:{row.id}", at)
