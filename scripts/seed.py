"""Fill a migrated, empty database with a demo school, through the real use cases.

    python3 scripts/seed.py sqlite:///var/demo/xiaoma.sqlite3 --folder var/demo

Rules, two key epochs, the roster with a card for everybody, opening balances, three windows, the
first admin, and a binding code for each card. What was handed out (codes, the admin's password) is
written to a private file in the folder.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import secrets
import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=False)

from backend.domain.access import Actor, Audience, Role
from backend.domain.accounts import SchoolAccount
from backend.domain.roster import class_ids_of, read_roster
from backend.gateways.bus import LocalBus
from backend.gateways.vault import FileVault
from backend.tables.accounts import open_payable
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.database import DatabaseUrl, close_tables, open_tables
from backend.tables.ledger import Ledger
from backend.tables.merchant import MerchantRow
from backend.tables.store import make_store
from backend.usecases.bindings.make_binding_code import make_binding_code
from backend.usecases.cardholders.import_roster import Choice, ImportOptions, import_roster
from backend.usecases.epochs.open_epochs import open_epochs
from backend.usecases.ledger.credit_purse import credit_purse
from backend.usecases.rules.publish_rules import publish_rules
from backend.usecases.staff.create_staff import StaffDraft, create_staff
from campus_code import RulesBundle
from simulators.lunch.campus import Admin, Handout, Person, Place

ROOT = Path(__file__).resolve().parents[1]
ROSTER = ROOT / "simulators" / "roster.csv"
RULES = ROOT / "simulators" / "campus_rules.json"
KEY_FILE = "server.keys"
LOGIN = "admin"
EXIT_REFUSED = 2
EMPTY_EVERY = 20
"""One cardholder in so many comes with nothing in any purse."""
CASH_FEN_RANGE = (6_000, 20_000)
BENEFIT_FEN_CHOICES = (0, 0, 1_000, 3_000)
PLACES = (
    ("一食堂 自选", "buffet"),
    ("一食堂 套餐", "set_meal"),
    ("二食堂 面馆", "noodles"),
)


class RosterRefusedError(Exception):
    """The roster file has a wrong line; nothing is brought in then."""


@dataclass(frozen=True, slots=True)
class Office:
    """What every step of seeding needs."""

    vault: FileVault
    bus: LocalBus
    ledger: Ledger
    actor: Actor
    chance: random.Random

    @property
    def at(self) -> int:
        """Unix seconds now."""
        return int(time.time())


async def seed(url: DatabaseUrl, folder: Path, raw: bytes, *, school: str, seed: int) -> Handout:
    """Seed with the people of a roster file; what was handed out is written to the folder too.

    Raises RosterRefusedError naming the first line that is wrong.
    """
    key_file = folder / KEY_FILE
    vault = FileVault(key_file) if key_file.exists() else FileVault.make(key_file)
    ledger = Ledger(make_store(url), time.time, "seed")
    await open_tables(url)
    try:
        await ledger.open()
        actor = Actor(Audience.STAFF, 0, "seed", role=Role.ADMIN)
        office = Office(vault, LocalBus("demo"), ledger, actor, random.Random(seed))
        rules = await publish_rules(
            RULES.read_bytes(), published_by="seed", at=office.at, bus=office.bus
        )
        await open_epochs(vault, os.urandom, office.at, office.bus)
        places = [await _open_place(merchant, group_id) for merchant, group_id in PLACES]
        admin = await _hire_admin(office, school)
        people = await _bring_people(office, raw, rules)
        handout = Handout(school, admin, tuple(places), tuple(people))
        handout.write(folder)
        return handout
    finally:
        await ledger.close()
        await close_tables()


async def _open_place(merchant: str, group_id: str) -> Place:
    made = await MerchantRow.create(name=merchant)
    await open_payable(made.id)
    return Place(made.id, merchant, group_id)


async def _hire_admin(office: Office, school: str) -> Admin:
    password = secrets.token_urlsafe(12)
    made = await create_staff(
        StaffDraft(LOGIN, "演示管理员", Role.ADMIN, password),
        actor=None,
        at=office.at,
        randomness=os.urandom,
        vault=office.vault,
        school=school,
    )
    return Admin(LOGIN, password, made.otpauth_uri)


async def _bring_people(office: Office, raw: bytes, rules: RulesBundle) -> list[Person]:
    roster = read_roster(raw, class_ids_of(rules.classes))
    if roster.errors:
        first = roster.errors[0]
        place = f"第 {first.line} 行 · line {first.line}"
        raise RosterRefusedError(f"{place}: {first.sentence('zh')} · {first.sentence('en')}")
    await import_roster(
        roster,
        ImportOptions(Choice.ALL, has_cards=True),
        rules=rules,
        actor=office.actor,
        at=office.at,
        randomness=os.urandom,
        bus=office.bus,
    )
    holders = await CardholderRow.all().order_by("id")
    cards = {card.holder_id: card for card in await CardRow.all()}
    money_fen = {
        holder.id: _opening_fen(place, office.chance) for place, holder in enumerate(holders, 1)
    }
    for position, purse in enumerate(("cash", "benefit")):
        credited = [(one, fen[position]) for one, fen in money_fen.items() if fen[position]]
        await credit_purse(office.ledger, purse, SchoolAccount.OPENING, credited)
    people = []
    for holder in holders:
        card = cards[holder.id]
        binding = await make_binding_code(
            card.id, actor=office.actor, at=office.at, randomness=os.urandom
        )
        people.append(
            Person(
                holder.number,
                holder.name,
                holder.department,
                holder.class_id,
                card.number,
                binding.code,
                *money_fen[holder.id],
            )
        )
    return people


def _opening_fen(place: int, chance: random.Random) -> tuple[int, int]:
    """What one cardholder brings in cash and in benefits, in fen."""
    if place % EMPTY_EVERY == 0:
        return 0, 0
    return chance.randrange(*CASH_FEN_RANGE), chance.choice(BENEFIT_FEN_CHOICES)


def main(words: list[str]) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="seed", description="灌入演示学校 · seed a demo school")
    parser.add_argument("database", help="sqlite:///… or mysql://…, migrated and empty")
    parser.add_argument("--folder", type=Path, required=True, help="for keys and the handout")
    parser.add_argument("--roster", type=Path, default=ROSTER)
    parser.add_argument("--school", default="校码演示大学")
    parser.add_argument("--seed", type=int, default=1, help="of the opening balances")
    told = parser.parse_args(words)
    url = DatabaseUrl.parse(told.database)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the in-process bus says what it is
        work = seed(url, told.folder, told.roster.read_bytes(), school=told.school, seed=told.seed)
        try:
            handout = asyncio.run(work)
        except RosterRefusedError as error:
            print(f"{told.roster}: {error}", file=sys.stderr)
            return EXIT_REFUSED
    print(f"已灌入 · seeded: {len(handout.people)} 人 people, {len(handout.places)} 窗口 windows")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
