"""Several tills, online and off, and everything that happens between them, against a model."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from backend.domain.access import Actor, Audience, Role
from backend.domain.accounts import SchoolAccount
from backend.domain.card import Part
from backend.domain.correction import CorrectionKind
from backend.domain.errors import ConflictError, InvalidInputError
from backend.domain.payment import Attempt
from backend.tables.card import CardRow
from backend.tables.database import DatabaseUrl, close_tables, open_tables
from backend.usecases.cards.close_card import close_card
from backend.usecases.cards.freeze_card import freeze_card
from backend.usecases.cards.lift_freeze import lift_freeze
from backend.usecases.ledger.credit_purse import credit_purse
from backend.usecases.ledger.verify_ledger import verify_ledger
from backend.usecases.payments.approve_correction import approve_correction
from backend.usecases.payments.ask_correction import CorrectionAsked, ask_correction
from campus_code import CourtesyRules, Refusal, step_at
from tests.properties.ledger_model import GIFT_FEN_MAX, GIFTS_MAX, Model, Person
from tests.rig.campus import NOON, Campus, open_campus, rules_with
from tests.rig.journal import Journal
from tests.rig.listening import RememberingBus
from tests.rig.raw_books import COURTESY, RISK, SUSPENSE, assert_sound
from tests.rig.tables import empty_tables

OFFICE = Actor(Audience.STAFF, 3, "office", role=Role.CARD_OFFICE)
MAKER, CHECKER = Actor(Audience.STAFF, 1, "maker"), Actor(Audience.STAFF, 2, "checker")
TILLS, PEOPLE = 3, 3
MERCHANT = (1 << 40) + 1

tills = st.integers(0, TILLS - 1)
people = st.integers(0, PEOPLE - 1)
fens = st.integers(1, 3000)
ages = st.integers(0, 3)

_Answer = TypeVar("_Answer")


class LedgerMachine(RuleBasedStateMachine):
    """The campus and the model live the same lives."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.model = Model()
        self.bus = RememberingBus()
        self.requests = 0

    def do(self, work: Coroutine[Any, Any, _Answer]) -> _Answer:
        """Run on this machine's own loop."""
        return self.runner.run(work)

    @initialize()
    def found(self) -> None:
        """Three tills of one merchant, three people."""
        self.do(self._found())

    async def _found(self) -> None:
        await open_tables(DatabaseUrl.parse(self.url))
        self.campus: Campus = await open_campus(DatabaseUrl.parse(self.url))
        self.campus.rules = rules_with(CourtesyRules(GIFT_FEN_MAX, GIFTS_MAX, GIFTS_MAX))
        self.tills = [await self.campus.terminal() for _ in range(TILLS)]
        self.journals = [Journal(self.campus, till) for till in self.tills]
        self.people = [await self.campus.holder(4000, 500) for _ in range(PEOPLE)]
        for holder in self.people:
            self.model.people[holder] = Person(4000, 500)
            self.model.cards[self.campus.cards[holder]] = holder

    def teardown(self) -> None:
        if hasattr(self, "campus"):
            report = self.do(verify_ledger(self.campus.ledger))
            self.do(self.campus.ledger.close())
            self.do(close_tables())
            self.runner.close()
            assert report.findings == []

    # ------------------------------------------------------------------------------- tills

    def _post(self, *attempts: Attempt) -> list[str]:
        return [one.word.value for one in self.do(self.campus.post(*attempts))]

    def _tap(self, till: int, person: int, fen: int, age: int) -> Attempt:
        """A tap with the code of `age` steps ago, under the journal's next sequence."""
        holder = self.people[person]
        at = int(self.campus.now)
        return self.campus.tap(
            self.tills[till],
            holder,
            fen,
            sequence=len(self.journals[till].records) + 1,
            step=step_at(at) - age,
            issue=self.model.people[holder].issue,
        )

    @rule(till=tills, person=people, fen=fens, age=ages)
    def pay_online(self, till: int, person: int, fen: int, age: int) -> None:
        """Asked, answered, and journalled when approved."""
        tap = self._tap(till, person, fen, age)
        expected = self.model.online(tap, tap.at)
        assert self._post(tap) == [expected]
        if expected == "posted":
            self.journals[till].pay(
                self.people[person], fen, step=tap.step, issue=tap.issue, was_offline=False
            )

    @rule(till=tills)
    def upload_the_rest(self, till: int) -> None:
        """A till that syncs as it should."""
        end = self.model.ends[self.tills[till]]
        self.upload([(till, 0, len(self.journals[till].records) - end)])

    @rule(till=tills, person=people, fen=fens, age=ages, is_voided=st.booleans())
    def pay_both_ways(self, till: int, person: int, fen: int, age: int, *, is_voided: bool) -> None:
        """The answer was lost: the till approves alone, or undoes its own sequence."""
        tap = self._tap(till, person, fen, age)
        assert self._post(tap, tap) == [self.model.online(tap, tap.at) for _ in range(2)]
        if is_voided:
            self.journals[till].undo(0)
        else:
            self.journals[till].pay(self.people[person], fen, step=tap.step, issue=tap.issue)

    @rule(
        till=tills, person=people, fen=fens, age=ages, is_old=st.booleans(), is_forged=st.booleans()
    )
    def pay_offline(
        self, till: int, person: int, fen: int, age: int, *, is_old: bool, is_forged: bool
    ) -> None:
        """Journalled only; an old phone or a forgery may be what was shown."""
        issue = self.model.people[self.people[person]].issue
        for older in range(2):
            self.journals[till].pay(
                self.people[person],
                fen,
                step=step_at(int(self.campus.now)) - age - older,
                issue=max(issue - is_old, 1),
                fault=Refusal.WRONG_CODE if is_forged else None,
            )

    @rule(till=tills, back=st.integers(0, 3))
    def void_offline(self, till: int, back: int) -> None:
        """The cashier undoes an earlier payment of this journal."""
        payments = [one.sequence for one in self.journals[till].records if not one.reverses]
        if len(payments) > back:
            self.journals[till].undo(payments[-1 - back])

    @rule(
        pieces=st.lists(
            st.tuples(tills, st.sampled_from([0, 0, 0, -2, -5, 1]), st.integers(1, 12)),
            min_size=1,
            max_size=4,
        )
    )
    def upload(self, pieces: list[tuple[int, int, int]]) -> None:
        """Pieces of journals in one set: repeated, out of order, cut, with gaps."""
        records = []
        for till, shift, length in pieces:
            start = max(self.model.ends[self.tills[till]] + shift, 0)
            records += self.journals[till].records[start : start + length]
        expected = [self.model.upload(one) for one in records]
        if records:
            assert self._post(*records) == expected

    # ------------------------------------------------------------------------------ office

    @rule(seconds=st.integers(1, 40))
    def wait(self, seconds: int) -> None:
        self.campus.now += seconds

    async def _card(self, person: int) -> int:
        return int((await CardRow.get(holder_id=self.people[person])).id)

    @rule(person=people)
    def freeze_or_lift(self, person: int) -> None:
        """Frozen is lifted, active is frozen; in a second of its own."""
        known = self.model.people[self.people[person]]
        if known.is_closed:
            return
        self.campus.now += 1
        at, card = int(self.campus.now), self.do(self._card(person))
        if known.is_frozen(at):
            self.do(lift_freeze(card, actor=OFFICE, at=at, bus=self.bus))
            known.freezes[-1] = (known.freezes[-1][0], at)
        else:
            money = frozenset({Part.MONEY})
            self.do(freeze_card(card, money, actor=OFFICE, at=at, bus=self.bus))
            known.freezes.append((at, None))

    @rule(person=people)
    def bind_again(self, person: int) -> None:
        """A new phone: the issue rises."""
        known = self.model.people[self.people[person]]
        if known.is_closed:
            return
        self.campus.now += 1
        known.issue, known.raised_at = known.issue + 1, int(self.campus.now)
        changed = {"issue": known.issue, "issue_raised_at": known.raised_at}
        self.do(self._change_card(person, changed))

    async def _change_card(self, person: int, changed: dict[str, int]) -> None:
        await CardRow.filter(holder_id=self.people[person]).update(**changed)

    @rule(person=people)
    def close(self, person: int) -> None:
        """Refused while a purse holds money."""
        known = self.model.people[self.people[person]]
        card, at = self.do(self._card(person)), int(self.campus.now)
        is_refused = known.is_closed or known.cash + known.benefit > 0
        refused = pytest.raises(ConflictError) if is_refused else contextlib.nullcontext()
        with refused:
            self.do(close_card(card, actor=OFFICE, at=at, bus=self.bus))
        known.is_closed = known.is_closed or not is_refused

    @rule(person=people, fen=fens, purse=st.sampled_from(["cash", "benefit"]))
    def top_up(self, person: int, fen: int, purse: str) -> None:
        holder = self.people[person]
        paid = [(holder, fen)]
        self.do(credit_purse(self.campus.ledger, purse, SchoolAccount.CASH_DRAWER, paid))
        known = self.model.people[holder]
        setattr(known, purse, getattr(known, purse) + fen)

    @rule(which=st.integers(0, 50), fen=fens)
    def refund(self, which: int, fen: int) -> None:
        """Asked by one, approved by another."""
        if not self.model.paid:
            return
        key = sorted(self.model.paid)[which % len(self.model.paid)]
        expected = self.model.refund(key, fen)
        assert self.do(self._correct(key, fen, CorrectionKind.REFUND)) == expected

    @rule(which=st.integers(0, 50))
    def void(self, which: int) -> None:
        """The whole of it, by two people too."""
        if not self.model.paid:
            return
        key = sorted(self.model.paid)[which % len(self.model.paid)]
        fen, expected = self.model.paid[key].fen, self.model.void(key)
        assert self.do(self._correct(key, fen, CorrectionKind.VOID)) == expected

    async def _correct(self, key: tuple[int, int], fen: int, kind: CorrectionKind) -> bool:
        self.requests += 1
        payment_id = assert_sound(self.url, self.campus.sent).payment(*key)[0]
        asked = CorrectionAsked(f"k{self.requests}", payment_id, kind, fen, "cold soup")
        try:
            request = await ask_correction(asked, MAKER, NOON)
            await approve_correction(self.campus.ledger, self.campus.clock, request, CHECKER)
        except (ConflictError, InvalidInputError):
            return False
        return True

    # -------------------------------------------------------------------------- invariants

    @invariant()
    def books_are_the_models(self) -> None:
        """Raw rows, re-added: residual 0, keys once, nothing unsent, and the model's figures."""
        if not hasattr(self, "campus"):
            return
        books = assert_sound(self.url, self.campus.sent)
        for holder, known in self.model.people.items():
            cash = (2 << 40) + holder * 8
            assert (books.balances[cash], books.balances[cash + 1]) == (known.cash, known.benefit)
        borne = [-books.balances[account] for account in (RISK, SUSPENSE, COURTESY)]
        standing = (books.balances[MERCHANT], *borne)
        assert standing == self.model.standing()
        assert {row[1:3] for row in books.payments} == set(self.model.paid)


def _run(url: str, examples: int, steps: int, prepare: Any) -> None:
    class Machine(LedgerMachine):
        def __init__(self) -> None:
            prepare()
            self.url = url
            super().__init__()

    case = Machine.TestCase
    case.settings = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    case().runTest()


@pytest.mark.timeout(180)
def test_every_life_on_sqlite(sqlite_template: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "machine.sqlite3"

        def prepare() -> None:
            for left in Path(folder).iterdir():
                left.unlink()
            shutil.copyfile(sqlite_template, path)

        _run(f"sqlite://{path}", 60, 50, prepare)


@pytest.mark.timeout(180)
def test_some_lives_on_mariadb(migrated_mariadb: str) -> None:
    _run(migrated_mariadb, 4, 25, lambda: empty_tables(migrated_mariadb))
