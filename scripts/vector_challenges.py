"""The cases of challenge.json and apdus.json: a phone in a reader's field."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import campus_code as cc

NONCE = bytes(range(192, 200))
CARD = "20240013"
Case = dict[str, Any]


@dataclass(frozen=True)
class Tap:
    """One case: what was asked of which phone, and the bytes that came back."""

    name: str
    asked: cc.Challenge
    raw: bytes
    at: int
    card_number: str = CARD
    issue: int = 1


def challenge_cases(terminal_key: cc.EpochKey, issuer_key: cc.EpochKey, at: int) -> list[Case]:
    """Answers, right and altered, and what the terminal and the issuer say of each."""
    asked = cc.Challenge(NONCE, 42, 1250)
    largest = cc.Challenge(b"\xff" * 8, 2**32 - 1, 10_000_000)
    smallest = cc.Challenge(bytes(8), 0, 0)

    def answered(card: str, issue: int, moment: int, one: cc.Challenge) -> Tap:
        secrets = cc.phone_secrets(terminal_key, issuer_key, card, issue)
        answer = cc.answer_challenge(secrets, cc.issue_code(secrets, moment), one.to_bytes())
        return Tap("right", one, answer.to_bytes(), moment, card, issue)

    right = answered(CARD, 1, at, asked)
    taps = [
        right,
        answered(CARD, 1, at + 15, asked),
        answered("57299993", 42, 4_102_444_800, largest),
        answered("00000000", 0, 59, smallest),
        replace(right, name="another nonce", asked=replace(asked, nonce=bytes(8))),
        replace(right, name="another terminal", asked=replace(asked, terminal_id=43)),
        replace(right, name="another amount", asked=replace(asked, amount_fen=1251)),
        replace(right, name="a digit of the step", raw=_altered(right.raw, 15)),
        replace(right, name="a digit of the tac", raw=_altered(right.raw, 33)),
        replace(right, name="the terminal's MAC", raw=_altered(right.raw, 41)),
        replace(right, name="the issuer's MAC", raw=_altered(right.raw, 42)),
        replace(right, name="too late", at=at + 46),
        replace(right, name="a byte short", raw=right.raw[:-1]),
        replace(right, name="a byte long", raw=right.raw + b"\0"),
        replace(right, name="no digits", raw=b"\xff" * 50),
    ]
    rings = cc.Keyring((terminal_key,)), cc.Keyring((issuer_key,))
    return [_challenge_case(tap, *rings) for tap in taps]


def _challenge_case(tap: Tap, terminal_ring: cc.Keyring, issuer_ring: cc.Keyring) -> Case:
    asked, at = tap.asked, tap.at
    return {
        "name": tap.name,
        "card_number": tap.card_number,
        "issue": tap.issue,
        "at": at,
        "nonce": asked.nonce.hex(),
        "terminal_id": asked.terminal_id,
        "amount_fen": asked.amount_fen,
        "command": cc.challenge_command(asked).hex(),
        "answer": tap.raw.hex(),
        "terminal": _outcome(
            lambda: cc.verify_challenge(cc.read_answer(tap.raw), asked, terminal_ring, at)
        ),
        "issuer": _outcome(
            lambda: cc.verify_issuer_mac(cc.read_answer(tap.raw), asked, issuer_ring, at)
        ),
    }


def _outcome(call: Callable[[], object]) -> Case:
    try:
        call()
    except cc.RefusedError as error:
        return {"result": error.refusal.value, **error.evidence}
    return {"result": "ok"}


def _altered(raw: bytes, place: int) -> bytes:
    return raw[:place] + bytes((raw[place] ^ 1,)) + raw[place + 1 :]


def apdu_cases(terminal_key: cc.EpochKey, issuer_key: cc.EpochKey, at: int) -> list[Case]:
    """Whole conversations, one command after the other."""
    valid = cc.phone_secrets(terminal_key, issuer_key, CARD, 1)
    held = {
        "valid": (valid, at),
        "over": (valid, valid.valid_until),
        "none": (None, at),
    }
    select, get = cc.select_command(), cc.get_code_command()
    ask = cc.challenge_command(cc.Challenge(NONCE, 42, 1250))
    talks: list[tuple[str, str, list[bytes]]] = [
        ("code", "valid", [select, get]),
        ("challenge", "valid", [select, ask]),
        ("without the byte Le", "valid", [select[:-1], get[:-1], ask[:-1]]),
        ("both, twice", "valid", [select, get, ask, get, ask]),
        ("not selected", "valid", [get, ask]),
        ("left the field", "valid", [select, b"", get]),
        ("another name", "valid", [_altered(select, 11), get]),
        ("another name after ours", "valid", [select, _altered(select, 11), get]),
        ("a part of the name", "valid", [bytes.fromhex("00a4040005f04341524400"), get]),
        ("a longer name", "valid", [bytes.fromhex("00a4040008f04341524400010100"), get]),
        ("no secrets", "none", [select, get, ask]),
        ("secrets that are over", "over", [select, get, ask]),
        ("select without a name", "valid", [select[:4], select[:5], get]),
        ("wrong lengths", "valid", [b"\x00", select[:3], select[:-3], select + b"\0"]),
        ("code, wrong length", "valid", [select, get + b"\0", get]),
        ("challenge, wrong length", "valid", [select, ask[:4], ask[:5], ask[:-2], ask + b"\0"]),
        ("challenge of 15 bytes", "valid", [select, ask[:4] + b"\x0f" + ask[5:-2], ask]),
        ("challenge of 17 bytes", "valid", [select, ask[:4] + b"\x11" + ask[5:] + b"\0", ask]),
        ("select by another way", "valid", [b"\x00\xa4\x04\x0c" + select[4:], get]),
        ("parameters", "valid", [select, b"\x80\xca\x00\x01\x00", b"\x80\xcc\x01" + ask[3:]]),
        ("instructions", "valid", [select, b"\x80\xa4" + select[2:], b"\x00\xca" + get[2:]]),
        ("read binary", "valid", [select, bytes.fromhex("00b0000000")]),
        ("classes", "valid", [select, b"\x90" + get[1:], b"\xff" + get[1:], b"\x01" + select[1:]]),
    ]
    return [
        _talk(said, held[which][0], name=name, held=which, at=held[which][1])
        for name, which, said in talks
    ]


def _talk(
    said: list[bytes], secrets: cc.PhoneSecrets | None, name: str, held: str, at: int
) -> Case:
    phone = cc.PhoneCard(secrets)
    lines: list[list[str]] = []
    for command in said:
        if command:
            lines.append([command.hex(), phone.answer(command, at).hex()])
        else:
            phone.leave()
            lines.append(["", ""])
    return {"name": name, "secrets": held, "at": at, "said": lines}
