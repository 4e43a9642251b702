"""A small school for tests: rules, two key epochs, cardholders with cards, merchants, terminals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count

from backend.domain.accounts import SchoolAccount, purse_account
from backend.domain.payment import Amounts, Attempt, AttemptKind, Outcome
from backend.tables.account import AccountRow
from backend.tables.accounts import open_payable, open_purses
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.database import DatabaseUrl
from backend.tables.ledger import Ledger
from backend.tables.merchant import MerchantRow
from backend.tables.store import make_store
from backend.tables.terminal import TerminalRow
from backend.usecases.ledger.credit_purse import credit_purse
from backend.usecases.payments.post_payments import post_payments
from campus_code import (
    ClassRules,
    CourtesyRules,
    EmergencyRules,
    EpochKey,
    Fee,
    GroupRules,
    MealPeriod,
    OfflineTier,
    RulesBundle,
    Window,
    card_number,
    issue_code,
    phone_secrets,
    step_at,
)

NOON = 1_767_240_000
"""2026-01-01 12:00 in Shanghai."""
WEEK = 7 * 86_400
TERMINAL_KEY = EpochKey(7, NOON - WEEK, NOON + WEEK, bytes(range(32)))
ISSUER_KEY = EpochKey(7, NOON - WEEK, NOON + WEEK, bytes(range(32, 64)))
STUDENT, STAFF, GUEST = 1, 2, 3


def make_rules(**changes: object) -> RulesBundle:
    """Lunch and dinner, three classes, one window that takes any amount up to 100 yuan."""
    fields: dict[str, object] = {
        "version": 1,
        "school": "Example School",
        "utc_offset_seconds": 8 * 3600,
        "day_starts_minute": 0,
        "periods": (
            MealPeriod("lunch", "午餐", "Lunch", 600, 840),
            MealPeriod("dinner", "晚餐", "Dinner", 960, 1200),
        ),
        "classes": {
            STUDENT: ClassRules(STUDENT, "学生", "Student", offline_limit_fen=5000),
            STAFF: ClassRules(STAFF, "教工", "Staff", pay_percent=90, offline_limit_fen=5000),
            GUEST: ClassRules(
                GUEST, "访客", "Guest", fee=Fee("percent", percent=10), offline_limit_fen=2000
            ),
        },
        "groups": {"canteen": GroupRules("canteen", "食堂", "Canteen", amount_fen_max=10_000)},
        "offline": (OfflineTier(7 * 86_400, 5000, 10),),
        "window": Window(),
        "emergency": EmergencyRules(1500),
    }
    return RulesBundle(**{**fields, **changes})  # type: ignore[arg-type]


def rules_with(courtesy: CourtesyRules, class_id: int = STUDENT) -> RulesBundle:
    """The usual school, its canteen giving meals to one class."""
    usual = make_rules()
    given = replace(usual.classes[class_id], courtesy=courtesy)
    group = replace(usual.groups["canteen"], gives_courtesy=True)
    classes = {**usual.classes, class_id: given}
    return replace(usual, classes=classes, groups={"canteen": group})


@dataclass
class Campus:
    """The school's ledger and the ids of what stands in it; `now` is its clock."""

    ledger: Ledger
    rules: RulesBundle
    now: float = NOON
    cards: dict[int, str] = field(default_factory=dict)
    sequences: dict[int, count[int]] = field(default_factory=dict)
    sent: list[Attempt] = field(default_factory=list)

    def clock(self) -> float:
        """The campus's time in Unix seconds."""
        return self.now

    async def holder(
        self, cash_fen: int = 10_000, benefit_fen: int = 0, class_id: int = STUDENT
    ) -> int:
        """Make a cardholder with a card and money; answers the holder's id."""
        number = len(self.cards) + 1
        holder = await CardholderRow.create(
            number=f"S{number:04}",
            name=f"Person {number}",
            class_id=class_id,
            created_at=datetime.fromtimestamp(self.now, UTC),
        )
        await open_purses(holder.id)
        self.cards[holder.id] = card_number(number)
        await CardRow.create(
            number=self.cards[holder.id],
            holder_id=holder.id,
            issue=1,
            opened_at=datetime.fromtimestamp(self.now, UTC),
        )
        for purse, amount_fen in (("cash", cash_fen), ("benefit", benefit_fen)):
            if amount_fen:
                paid = [(holder.id, amount_fen)]
                await credit_purse(self.ledger, purse, SchoolAccount.OPENING, paid)
        holder_id: int = holder.id
        return holder_id

    async def terminal(self, merchant: str = "Noodles") -> int:
        """Make a merchant where it is new, and a terminal of it; answers the terminal's id."""
        row = await MerchantRow.get_or_none(name=merchant)
        if row is None:
            row = await MerchantRow.create(name=merchant)
            await open_payable(row.id)
        made = await TerminalRow.create(
            name=f"{merchant} till",
            merchant_id=row.id,
            group_id="canteen",
            signing_key=f"{await TerminalRow.all().count():064x}",
            sealing_key="0" * 64,
            enrolled_at=datetime.fromtimestamp(self.now, UTC),
        )
        self.sequences[made.id] = count(1)
        made_id: int = made.id
        return made_id

    def code(self, holder_id: int, at: float, issue: int = 1) -> str:
        """The code this holder's phone shows at a time."""
        secrets = phone_secrets(TERMINAL_KEY, ISSUER_KEY, self.cards[holder_id], issue)
        return issue_code(secrets, int(at))

    def tap(self, terminal_id: int, holder_id: int, asked_fen: int, **changes: object) -> Attempt:
        """One online tap with a right code, at the campus's time."""
        fields: dict[str, object] = {
            "kind": AttemptKind.ONLINE,
            "terminal_id": terminal_id,
            "sequence": next(self.sequences[terminal_id]),
            "at": int(self.now),
            "card_number": self.cards[holder_id],
            "issue": 1,
            "step": step_at(int(self.now)),
            "asked_fen": asked_fen,
        }
        return Attempt(**{**fields, **changes})  # type: ignore[arg-type]

    def record(self, terminal_id: int, holder_id: int, fen: int, **changes: object) -> Attempt:
        """One record of a payment a terminal approved offline for a student."""
        fields: dict[str, object] = {
            "kind": AttemptKind.RECORD,
            "amounts": Amounts(fen, 0, 0, fen),
            "class_id": STUDENT,
            "period_id": "lunch",
            "business_on": 20260101,
            "was_offline": True,
        }
        return self.tap(terminal_id, holder_id, fen, **{**fields, **changes})

    def undo(self, terminal_id: int, reverses: int) -> Attempt:
        """A reversal of one of the terminal's attempts; 0 reverses its own sequence."""
        sequence = next(self.sequences[terminal_id])
        return Attempt(
            AttemptKind.REVERSAL,
            terminal_id,
            sequence,
            int(self.now),
            reverses=reverses or sequence,
        )

    async def post(self, *attempts: Attempt) -> list[Outcome]:
        """Post one set, and remember it: the books may tell of nothing else."""
        self.sent += attempts
        return await post_payments(self.ledger, self.rules, self.clock, attempts)

    async def balance(self, holder_id: int, purse: str = "cash") -> int:
        """A purse's balance column, in fen."""
        balance_fen: int = (await AccountRow.get(id=purse_account(holder_id, purse))).balance_fen
        return balance_fen


async def open_campus(url: DatabaseUrl, clock: Callable[[], float] | None = None) -> Campus:
    """Open a ledger on a migrated, open database; the caller closes `campus.ledger`."""
    campus = Campus(Ledger(make_store(url), clock or (lambda: NOON), "tests"), make_rules())
    await campus.ledger.open()
    return campus
