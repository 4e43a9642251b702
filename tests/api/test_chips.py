"""Physical cards over HTTP: the counter binds, terminals hear, an older terminal hears nothing."""

from __future__ import annotations

import base64
import dataclasses
import os

from backend.domain.access import Role
from backend.usecases.chips.open_chip_kinds import open_chip_kinds
from campus_code import (
    Challenge,
    Chip,
    ChipKind,
    ChipRules,
    DocumentKind,
    NfcRules,
    answer_challenge,
    issue_code,
)
from tests.rig.office import Office
from tests.rig.tills import terminal

DESFIRE = Chip(ChipKind.DESFIRE, bytes.fromhex("04782e21801d80"))


async def test_the_counter_binds_a_chip_and_terminals_hear_of_it(office: Office) -> None:
    student, clerk = await office.student(), await office.staff(Role.CARD_OFFICE)
    device = await terminal(office)
    await device.sync(office.http, office.at)
    path = f"/staff/cards/{student.card_id}/chips"
    answer = await office.http.post(path, json={"chip": str(DESFIRE)}, headers=clerk)
    assert answer.status_code == 201, answer.text
    assert answer.json() == {"chip": str(DESFIRE), "bound_at": office.at, "ended_at": 0}
    body = await device.sync(office.http, office.at)
    assert [one["kind"] for one in body["documents"]] == [DocumentKind.CHIPS]
    assert device.chips.find(DESFIRE) == student.card_number

    office.clock.now += 60
    answer = await office.http.delete(path, headers=clerk)
    assert [one["ended_at"] for one in answer.json()["chips"]] == [office.at]
    await device.sync(office.http, office.at)
    assert device.chips.find(DESFIRE) is None
    wrong = await office.http.post(path, json={"chip": "prox:00"}, headers=clerk)
    assert wrong.status_code == 400


async def make_keys(office: Office) -> None:
    """Have a shared key for DESFire chips."""
    rules = dataclasses.replace(
        office.parts.rules.bundle, nfc=NfcRules((ChipRules(ChipKind.DESFIRE, 5000, 5000),))
    )
    parts = office.parts
    await open_chip_kinds(
        rules, vault=parts.vault, randomness=os.urandom, clock=parts.clock, bus=parts.bus
    )


async def test_shared_keys_go_only_to_terminals_that_know_chips(office: Office) -> None:
    await make_keys(office)
    new, old = await terminal(office), await terminal(office, name="older")
    await new.sync(office.http, office.at)
    assert new.chip_keys.kinds == {ChipKind.DESFIRE}
    report = old.report(office.at)
    del report["versions"]["chips"]
    answer = await old.post(office.http, "/terminal/sync", report)
    for document in answer.json()["documents"]:
        old.take(document["kind"], base64.b64decode(document["b64"]))
    assert old.keyring is not None
    assert old.chip_keys.kinds == set()


async def test_a_terminal_with_a_psam_is_sent_no_shared_keys(office: Office) -> None:
    await make_keys(office)
    device = await terminal(office)
    report = {**device.report(office.at), "has_psam": True}
    answer = await device.post(office.http, "/terminal/sync", report)
    for document in answer.json()["documents"]:
        device.take(document["kind"], base64.b64decode(document["b64"]))
    assert device.keyring is not None
    assert device.chip_keys.kinds == set()


async def test_a_chip_is_asked_for_online(office: Office) -> None:
    student, clerk = await office.student(), await office.staff(Role.CARD_OFFICE)
    device = await terminal(office)
    path = f"/staff/cards/{student.card_id}/chips"
    await office.http.post(path, json={"chip": str(DESFIRE)}, headers=clerk)
    tap = {
        "sequence": 1,
        "credential": str(DESFIRE),
        "credential_kind": "card",
        "asked_fen": 500,
    }
    retired = (await device.post(office.http, "/terminal/payments", tap)).json()
    assert (retired["outcome"], retired["reason"]) == ("declined", "chip_not_taken")
    for credential, reason in (("desfire:00", "unreadable"), ("cpu:" + "00" * 8, "unknown_card")):
        answer = await device.post(
            office.http, "/terminal/payments", {**tap, "credential": credential}
        )
        assert answer.json()["reason"] == reason


async def test_the_server_checks_what_a_phone_answered_to_this_terminal(office: Office) -> None:
    student, device = await office.student(), await terminal(office)
    secrets = student.secrets[0]
    code = issue_code(secrets, office.at)
    asked = Challenge(bytes(range(8)), device.terminal_id, 500)
    answer = answer_challenge(secrets, code, asked.to_bytes())
    right = {
        "nonce": asked.nonce.hex(),
        "amount_fen": asked.amount_fen,
        "mac_terminal": answer.mac_terminal.hex(),
        "mac_issuer": answer.mac_issuer.hex(),
    }
    tap = {"credential": code, "credential_kind": "code", "asked_fen": 500, "sequence": 1}

    async def reason(**changed: object) -> tuple[str, object]:
        body = {**tap, "challenge": right | changed}
        told = (await device.post(office.http, "/terminal/payments", body)).json()
        return told["reason"], told["evidence"].get("which")

    assert await reason(amount_fen=501) == ("wrong_code", "challenge")
    assert await reason(nonce="00" * 8) == ("wrong_code", "challenge")
    assert await reason(mac_terminal="00" * 8) == ("wrong_code", "challenge")
    assert await reason(mac_issuer="00" * 8) == ("wrong_code", "issuer_challenge")
    # answered for 5.00 yuan, and sent with a tap of 9.00
    told = await device.post(
        office.http, "/terminal/payments", {**tap, "asked_fen": 900, "challenge": right}
    )
    assert told.json()["evidence"] == {"which": "challenge"}
    assert (await reason())[0] == "insufficient_funds"  # a right answer: now it is about money
    other = await terminal(office, name="other")
    told = (await other.post(office.http, "/terminal/payments", {**tap, "challenge": right})).json()
    assert told["reason"] == "wrong_code"
