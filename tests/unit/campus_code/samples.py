"""Keys and moments that the tests of campus_code share."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import campus_code as cc

AT = 1_767_225_600
FOREVER = 4_200_000_000
TERMINAL_MASTER = bytes(range(32))
ISSUER_MASTER = bytes(range(32, 64))
TERMINAL_KEY = cc.EpochKey(7, 0, FOREVER, TERMINAL_MASTER)
ISSUER_KEY = cc.EpochKey(7, 0, FOREVER, ISSUER_MASTER)
RING = cc.Keyring((TERMINAL_KEY,))
ISSUER_RING = cc.Keyring((ISSUER_KEY,))
CARD = "20240013"
SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(64, 96)))
SIGNER_PUBLIC = SIGNER.public_key()


def code(card_number: str = CARD, issue: int = 1, at: int = AT) -> str:
    """A right code."""
    secrets = cc.phone_secrets(TERMINAL_KEY, ISSUER_KEY, card_number, issue)
    return cc.issue_code(secrets, at)


def payment(sequence: int = 1, **changed: Any) -> cc.TerminalRecord:
    """A record of a payment."""
    fields: dict[str, Any] = {
        "sequence": sequence,
        "kind": cc.RecordKind.PAYMENT,
        "credential": code(),
        "step": AT // 15,
        "epoch": 7,
        "card_number": CARD,
        "issue": 1,
        "occurred_at": AT,
        "group_id": "noodles",
        "class_id": 1,
        "asked_fen": 1250,
        "nominal_fen": 1250,
        "discount_fen": 250,
        "fee_fen": 0,
        "charged_fen": 1000,
        "period_id": "lunch",
        "business_on": 20260101,
        "was_online": False,
        "has_pin": False,
        "reverses": 0,
        "sync_age_seconds": 90,
        "rules_version": 1,
        "denylist_version": 4,
        "directory_version": 6,
    }
    return cc.TerminalRecord(**(fields | changed))
