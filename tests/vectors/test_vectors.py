"""Replay every vector, as an implementation in another language would."""

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

import campus_code as cc
from scripts.vector_decisions import verdict
from scripts.vector_doors import door_verdict, told_doors
from scripts.vector_gossip import gossip_told
from scripts.vector_limits import told

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "campus_code" / "vectors"
FOREVER = 4_200_000_000
Case = dict[str, Any]
NAMES = [
    "codes",
    "damm",
    "secrets",
    "parse",
    "verify",
    "emergency",
    "challenge",
    "apdus",
    "documents",
    "boxes",
    "records",
    "rules",
    "decisions",
    "gossip",
    "trust",
    "limited",
    "courtesy",
    "card_limits",
    "doors",
    "door_lists",
    "door_events",
    "chip_keys",
    "chips",
]


def load(name: str) -> Case:
    loaded: Case = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return loaded


def cases(name: str) -> list[Case]:
    return list(load(name)["cases"])


def master(kind: str) -> bytes:
    return bytes.fromhex(load("codes")[f"{kind}_master"])


def ring(kind: str, case: Case) -> cc.Keyring:
    key = cc.EpochKey(7, case.get("valid_from", 0), case.get("valid_until", FOREVER), master(kind))
    return cc.Keyring((key,))


def phone_of(card_number: str, issue: int) -> cc.PhoneSecrets:
    (terminal_key,), (issuer_key,) = ring("terminal", {}).keys, ring("issuer", {}).keys
    return cc.phone_secrets(terminal_key, issuer_key, card_number, issue)


def outcome(call: Callable[..., object], *arguments: object) -> Case:
    try:
        call(*arguments)
    except cc.RefusedError as error:
        return {"result": error.refusal.value, **error.evidence}
    except cc.DocumentError as error:
        return {"result": error.why.value}
    return {"result": "ok"}


def test_the_files_are_what_the_script_writes() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "make_vectors.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_file_has_cases(name: str) -> None:
    assert cases(name)


@pytest.mark.parametrize("case", cases("codes"), ids=lambda case: case["code"])
def test_codes(case: Case) -> None:
    secrets = phone_of(case["card_number"], case["issue"])
    assert cc.issue_code(secrets, case["at"]) == case["code"]
    verified = cc.verify_code(case["code"], ring("terminal", case), case["at"])
    cc.verify_tac(case["code"], verified.step, ring("issuer", case), case["at"])


@pytest.mark.parametrize("case", cases("damm"), ids=lambda case: case["digits"])
def test_damm(case: Case) -> None:
    assert cc.is_damm(case["digits"]) is case["is_right"]


@pytest.mark.parametrize("case", cases("secrets"))
def test_secrets(case: Case) -> None:
    found = cc.derive_secret(
        bytes.fromhex(case["master"]),
        cc.Role(case["role"]),
        case["epoch_digits"],
        card_number=case["card_number"],
        issue=case["issue"],
    )
    assert found.hex() == case["secret"]


@pytest.mark.parametrize("case", cases("parse"))
def test_parse(case: Case) -> None:
    found = outcome(cc.parse_code, case["text"], case["retired_formats"])
    if found["result"] == "ok":
        found |= cc.parse_code(case["text"], case["retired_formats"])._asdict()
    assert found == case["outcome"]


@pytest.mark.parametrize("case", cases("verify"))
def test_verify(case: Case) -> None:
    asked = (case["text"], ring("terminal", case), case["at"])
    window = cc.Window(case["early_seconds"], case["late_seconds"])
    found, tac = outcome(cc.verify_code, *asked, window), None
    if found["result"] == "ok":
        right = cc.verify_code(*asked, window)
        found |= {"step": right.step, "offset_seconds": right.offset_seconds}
        tac = outcome(cc.verify_tac, case["text"], right.step, ring("issuer", case), case["at"])
    assert (found, tac) == (case["outcome"], case["tac"])


@pytest.mark.parametrize("case", cases("emergency"))
def test_emergency(case: Case) -> None:
    on = dt.date.fromisoformat(case["on"])
    (key,) = ring("terminal", case).keys
    assert cc.emergency_code(key, case["card_number"], case["issue"], on) == case["code"]


@pytest.mark.parametrize("case", cases("challenge"), ids=lambda case: case["name"])
def test_challenge(case: Case) -> None:
    asked = cc.Challenge(bytes.fromhex(case["nonce"]), case["terminal_id"], case["amount_fen"])
    assert cc.challenge_command(asked).hex() == case["command"]
    raw, at = bytes.fromhex(case["answer"]), case["at"]

    def terminal() -> None:
        cc.verify_challenge(cc.read_answer(raw), asked, ring("terminal", {}), at)

    def issuer() -> None:
        cc.verify_issuer_mac(cc.read_answer(raw), asked, ring("issuer", {}), at)

    assert outcome(terminal) == case["terminal"]
    assert outcome(issuer) == case["issuer"]
    if case["name"] == "right":
        phone = phone_of(case["card_number"], case["issue"])
        code = cc.issue_code(phone, at)
        assert cc.answer_challenge(phone, code, asked.to_bytes()).to_bytes() == raw


@pytest.mark.parametrize("case", cases("apdus"), ids=lambda case: case["name"])
def test_apdus(case: Case) -> None:
    held = None if case["secrets"] == "none" else phone_of("20240013", 1)
    phone = cc.PhoneCard(held)
    for command, expected in case["said"]:
        if command:
            assert phone.answer(bytes.fromhex(command), case["at"]).hex() == expected
        else:
            phone.leave()


@pytest.mark.parametrize("case", cases("documents"), ids=lambda case: case["name"])
def test_documents(case: Case) -> None:
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(case["public_key"]))
    raw, kind = bytes.fromhex(case["document"]), cc.DocumentKind(case["kind"])
    assert outcome(cc.open_document, raw, kind, public, case["newer_than"]) == case["outcome"]


@pytest.mark.parametrize("case", cases("boxes"))
def test_boxes(case: Case) -> None:
    private = X25519PrivateKey.from_private_bytes(bytes.fromhex(case["private_key"]))
    ephemeral = X25519PrivateKey.from_private_bytes(bytes.fromhex(case["ephemeral_private_key"]))
    plaintext, sealed = bytes.fromhex(case["plaintext"]), bytes.fromhex(case["sealed"])
    context = case["context"].encode()
    assert cc.seal_to(private.public_key(), plaintext, context, ephemeral) == sealed
    assert cc.open_sealed(private, sealed, context) == plaintext
    assert cc.keyring_from_bytes(plaintext) == ring("terminal", {})


@pytest.mark.parametrize("case", cases("gossip"))
def test_gossip(case: Case) -> None:
    raw = bytes.fromhex(case["datagram"])
    assert gossip_told(raw, ring("terminal", {}), case["at"]) == case["outcome"]


@pytest.mark.parametrize("case", cases("records"))
def test_records(case: Case) -> None:
    raw = case["bytes"].encode()
    assert cc.record_from_bytes(raw).to_bytes() == raw
    assert cc.chain_hash(bytes.fromhex(case["hash_before"]), raw).hex() == case["hash"]


@pytest.mark.parametrize("case", cases("rules"))
def test_rules(case: Case) -> None:
    raw = case["json"].encode()
    if case["error"] is None:
        assert cc.to_json(cc.rules_from_json(raw)) == raw
        return
    with pytest.raises(cc.ShapeError) as caught:
        cc.rules_from_json(raw)
    assert str(caught.value) == case["error"]


@pytest.mark.parametrize("case", cases("decisions"), ids=lambda case: case["name"])
def test_decisions(case: Case) -> None:
    rules = cc.rules_from_json(load("decisions")["rules"].encode())
    assert verdict(case["tap"], case["tally"], case, rules) == case["verdict"]


@pytest.mark.parametrize("case", cases("trust"), ids=lambda case: case["name"])
def test_trust(case: Case) -> None:
    rules = cc.rules_from_json(load("trust")["rules"].encode())
    assert verdict(case["tap"], case["tally"], case, rules) == case["verdict"]


@pytest.mark.parametrize("case", cases("limited"), ids=lambda case: case["name"])
def test_limited(case: Case) -> None:
    rules = cc.rules_from_json(load("limited")["rules"].encode())
    assert verdict(case["tap"], case["tally"], case, rules) == case["verdict"]


@pytest.mark.parametrize("case", cases("courtesy"), ids=lambda case: case["name"])
def test_courtesy(case: Case) -> None:
    rules = cc.rules_from_json(load("courtesy")["rules"].encode())
    assert verdict(case["tap"], case["tally"], case, rules) == case["verdict"]


@pytest.mark.parametrize("case", cases("card_limits"), ids=lambda case: case["name"])
def test_card_limits(case: Case) -> None:
    payload = bytes.fromhex(case["payload"])
    assert outcome(cc.CardLimits(4).apply, payload, 5)["result"] == case["result"]
    if case["held"] is not None:
        held = cc.CardLimits(4).apply(payload, 5)
        told_held = [{"card_number": one, "limits": told(limits)} for one, limits in held]
        assert told_held == case["held"]


@pytest.mark.parametrize("case", cases("doors"), ids=lambda case: case["name"])
def test_doors(case: Case) -> None:
    rules = cc.door_rules_from_json(load("doors")["rules"].encode())
    assert door_verdict(case["tap"], case["known"], rules) == case["verdict"]


@pytest.mark.parametrize("case", cases("door_lists"), ids=lambda case: case["name"])
def test_door_lists(case: Case) -> None:
    payload = bytes.fromhex(case["payload"])
    assert outcome(cc.DoorList(4).apply, payload, 5)["result"] == case["result"]
    if case["held"] is not None:
        assert told_doors(cc.DoorList(4).apply(payload, 5)) == case["held"]


@pytest.mark.parametrize("case", cases("door_events"), ids=lambda case: case["name"])
def test_door_events(case: Case) -> None:
    raw = case["bytes"].encode()
    if not case["is_right"]:
        with pytest.raises(cc.ShapeError):
            cc.door_event_from_bytes(raw)
        return
    assert cc.door_event_from_bytes(raw).to_bytes() == raw
    assert cc.chain_hash(bytes.fromhex(case["hash_before"]), raw).hex() == case["hash"]


@pytest.mark.parametrize("case", cases("chip_keys"), ids=lambda case: case["chip"])
def test_chip_keys(case: Case) -> None:
    chip = cc.chip_from_text(case["chip"])
    key = cc.ChipKey(chip.kind, bytes.fromhex(case["master"]))
    assert cc.chip_key(key, chip).hex() == case["key"]


@pytest.mark.parametrize("case", cases("chips"), ids=lambda case: case["name"])
def test_chips(case: Case) -> None:
    one = cc.chip_from_text("desfire:04782e21801d80")
    held = cc.ChipList(3).apply(cc.pack_chips([(one, "20240013")]), 4)
    payload = bytes.fromhex(case["payload"])
    assert outcome(held.apply, payload, 5)["result"] == case["result"]
    if case["held"] is not None:
        told_held = [[str(chip), number] for chip, number in held.apply(payload, 5)]
        assert told_held == case["held"]
