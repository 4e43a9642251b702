"""The signed documents of vectors/documents.json."""

from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import campus_code as cc
from scripts.vector_decisions import sample_rules

Case = dict[str, Any]


def outcome_of(call: Callable[[], object]) -> Case:
    """What a call comes to: "ok", or the word of its refusal or fault with the evidence."""
    try:
        call()
    except cc.RefusedError as error:
        return {"result": error.refusal.value, **error.evidence}
    except cc.DocumentError as error:
        return {"result": error.why.value}
    return {"result": "ok"}


def document_cases(signing_seed: bytes, stranger_seed: bytes, at: int) -> list[Case]:
    """Signed documents, good ones and ones to refuse."""
    key = Ed25519PrivateKey.from_private_bytes(signing_seed)
    stranger = Ed25519PrivateKey.from_private_bytes(stranger_seed)
    active = cc.CardEntry("20240013", 1, cc.CardState.ACTIVE, 1, 5000)
    frozen = cc.CardEntry("57299993", 42, cc.CardState.FROZEN, 2, 0)
    directory = cc.pack_directory([frozen, active])
    denials = [
        cc.Denial("20240013", None, cc.CardState.LOST, 3),
        cc.Denial("57299993", 42, cc.CardState.ACTIVE, 4),
    ]
    kinds = cc.DocumentKind
    good = {
        "directory": cc.sign_document(kinds.CARD_DIRECTORY, 5, at, directory, key),
        "directory delta": cc.sign_document(
            kinds.CARD_DIRECTORY, 6, at, cc.pack_directory([active], 5), key
        ),
        "denylist": cc.sign_document(kinds.DENYLIST, 4, at, cc.pack_denylist(denials, 2), key),
        "rules": cc.sign_document(kinds.RULES, 1, at, cc.to_json(sample_rules()), key),
    }
    raw = good["directory"]
    bad = {
        "another signer": cc.sign_document(kinds.CARD_DIRECTORY, 5, at, directory, stranger),
        "one bit of the payload": raw[:40] + bytes((raw[40] ^ 1,)) + raw[41:],
        "one bit of the version": raw[:12] + bytes((raw[12] ^ 1,)) + raw[13:],
        "cut short": raw[:-1],
        "one byte more": raw + b"\0",
        "nothing": b"",
    }
    public = key.public_key()
    cases: list[Case] = []
    for name, document in (good | bad).items():
        kind = cc.DocumentKind(document[4]) if name in good else kinds.CARD_DIRECTORY
        outcome = outcome_of(lambda d=document, k=kind: cc.open_document(d, k, public))  # type: ignore[misc]
        cases.append(
            {
                "name": name,
                "kind": kind.value,
                "public_key": public.public_bytes_raw().hex(),
                "document": document.hex(),
                "newer_than": None,
                "outcome": outcome,
            }
        )
    stale = outcome_of(lambda: cc.open_document(raw, kinds.CARD_DIRECTORY, public, 5))
    cases.append(cases[0] | {"name": "the version held", "newer_than": 5, "outcome": stale})
    wrong = outcome_of(lambda: cc.open_document(raw, kinds.DENYLIST, public))
    cases.append(cases[0] | {"name": "another kind", "kind": 1, "outcome": wrong})
    return cases + _limits_cases(key, stranger, at)


def _limits_cases(key: Ed25519PrivateKey, stranger: Ed25519PrivateKey, at: int) -> list[Case]:
    public, kind = key.public_key(), cc.DocumentKind.LIMITS
    limits = cc.pack_limits([("20240013", cc.HolderLimits(3000, kinds={"shop": 0}))])
    signed = cc.sign_document(kind, 5, at, limits, key)
    return [
        {
            "name": name,
            "kind": kind.value,
            "public_key": public.public_bytes_raw().hex(),
            "document": document.hex(),
            "newer_than": newer_than,
            "outcome": outcome_of(
                lambda d=document, n=newer_than: cc.open_document(d, kind, public, n)  # type: ignore[misc]
            ),
        }
        for name, document, newer_than in (
            ("limits", signed, None),
            ("limits of another signer", cc.sign_document(kind, 5, at, limits, stranger), None),
            ("limits cut short", signed[:-1], None),
            ("older limits", signed, 5),
        )
    ]
