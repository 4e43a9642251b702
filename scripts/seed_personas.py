"""Pick demo people out of a seeded school, and write down what a school hands them on paper.

    python3 scripts/seed_personas.py sqlite:///var/demo/xiaoma.sqlite3 --folder var/demo

A student of age with some weeks of meals, a guardian of two children (the student, who shares the
balance, and a minor), the minor, and a member of the card office. The folder is the one that
`scripts/seed.py` wrote to; `personas.json` there holds live codes and a password, and is for a
demo only. Run it once, after a lunch if there is one: it takes people who have eaten.
"""

from __future__ import annotations

import argparse
import asyncio
import json
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

import pyotp

from backend.domain.access import Actor, Audience, Role
from backend.domain.guardian import ContactKind, Sees
from backend.domain.wechat import OPENID_CONTEXT
from backend.gateways.vault import FileVault
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.database import DatabaseUrl, close_tables, open_tables
from backend.tables.guardian import GuardianshipRow
from backend.tables.payment import PaymentRow
from backend.tables.wechat_accounts import keep_account
from backend.usecases.bindings.make_binding_code import make_binding_code
from backend.usecases.guardians.add_contact import add_contact
from backend.usecases.guardians.bind_guardian import bind_guardian
from backend.usecases.guardians.invite_guardian import invite_guardian
from backend.usecases.guardians.share_with_guardian import share_with_guardian
from backend.usecases.rules_board import RulesBoard
from backend.usecases.staff.create_staff import StaffDraft, create_staff
from campus_code import CardState, RulesBundle
from scripts.persona_history import Kitchen, eat
from scripts.seed import KEY_FILE
from simulators.lunch.campus import PRIVATE_MODE, Handout

PERSONAS_FILE = "personas.json"
STUDENT_CLASS = 1
STUDENT_DAYS = 35
MINOR_DAYS = 10
STUDENT_PHONE = "13900000001"
GUARDIAN_PHONE = "13900000002"
GUARDIAN_NAME = "妈妈"
LOGIN = "office"
EXIT_REFUSED = 2
SYSTEM = Actor(Audience.STAFF, 0, "seed", role=Role.ADMIN)

Persona = dict[str, str]


class NobodyError(Exception):
    """The school has nobody who could play the part."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What every part needs. `at` is Unix seconds."""

    vault: FileVault
    rules: RulesBundle
    handout: Handout
    at: int


async def seed_personas(url: DatabaseUrl, folder: Path, *, seed: int) -> list[Persona]:
    """Make the people and write them down. Raises NobodyError."""
    handout = Handout.read(folder)
    await open_tables(url)
    try:
        board = RulesBoard()
        await board.refresh()
        stage = Stage(FileVault(folder / KEY_FILE), board.bundle, handout, int(time.time()))
        student, minor = await _choose()
        chance = random.Random(seed)
        kitchen = Kitchen(url, stage.rules, handout.places, stage.at, chance)
        await eat(kitchen, student, STUDENT_DAYS)
        await eat(kitchen, minor, MINOR_DAYS)
        await CardholderRow.filter(id=minor.holder_id).update(is_adult=False)
        guardian = await _guardian(stage, student, minor)
        personas = [
            await _student(stage, student, "demo-student", STUDENT_PHONE),
            guardian,
            await _staff(stage),
            await _student(stage, minor, "demo-minor", ""),
        ]
    finally:
        await close_tables()
    _write(folder / PERSONAS_FILE, personas)
    return personas


async def _choose() -> tuple[CardRow, CardRow]:
    """Two students with cards in order, those first who have eaten lately and paid for it."""
    students = {
        row.id for row in await CardholderRow.filter(class_id=STUDENT_CLASS, is_active=True)
    }
    payments = await PaymentRow.filter(outcome="posted").order_by("-id").limit(len(students))
    eaters = {payment.holder_id for payment in payments}
    cards = await CardRow.filter(state=CardState.ACTIVE, are_doors_frozen=False).order_by("id")
    found = [card for card in cards if card.holder_id in students]
    found.sort(key=lambda card: card.holder_id not in eaters)
    if len(found) < 2:
        raise NobodyError("名单里没有两名学生 · there are no two students with a card")
    return found[0], found[1]


async def _student(stage: Stage, card: CardRow, openid: str, phone: str) -> Persona:
    holder = await CardholderRow.get(id=card.holder_id)
    made = await make_binding_code(card.id, actor=SYSTEM, at=stage.at, randomness=os.urandom)
    persona = {
        "persona": "student",
        "openid": openid,
        "name": holder.name,
        "number": holder.number,
        "binding_code": made.code,
    }
    if phone:
        await _note_phone(stage, holder.id, ContactKind.SELF, phone)
        persona["phone"] = phone
    return persona


async def _guardian(stage: Stage, adult: CardRow, minor: CardRow) -> Persona:
    """A guardian whom the adult invited already, with the minor's code still to be redeemed."""
    openid = "demo-guardian"
    sealed = stage.vault.seal(openid.encode(), OPENID_CONTEXT)
    wechat_id = await keep_account(openid, sealed, stage.at)
    holder = Actor(Audience.STUDENT, adult.id, "seed", card_id=adult.id)
    invited = await invite_guardian(
        adult.holder_id, actor=holder, at=stage.at, randomness=os.urandom
    )
    await bind_guardian(invited.code, GUARDIAN_NAME, wechat_id, at=stage.at, randomness=os.urandom)
    tie = await GuardianshipRow.get(holder_id=adult.holder_id)
    await share_with_guardian(
        adult.holder_id, tie.guardian_id, Sees.BALANCE, actor=holder, at=stage.at
    )
    handed_out = await invite_guardian(
        minor.holder_id, actor=SYSTEM, at=stage.at, randomness=os.urandom
    )
    await _note_phone(stage, minor.holder_id, ContactKind.GUARDIAN, GUARDIAN_PHONE)
    return {
        "persona": "guardian",
        "openid": openid,
        "name": GUARDIAN_NAME,
        "guardian_code": handed_out.code,
        "phone": GUARDIAN_PHONE,
    }


async def _note_phone(stage: Stage, holder_id: int, kind: ContactKind, phone: str) -> None:
    await add_contact(holder_id, kind, phone, actor=SYSTEM, at=stage.at, vault=stage.vault)


async def _staff(stage: Stage) -> Persona:
    password = secrets.token_urlsafe(12)
    made = await create_staff(
        StaffDraft(LOGIN, "卡务中心", Role.CARD_OFFICE, password),
        actor=SYSTEM,
        at=stage.at,
        randomness=os.urandom,
        vault=stage.vault,
        school=stage.handout.school,
    )
    return {
        "persona": "staff",
        "openid": "demo-staff",
        "name": "卡务中心",
        "login": LOGIN,
        "password": password,
        "totp_secret": pyotp.parse_uri(made.otpauth_uri).secret,
    }


def _write(path: Path, personas: list[Persona]) -> None:
    """Write the file, readable by its owner only: it holds a password."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(personas, file, ensure_ascii=False, indent=1)


def main(words: list[str]) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="seed_personas", description="挑选演示人物 · pick the demo's people"
    )
    parser.add_argument("database", help="sqlite:///… or mysql://…, seeded")
    parser.add_argument("--folder", type=Path, required=True, help="the one of seed.py")
    parser.add_argument("--seed", type=int, default=1, help="of the meals")
    told = parser.parse_args(words)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        work = seed_personas(DatabaseUrl.parse(told.database), told.folder, seed=told.seed)
        try:
            personas = asyncio.run(work)
        except NobodyError as error:
            print(error, file=sys.stderr)
            return EXIT_REFUSED
    print(f"演示人物 · personas: {', '.join(one['name'] for one in personas)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
