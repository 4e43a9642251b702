"""What would this tap do? The verdict of the one rule, with every step, and no money moves."""

from __future__ import annotations

from dataclasses import dataclass, replace

from backend.domain.access import Actor
from backend.domain.card import unknown_cardholder
from backend.domain.courtesy import GivenMeals
from backend.domain.errors import InvalidInputError, NotFoundError
from backend.domain.holder_limit import LimitedHolder, from_text
from backend.domain.rules_text import read_bundle
from backend.tables.account import AccountRow
from backend.tables.audit import note
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow, TallyRow
from backend.tables.courtesy_reads import meals_given
from backend.tables.database import transaction
from backend.tables.holder_limit import HolderLimitRow
from backend.tables.limit_reads import spent_by_group
from backend.tables.rollout import RulesDraftRow
from backend.tables.rollouts import rules_in_force
from backend.tables.school import RulesRow
from backend.tables.terminal import TerminalRow
from campus_code import (
    CardState,
    ChipKind,
    CredentialKind,
    HolderLimits,
    Known,
    OfflineKnown,
    RulesBundle,
    Tally,
    Tap,
    business_day,
    period_at,
)
from campus_code.explanation import Explanation, explain
from campus_code.purses import CASH

CASH_ASSUMED_FEN = 10_000
"""What somebody of a class is taken to have in his cash purse unless something else is said."""


@dataclass(frozen=True, slots=True)
class Under:
    """Under which rules: a draft, a version, or (both 0) those in force."""

    draft_id: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True)
class Spending:
    """What is assumed to be spent before: of the day, of the meal (times too), and the last tap."""

    day_fen: int = 0
    meal_fen: int = 0
    meal_count: int = 0
    apart_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One tap. `number`: the person's, or "" for anybody of `class_id`.

    `offline` None asks the server, else what the terminal alone would know. `balances` and
    `spending` None take the person's own; a terminal alone knows of no spending but what is said.
    """

    under: Under
    at: int
    asked_fen: int | None
    number: str = ""
    class_id: int = 0
    terminal_id: int = 0
    group_id: str = ""
    has_pin: bool = False
    credential: CredentialKind = CredentialKind.CODE
    chip: ChipKind | None = None
    offline: OfflineKnown | None = None
    balances: dict[str, int] | None = None
    spending: Spending | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """The verdict and its steps, under which version (0: a draft), and who it was about."""

    explanation: Explanation
    version: int
    group_id: str
    class_id: int
    holder_id: int


@dataclass(frozen=True, slots=True)
class _Person:
    """What the books hold of one holder."""

    holder_id: int
    class_id: int
    state: CardState
    entry_limit_fen: int
    balances: dict[str, int]
    tally: Tally
    last_terminal_id: int
    limits: HolderLimits | None


async def try_tap(asked: Question, *, actor: Actor, at: int) -> Tried:
    """Judge it. Looking at a person's money is a look, and he can read who looked.

    Raises:
        NotFoundError: there is no such person, terminal, draft or version.
        InvalidInputError: the draft is no whole bundle yet.

    """
    rules, version = await _rules(asked.under)
    group_id, terminal_id = await _place(asked)
    person = await _person(asked.number, actor, at) if asked.number else None
    class_id = asked.class_id if person is None else person.class_id
    tap = Tap(
        at=asked.at,
        group_id=group_id,
        class_id=class_id,
        card_state=CardState.ACTIVE if person is None else person.state,
        asked_fen=asked.asked_fen,
        has_pin=asked.has_pin,
        credential=asked.credential,
        chip=asked.chip,
    )
    known = await _known(asked, person, rules, (group_id, terminal_id))
    holder_id = 0 if person is None else person.holder_id
    return Tried(explain(tap, rules, known), version, group_id, class_id, holder_id)


async def _rules(under: Under) -> tuple[RulesBundle, int]:
    if under.draft_id:
        draft = await RulesDraftRow.get_or_none(id=under.draft_id)
        if draft is None:
            raise NotFoundError("unknown_draft", zh="没有这份草稿。", en="There is no such draft.")
        return read_bundle(draft.body.encode()), 0
    wanted = RulesRow.get_or_none(version=under.version)
    row = await wanted if under.version else await rules_in_force()
    if row is None:
        raise NotFoundError("unknown_rules", zh="没有这一版规则。", en="No such version of rules.")
    return read_bundle(row.body.encode()), int(row.version)


async def _place(asked: Question) -> tuple[str, int]:
    """The group of terminals and the terminal, 0 for none in particular."""
    if not asked.terminal_id:
        if not asked.group_id:
            raise InvalidInputError(
                "group_id", "a terminal or a group is wanted", zh="请选择终端或终端组"
            )
        return asked.group_id, 0
    row = await TerminalRow.get_or_none(id=asked.terminal_id)
    if row is None:
        raise NotFoundError("unknown_terminal", zh="没有这台终端。", en="No such terminal.")
    return row.group_id, row.id


async def _person(number: str, actor: Actor, at: int) -> _Person:
    async with transaction():
        holder = await CardholderRow.get_or_none(number=number.strip().upper())
        if holder is None:
            raise unknown_cardholder()
        await note(actor.label, "cardholders.look_up", f"cardholder:{holder.id}", at, tap=True)
    card = await CardRow.filter(holder_id=holder.id).order_by("state", "-id").first()
    if card is None:
        raise NotFoundError("no_card", zh="此人没有卡。", en="This person has no card.")
    tally = await TallyRow.get(holder_id=holder.id)
    limit = await HolderLimitRow.get_or_none(holder_id=holder.id)
    return _Person(
        holder_id=holder.id,
        class_id=holder.class_id,
        state=CardState(card.state),
        entry_limit_fen=card.offline_limit_fen,
        balances={
            one.purse: one.balance_fen for one in await AccountRow.filter(holder_id=holder.id)
        },
        tally=Tally(
            tally.business_on or None,
            tally.period_id,
            tally.day_fen,
            tally.meal_fen,
            tally.meal_count,
            tally.last_at or None,
        ),
        last_terminal_id=tally.last_terminal_id,
        limits=None if limit is None else from_text(limit.limits),
    )


async def _known(
    asked: Question, person: _Person | None, rules: RulesBundle, place: tuple[str, int]
) -> Known:
    group_id, terminal_id = place
    tally = _tally(asked, person, rules, terminal_id)
    if asked.offline is not None:
        alone = asked.offline
        if person is not None and alone.entry_limit_fen is None:
            alone = replace(alone, entry_limit_fen=person.entry_limit_fen)
        return Known(tally, offline=alone)
    own = {CASH: CASH_ASSUMED_FEN} if person is None else person.balances
    balances = own if asked.balances is None else asked.balances
    limited, given = None, GivenMeals()
    if person is not None:
        given = await meals_given(person.holder_id, asked.at, rules)
    if person is not None and person.limits:
        business_on = business_day(asked.at, rules)
        spent = await spent_by_group(person.holder_id, business_on)
        limited = LimitedHolder(person.limits, spent).at(asked.at, group_id, rules)
    return Known(tally, balances, limited=limited, courtesy=given.at(asked.at, rules))


def _tally(asked: Question, person: _Person | None, rules: RulesBundle, terminal_id: int) -> Tally:
    said = asked.spending
    if said is None and person is not None and asked.offline is None:
        is_here = terminal_id == person.last_terminal_id
        return person.tally if is_here else replace(person.tally, last_at=None)
    said = said or Spending()
    period = period_at(asked.at, rules)
    return Tally(
        business_day(asked.at, rules),
        period.id if period else "",
        said.day_fen,
        said.meal_fen,
        said.meal_count,
        None if said.apart_seconds is None else asked.at - said.apart_seconds,
    )
