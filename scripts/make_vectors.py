"""
Write campus_code/vectors/*.json, the contract for every other implementation.

    python3 scripts/make_vectors.py            writes the files
    python3 scripts/make_vectors.py --check    exit status 1 if a file is not what would be written
"""

import argparse
import dataclasses
import datetime as dt
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

import campus_code as cc
from scripts.vector_challenges import apdu_cases, challenge_cases
from scripts.vector_chips import chip_key_cases, chip_list_cases
from scripts.vector_courtesy import COURTESY_FAULTS, courtesy_cases, courtesy_rules
from scripts.vector_decisions import decision_cases, sample_rules
from scripts.vector_documents import document_cases, outcome_of
from scripts.vector_doors import door_cases, door_event_cases, door_list_cases, door_rules
from scripts.vector_gossip import gossip_cases
from scripts.vector_limits import card_limits_cases, kinds_rules, limited_cases
from scripts.vector_trust import trust_cases, trust_rules

FOLDER = ROOT / "campus_code" / "vectors"
TERMINAL_MASTER = bytes(range(32))
ISSUER_MASTER = bytes(range(32, 64))
SIGNING_SEED = bytes(range(64, 96))
STRANGER_SEED = bytes(range(96, 128))
SEALING_SEED = bytes(range(128, 160))
EPHEMERAL_SEED = bytes(range(160, 192))
FOREVER = 4_200_000_000
AT = 1_767_225_600
Case = dict[str, Any]


def _key(master: bytes, valid_from: int = 0, valid_until: int = FOREVER) -> cc.EpochKey:
    return cc.EpochKey(7, valid_from, valid_until, master)


def _code(card_number: str = "20240013", issue: int = 1, at: int = AT) -> str:
    secrets = cc.phone_secrets(_key(TERMINAL_MASTER), _key(ISSUER_MASTER), card_number, issue)
    return cc.issue_code(secrets, at)


def codes() -> list[Case]:
    """Codes of cards at times."""
    asked = [
        ("20240013", 1, AT),
        ("20240013", 1, AT + 14),
        ("20240013", 1, AT + 15),
        ("00000000", 0, 59),
        ("57299993", 42, 4_102_444_800),
        ("99999992", 99, 0),
    ]
    return [
        {"card_number": c, "issue": i, "at": at, "epoch": 7, "code": _code(c, i, at)}
        for c, i, at in asked
    ]


def damm() -> list[Case]:
    """Check digits, right and wrong."""
    right = ["572", "0000000", "2024001", "5729999", "9999999", "1234567"]
    cases: list[Case] = [{"digits": d + cc.damm_digit(d), "is_right": True} for d in right]
    wrong = ["5725", "20240031", "02240013", "00000001", "20240014"]
    return cases + [{"digits": digits, "is_right": False} for digits in wrong]


def secrets() -> list[Case]:
    """Derived secrets of every role."""
    return [
        {
            "master": TERMINAL_MASTER.hex(),
            "role": role.value,
            "epoch_digits": epoch,
            "card_number": "20240013",
            "issue": issue,
            "secret": cc.derive_secret(TERMINAL_MASTER, role, epoch, "20240013", issue).hex(),
        }
        for role in cc.Role
        for epoch, issue in ((7, 1), (0, 99))
    ]


def parse() -> list[Case]:
    """Texts that are codes and texts that are not."""
    good = _code()
    texts = [
        good,
        good[:-1],
        good + "0",
        "",
        good[:33] + "\n",
        " " + good[1:],
        good[:33] + "\u0663",  # Arabic-Indic 3: a digit to Unicode, not to us
        good[:33] + "\uff13",  # full-width 3
        good[:33] + "x",
        good[:3] + "20240014" + good[11:],
        "130000000000000001",
        "159999999999999999",
        "160000000000000001",
        "2800000000000000",
        "280000000000000000000000",
        "2800000000000000000000000",
        "6200000000000000000",
        "620000000000000000000000",
        "8" + good[1:],
        "7" + good[1:],
    ]
    cases: list[Case] = []
    for text in texts:
        outcome = outcome_of(lambda text=text: cc.parse_code(text))  # type: ignore[misc]
        if outcome["result"] == "ok":
            outcome |= cc.parse_code(text)._asdict()
        cases.append({"text": text, "retired_formats": [], "outcome": outcome})
    retired = outcome_of(lambda: cc.parse_code("8" + good[1:], (8,)))
    cases.append({"text": "8" + good[1:], "retired_formats": [8], "outcome": retired})
    return cases


def verify() -> list[Case]:
    """A code against keys, a window and a clock."""
    good = _code()
    begins = AT
    tried: list[tuple[str, int, tuple[int, int], tuple[int, int]]] = [
        (good, begins + away, (15, 30), (0, FOREVER))
        for away in (0, 14, 15, 45, 46, -1, -15, -16, 3600, -3600, 7485, 7500, -7500)
    ]
    tried += [
        (good, begins + 15, (0, 0), (0, FOREVER)),
        (good, begins + 16, (0, 0), (0, FOREVER)),
        (good, begins - 1, (0, 0), (0, FOREVER)),
        (good, begins + 75, (60, 60), (0, FOREVER)),
        (good, begins, (15, 30), (begins, begins + 1)),
        (good, begins, (15, 30), (begins + 1, FOREVER)),
        (good, begins, (15, 30), (0, begins)),
        ("908" + good[3:], begins, (15, 30), (0, FOREVER)),
        (good[:11] + "02" + good[13:], begins, (15, 30), (0, FOREVER)),
        (good[:24] + "0" + good[25:], begins, (15, 30), (0, FOREVER)),
        (good[:33] + "0", begins, (15, 30), (0, FOREVER)),
    ]
    cases = []
    for text, at, (early, late), (valid_from, valid_until) in tried:
        ring = cc.Keyring((_key(TERMINAL_MASTER, valid_from, valid_until),))
        issuer_ring = cc.Keyring((_key(ISSUER_MASTER, valid_from, valid_until),))
        window = cc.Window(early, late)
        outcome = outcome_of(lambda: cc.verify_code(text, ring, at, window))  # noqa: B023
        tac: Case | None = None
        if outcome["result"] == "ok":
            right = cc.verify_code(text, ring, at, window)
            outcome |= {"step": right.step, "offset_seconds": right.offset_seconds}
            tac = outcome_of(
                lambda: cc.verify_tac(text, right.step, issuer_ring, at)  # noqa: B023
            )
        cases.append(
            {
                "text": text,
                "at": at,
                "early_seconds": early,
                "late_seconds": late,
                "valid_from": valid_from,
                "valid_until": valid_until,
                "outcome": outcome,
                "tac": tac,
            }
        )
    return cases


def emergency() -> list[Case]:
    """Emergency codes by date."""
    cases: list[Case] = []
    for card, issue, on in (
        ("20240013", 1, dt.date(2026, 1, 1)),
        ("20240013", 1, dt.date(2026, 1, 2)),
        ("20240013", 2, dt.date(2026, 1, 1)),
        ("57299993", 42, dt.date(2099, 12, 31)),
    ):
        code = cc.emergency_code(_key(TERMINAL_MASTER), card, issue, on)
        cases.append({"card_number": card, "issue": issue, "on": on.isoformat(), "code": code})
    return cases


def challenge() -> list[Case]:
    """NFC challenges, and what verifying each answer gives at the terminal and at the issuer."""
    return challenge_cases(_key(TERMINAL_MASTER), _key(ISSUER_MASTER), AT)


def apdus() -> list[Case]:
    """A reader's commands, a phone's answers; "" leaves the field. Secrets: valid, none, over."""
    return apdu_cases(_key(TERMINAL_MASTER), _key(ISSUER_MASTER), AT)


def documents() -> list[Case]:
    """Signed documents, good ones and ones to refuse."""
    return document_cases(SIGNING_SEED, STRANGER_SEED, AT)


def boxes() -> list[Case]:
    """A sealed box with a known ephemeral key."""
    private = X25519PrivateKey.from_private_bytes(SEALING_SEED)
    ephemeral = X25519PrivateKey.from_private_bytes(EPHEMERAL_SEED)
    plaintext = cc.keyring_to_bytes(cc.Keyring((_key(TERMINAL_MASTER),)))
    sealed = cc.seal_to(private.public_key(), plaintext, b"keyring", ephemeral)
    return [
        {
            "private_key": SEALING_SEED.hex(),
            "ephemeral_private_key": EPHEMERAL_SEED.hex(),
            "context": "keyring",
            "plaintext": plaintext.hex(),
            "sealed": sealed.hex(),
        }
    ]


def records() -> list[Case]:
    """Records, their bytes, and the chain through them."""
    paid = cc.TerminalRecord(
        sequence=1,
        kind=cc.RecordKind.PAYMENT,
        credential=_code(),
        step=AT // 15,
        epoch=7,
        card_number="20240013",
        issue=1,
        occurred_at=AT,
        group_id="noodles",
        class_id=1,
        asked_fen=1250,
        nominal_fen=1250,
        discount_fen=250,
        fee_fen=0,
        charged_fen=1000,
        period_id="lunch",
        business_on=20260101,
        was_online=False,
        has_pin=False,
        reverses=0,
        sync_age_seconds=90,
        rules_version=1,
        denylist_version=4,
        directory_version=6,
    )
    undone = dataclasses.replace(
        paid, sequence=2, kind=cc.RecordKind.REVERSAL, credential="", step=0, epoch=0, reverses=1
    )
    cases: list[Case] = []
    before = cc.FIRST_HASH
    for record in (paid, undone):
        raw = record.to_bytes()
        after = cc.chain_hash(before, raw)
        cases.append({"bytes": raw.decode(), "hash_before": before.hex(), "hash": after.hex()})
        before = after
    return cases


def rules() -> list[Case]:
    """Bundles, canonical and refused; a refused one names the path."""
    good = cc.to_json(sample_rules()).decode()
    changed: list[tuple[str, object]] = [
        ("version", True),
        ("version", 0),
        ("version", 1.0),
        ("school", ""),
        ("periods", {}),
        ("offline", None),
        ("unknown", 1),
        ("display_seconds", "3"),
    ]
    cases: list[Case] = [{"json": good, "error": None}]
    for name, value in changed:
        text = json.dumps(json.loads(good) | {name: value}, ensure_ascii=False)
        cases.append({"json": text, "error": _rules_error(text)})
    twice = '{"version":1,' + good[1:]
    cases.append({"json": twice, "error": _rules_error(twice)})
    kinds = cc.to_json(kinds_rules()).decode()
    cases.append({"json": kinds, "error": None})
    numbered = kinds.replace('"kind":"shop"', '"kind":1')
    cases.append({"json": numbered, "error": _rules_error(numbered)})
    given = cc.to_json(courtesy_rules()).decode()
    return cases + _menu_cases() + _bundle_cases(given, COURTESY_FAULTS)


def _menu_cases() -> list[Case]:
    groups = dict(sample_rules().groups)
    name, group = next((name, one) for name, one in groups.items() if one.price_mode == "free")
    menu = (cc.MenuItem("1", "米饭", "Rice", 50), cc.MenuItem("01", "红烧肉", "Braised pork", 950))
    groups[name] = dataclasses.replace(group, menu=menu)
    good = cc.to_json(dataclasses.replace(sample_rules(), groups=groups)).decode()
    changes = (('"code":"01"', '"code":"1"'), ('"code":"01"', '"code":"1a"'), (":950", ":0"))
    return _bundle_cases(good, changes)


def _bundle_cases(good: str, changes: Iterable[tuple[str, str]]) -> list[Case]:
    bad = [good.replace(*change) for change in changes]
    return [
        {"json": good, "error": None},
        *({"json": text, "error": _rules_error(text)} for text in bad),
    ]


def _rules_error(text: str) -> str:
    try:
        cc.rules_from_json(text.encode())
    except cc.ShapeError as error:
        return str(error)
    raise AssertionError(f"was taken: {text[:80]}")


def gossip() -> list[Case]:
    """Datagrams between terminals, and what they say."""
    return gossip_cases(_key(TERMINAL_MASTER))


def door_events() -> list[Case]:
    """Door events in their bytes, good and refused, and the chain through the good ones."""
    return door_event_cases(_code(), AT)


FILES: dict[str, Callable[[], list[Case]]] = {
    "codes": codes,
    "damm": damm,
    "secrets": secrets,
    "parse": parse,
    "verify": verify,
    "emergency": emergency,
    "challenge": challenge,
    "apdus": apdus,
    "documents": documents,
    "boxes": boxes,
    "records": records,
    "rules": rules,
    "decisions": decision_cases,
    "gossip": gossip,
    "trust": trust_cases,
    "limited": limited_cases,
    "courtesy": courtesy_cases,
    "card_limits": card_limits_cases,
    "doors": door_cases,
    "door_lists": door_list_cases,
    "door_events": door_events,
    "chip_keys": chip_key_cases,
    "chips": chip_list_cases,
}
RULES: dict[str, Callable[[], cc.RulesBundle]] = {
    "decisions": sample_rules,
    "limited": kinds_rules,
    "courtesy": courtesy_rules,
    "trust": trust_rules,
}
"""The files whose taps are decided by rules, which they hold too."""


def contents(name: str) -> str:
    """What the file of this name holds."""
    head = {
        "about": (FILES[name].__doc__ or "").strip(),
        "terminal_master": TERMINAL_MASTER.hex(),
        "issuer_master": ISSUER_MASTER.hex(),
    }
    if name in RULES:
        head["rules"] = cc.to_json(RULES[name]()).decode()
    if name == "doors":
        head["rules"] = cc.door_rules_to_json(door_rules()).decode()
    return json.dumps(head | {"cases": FILES[name]()}, ensure_ascii=False, indent=1) + "\n"


def main() -> int:
    """Write or check every file."""
    parser = argparse.ArgumentParser(description="Write campus_code/vectors/*.json.")
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    is_check = parser.parse_args().check
    FOLDER.mkdir(exist_ok=True)
    stale = 0
    for name in FILES:
        path = FOLDER / f"{name}.json"
        text = contents(name)
        if not path.exists() or path.read_text("utf-8") != text:
            stale += 1
            print(f"{path.name}: {'is not what would be written' if is_check else 'written'}")
            if not is_check:
                path.write_text(text, "utf-8")
    return 1 if is_check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
