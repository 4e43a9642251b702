"""Visits to a kiosk by physical card: what is proved, what it opens, and what it never may."""

from __future__ import annotations

import copy
import os
from typing import Any

import httpx
import pytest
import pytest_asyncio

from backend.domain.card import Part
from backend.domain.chip_proof import CHIP_PROOF_SECONDS
from backend.domain.visit import DEEDS, OPEN_VERBS, Deed, Shown
from backend.tables.staff import AuditRow
from backend.tables.visit import VisitRow
from backend.usecases.cards.freeze_card import freeze_card
from backend.usecases.cards.report_loss import report_loss
from backend.usecases.chips.end_chip import end_chip
from campus_code import Challenge, ChipKind, ChipRules, NfcRules, answer_challenge
from simulators.cards.cpu import CpuCard
from tests.rig.chips import NFC, chip_of, first_words, handed_out, proof_of, take_chips, written
from tests.rig.hall import Kiosk, new_kiosk, shown_by
from tests.rig.office import SYSTEM, Office, Student

VISITS = "/terminal/visits"
PROVING = (ChipKind.DESFIRE, ChipKind.CPU)


@pytest_asyncio.fixture
async def kiosk(office: Office) -> Kiosk:
    """A kiosk in a school that takes every kind of chip."""
    await take_chips(office)
    return await new_kiosk(office)


def refused(answer: httpx.Response, word: str, status: int = 422) -> None:
    """It was refused for this reason, and no visit was opened."""
    assert (answer.status_code, answer.json()["error"]) == (status, word)


@pytest.mark.parametrize("kind", PROVING, ids=str)
async def test_a_card_that_proves_itself_opens_a_visit(kiosk: Kiosk, kind: ChipKind) -> None:
    student = await kiosk.office.student()
    card = await handed_out(kiosk.office, student, kind)
    opened = await kiosk.ask("POST", VISITS, await proof_of(kiosk, card))
    assert opened.status_code == 201, opened.text
    assert set(opened.json()["deeds"]) == DEEDS[Shown.CHIP]
    visit = f"{VISITS}/{opened.json()['visit_id']}"
    for path in ("/card", "/payments?month=202601&limit=10"):
        assert (await kiosk.ask("GET", visit + path)).status_code == 200
    rows = await AuditRow.filter(subject=f"card:{student.card_id}").order_by("-id").limit(3)
    terminal = f"terminal:{kiosk.device.terminal_id}"
    assert [(row.actor, row.verb) for row in reversed(rows)] == [
        (terminal, OPEN_VERBS[Shown.CHIP]),
        (terminal, Deed.SEE_CARD.value),
        (terminal, Deed.SEE_PAYMENTS.value),
    ]


async def test_a_card_freezes_and_neither_lifts_nor_takes_a_code_along(kiosk: Kiosk) -> None:
    student = await kiosk.office.student()
    card = await handed_out(kiosk.office, student, ChipKind.DESFIRE)
    opened = await kiosk.ask("POST", VISITS, await proof_of(kiosk, card))
    visit = f"{VISITS}/{opened.json()['visit_id']}"
    refused(await kiosk.ask("POST", f"{visit}/emergency-codes"), "not_in_visit", 403)
    frozen = await kiosk.ask("POST", f"{visit}/freezes", {"parts": ["money"]})
    assert frozen.status_code == 201, frozen.text
    assert (await kiosk.ask("GET", f"{visit}/freezes")).status_code == 200
    kiosk.office.clock.now += 120
    refused(await kiosk.ask("DELETE", f"{visit}/freezes"), "not_in_visit", 403)


@pytest.mark.parametrize("part", Part)
async def test_a_frozen_card_gets_nobody_in(kiosk: Kiosk, part: Part) -> None:
    office, student = kiosk.office, await kiosk.office.student()
    card = await handed_out(office, student, ChipKind.CPU)
    bus, at = office.parts.bus, office.at
    await freeze_card(student.card_id, frozenset({part}), actor=SYSTEM, at=at, bus=bus)
    refused(await kiosk.ask("POST", VISITS, await proof_of(kiosk, card)), "frozen")


async def test_a_card_that_was_taken_from_its_holder_is_nobodys(kiosk: Kiosk) -> None:
    office, bus = kiosk.office, kiosk.office.parts.bus
    card = await written(office, ChipKind.CPU)
    refused(await kiosk.ask("POST", VISITS, await proof_of(kiosk, card)), "unknown_card")
    student = await office.student()
    await handed_out(office, student, ChipKind.CPU)
    office.clock.now += 5
    await end_chip(student.card_id, actor=SYSTEM, at=office.at, bus=bus)
    refused(await kiosk.ask("POST", VISITS, await proof_of(kiosk, card)), "replaced_credential")
    other = await office.student()
    await handed_out(office, other, ChipKind.CPU)
    office.clock.now += 5
    await report_loss(other.card_id, actor=SYSTEM, at=office.at, bus=bus)
    refused(await kiosk.ask("POST", VISITS, await proof_of(kiosk, card)), "replaced_credential")


@pytest.mark.parametrize("kind", PROVING, ids=str)
async def test_only_the_true_answer_of_this_moment_at_this_kiosk_counts(
    kiosk: Kiosk, kind: ChipKind
) -> None:
    office = kiosk.office
    card = await handed_out(office, await office.student(), kind)
    true, other = await proof_of(kiosk, card), await new_kiosk(office)
    refused(await other.ask("POST", VISITS, true), "wrong_chip")
    for name in ("answer", "nonce", *(["heard"] if kind is ChipKind.DESFIRE else [])):
        body: dict[str, Any] = copy.deepcopy(true)
        digits = body["proof"][name]
        body["proof"][name] = ("0" if digits[0] != "0" else "1") + digits[1:]
        refused(await kiosk.ask("POST", VISITS, body), "wrong_chip")
    later = {**true, "proof": {**true["proof"], "asked_at": true["proof"]["asked_at"] + 1}}
    office.clock.now += 1
    refused(await kiosk.ask("POST", VISITS, later), "wrong_chip")
    office.clock.now += CHIP_PROOF_SECONDS
    refused(await kiosk.ask("POST", VISITS, true), "wrong_chip")
    assert await VisitRow.all().count() == 0


async def test_one_question_opens_one_visit(kiosk: Kiosk) -> None:
    card = await handed_out(kiosk.office, await kiosk.office.student(), ChipKind.CPU)
    body = await proof_of(kiosk, card)
    assert (await kiosk.ask("POST", VISITS, body)).status_code == 201
    refused(await kiosk.ask("POST", VISITS, body), "already_used")
    assert (await kiosk.ask("POST", VISITS, await proof_of(kiosk, card))).status_code == 201


async def test_a_forged_chip_and_one_of_another_name_open_nothing(kiosk: Kiosk) -> None:
    office = kiosk.office
    await handed_out(office, await office.student(), ChipKind.CPU)
    forged = CpuCard.written(bytes(range(16)))
    refused(await kiosk.ask("POST", VISITS, await proof_of(kiosk, forged)), "wrong_chip")
    own = await written(office, ChipKind.DESFIRE)
    body = {**await proof_of(kiosk, own), "credential": "desfire:04782e21801d81"}
    refused(await kiosk.ask("POST", VISITS, body), "wrong_chip")


async def test_a_card_without_its_proof_is_a_number(kiosk: Kiosk) -> None:
    card = await handed_out(kiosk.office, await kiosk.office.student(), ChipKind.CPU)
    body = {"credential": str(chip_of(card)), "credential_kind": "card"}
    refused(await kiosk.ask("POST", VISITS, body), "invalid_input", 400)
    wrong = {"chip": str(chip_of(card)), "heard": "00"}
    refused(await kiosk.ask("POST", "/terminal/chip-proofs", wrong), "wrong_chip")


async def test_a_classic_chip_opens_nothing_wherever_it_pays(kiosk: Kiosk) -> None:
    card = await handed_out(kiosk.office, await kiosk.office.student(), ChipKind.CLASSIC)
    asked = {"chip": str(chip_of(card)), "heard": ""}
    refused(await kiosk.ask("POST", "/terminal/chip-proofs", asked), "chip_not_taken")
    proof = {"heard": "", "nonce": "0" * 32, "asked_at": kiosk.office.at, "answer": ""}
    body = {"credential": asked["chip"], "credential_kind": "card", "proof": proof}
    refused(await kiosk.ask("POST", VISITS, body), "chip_not_taken")


@pytest.mark.parametrize("chips", [(), (ChipRules(ChipKind.CPU, 5000, 9000, 20250101),)])
async def test_a_kind_the_school_does_not_take_opens_nothing(
    office: Office, chips: tuple[ChipRules, ...]
) -> None:
    await take_chips(office, NfcRules(chips))
    kiosk = await new_kiosk(office)
    asked = {"chip": "cpu:2023000000123456", "heard": ""}
    refused(await kiosk.ask("POST", "/terminal/chip-proofs", asked), "chip_not_taken")


async def test_a_till_asks_no_chip_for_a_visit(kiosk: Kiosk) -> None:
    card = await handed_out(kiosk.office, await kiosk.office.student(), ChipKind.CPU)
    body, till = await proof_of(kiosk, card), await new_kiosk(kiosk.office, "canteen")
    asked = {"chip": body["credential"], "heard": first_words(card).hex()}
    refused(await till.ask("POST", "/terminal/chip-proofs", asked), "no_kiosk", 403)
    refused(await till.ask("POST", VISITS, body), "no_kiosk", 403)


async def test_a_phone_in_the_field_answers_this_kiosk(kiosk: Kiosk) -> None:
    student, where = await kiosk.office.student(), kiosk.device.terminal_id
    code = shown_by(student, kiosk.office.at)

    def body(asked: Challenge) -> dict[str, Any]:
        told = answer_challenge(student.secrets[0], code, asked.to_bytes())
        return {
            "credential": told.code,
            "credential_kind": "code",
            "challenge": {
                "nonce": asked.nonce.hex(),
                "amount_fen": asked.amount_fen,
                "mac_terminal": told.mac_terminal.hex(),
                "mac_issuer": told.mac_issuer.hex(),
            },
        }

    nonce = os.urandom(8)
    refused(await kiosk.ask("POST", VISITS, body(Challenge(nonce, where + 1, 0))), "wrong_code")
    refused(await kiosk.ask("POST", VISITS, body(Challenge(nonce, where, 5))), "wrong_code")
    opened = await kiosk.ask("POST", VISITS, body(Challenge(nonce, where, 0)))
    assert opened.status_code == 201, opened.text
    assert set(opened.json()["deeds"]) == set(Deed)


async def test_who_shows_a_code_or_is_helped_may_do_more(kiosk: Kiosk) -> None:
    student: Student = await kiosk.office.student()
    opened = await kiosk.open(shown_by(student, kiosk.office.at))
    assert set(opened.json()["deeds"]) == set(Deed)
    assert DEEDS[Shown.CHIP] < DEEDS[Shown.CODE]
    assert NFC.of(ChipKind.CLASSIC, 20260101) is not None
