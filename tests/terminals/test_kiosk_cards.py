"""The kiosk's side of a physical card: it carries words to the server and back, without a key."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from backend.domain.visit import DEEDS, Shown
from campus_code import ChipKind, Refusal, RefusedError
from qr_terminals.cards.identify import identify
from qr_terminals.config import read_identity
from qr_terminals.kiosk.cards import Cards
from qr_terminals.readers import Scan, Unread
from simulators.cards import Direct, Silicon
from simulators.cards.cpu import CpuCard
from simulators.cards.phone import Phone
from tests.rig.chips import handed_out, take_chips
from tests.rig.kiosk import ALL_DAY, Inside, KioskProcess, inside, open_kiosk
from tests.rig.office import Student

NOWHERE = "http://127.0.0.1:9"


@pytest_asyncio.fixture
async def kiosk(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[KioskProcess]:
    """A kiosk in a school that takes every kind of chip; its program is not running."""
    async with open_kiosk(tmp_path, sqlite_template) as made:
        await take_chips(made.office, version=3, periods=(ALL_DAY,))
        yield made


@pytest_asyncio.fixture
async def student(kiosk: KioskProcess) -> Student:
    return await kiosk.shop.student()


async def hold(kiosk: KioskProcess, here: Inside, card: Silicon) -> dict[str, Any]:
    """Hold a card into the field, as the reader's thread asks it; what the screen says then."""
    cards = Cards(read_identity(kiosk.home).terminal_id, here.hall, here.visitors)

    def work() -> None:
        try:
            shown = identify(Direct(card), cards.wanted(), os.urandom, time.monotonic)
        except RefusedError as error:
            cards.take(Unread(error.refusal, error.evidence))
            return
        cards.take(Scan(shown.text, "nfc", shown.proof))

    await asyncio.to_thread(work)
    return await here.screen()


def sentences(refusal: Refusal) -> dict[str, str]:
    """What the screen says of a refusal."""
    error = RefusedError(refusal)
    return {"zh": error.sentence("zh"), "en": error.sentence("en")}


@pytest.mark.parametrize("kind", [ChipKind.DESFIRE, ChipKind.CPU], ids=str)
async def test_a_card_shows_its_holder_and_what_it_may(
    kiosk: KioskProcess, student: Student, kind: ChipKind
) -> None:
    card = await handed_out(kiosk.office, student, kind)
    async with inside(kiosk) as here:
        told = await hold(kiosk, here, card)
        assert told["screen"] == "visit"
        assert set(told["deeds"]) == DEEDS[Shown.CHIP]
        assert (await here.ask("card")).json()["purses_fen"]["cash"] == 10_000
        refused = await here.ask("emergency-code")
        assert (refused.status_code, refused.json()["error"]) == (403, "not_in_visit")
        again = await hold(kiosk, here, card)
        assert again["visit"] == told["visit"] + 1


async def test_a_card_that_proves_nothing_forgets_whoever_was_here(
    kiosk: KioskProcess, student: Student
) -> None:
    classic = await handed_out(kiosk.office, student, ChipKind.CLASSIC)
    async with inside(kiosk) as here:
        for card, refusal in (
            (CpuCard.written(bytes(range(16))), Refusal.WRONG_CHIP),
            (classic, Refusal.CHIP_NOT_TAKEN),
        ):
            assert (await here.scan(kiosk.code(student)))["screen"] == "visit"
            told = await hold(kiosk, here, card)
            assert (told["screen"], told["refusal"]) == ("idle", sentences(refusal))


async def test_a_phone_in_the_field_is_known_by_its_code(
    kiosk: KioskProcess, student: Student
) -> None:
    phone = Phone(student.secrets[0], kiosk.office.clock)
    async with inside(kiosk) as here:
        told = await hold(kiosk, here, phone)
        assert told["screen"] == "visit"
        assert set(told["deeds"]) == DEEDS[Shown.CODE]


async def test_without_the_server_a_card_is_told_so(kiosk: KioskProcess, student: Student) -> None:
    card = await handed_out(kiosk.office, student, ChipKind.DESFIRE)
    async with inside(kiosk, NOWHERE) as here:
        told = await hold(kiosk, here, card)
        assert (told["screen"], told["refusal"]["zh"]) == ("idle", "服务器没有回答。")
