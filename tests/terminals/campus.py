"""A small campus for terminal tests: keys, rules, cards, and phones that issue true codes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from campus_code import (
    CardEntry,
    CardState,
    ClassRules,
    Denial,
    DocumentKind,
    DoorCard,
    DoorRules,
    EmergencyRules,
    EpochKey,
    GroupRules,
    HolderLimits,
    Keyring,
    MealPeriod,
    MenuItem,
    OfflineTier,
    RulesBundle,
    card_number,
    emergency_code,
    issue_code,
    keyring_to_bytes,
    pack_denylist,
    pack_directory,
    pack_doors,
    pack_limits,
    phone_secrets,
    seal_to,
    sign_document,
    to_json,
)
from campus_code.days import local_date

NOON = 1_767_240_000  # 2026-01-01 12:00 in Shanghai
FIXED_FEN = 1250
EPOCH_SECONDS = 30 * 86_400
FREE = "free"
FIXED = "fixed"
CARDS = 40
OFFLINE_FEN = 10_000


def card(number: int) -> str:
    """The number of the campus's n-th card."""
    return card_number(1_000_000 + number)


def free_rules(campus: Campus, menu: tuple[MenuItem, ...]) -> RulesBundle:
    """The campus's rules with this menu where the cashier says the amount."""
    rules = campus.rules(2)
    groups = {**rules.groups, FREE: replace(rules.groups[FREE], menu=menu)}
    return replace(rules, groups=groups)


@dataclass(slots=True)
class Campus:
    """Keys and rules around one Unix second `at`; documents are signed with `server_key`."""

    at: int = NOON
    display_seconds: int = 3
    tiers: tuple[OfflineTier, ...] = (OfflineTier(3600, 5000, 5), OfflineTier(86_400, 2000, 1))
    deadline_milliseconds: int = 400
    server_key: Ed25519PrivateKey = field(
        default_factory=lambda: Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    )

    @property
    def terminal_key(self) -> EpochKey:
        return self._key(b"terminal")

    @property
    def issuer_key(self) -> EpochKey:
        return self._key(b"issuer")

    def _key(self, role: bytes) -> EpochKey:
        return EpochKey(
            7, self.at - EPOCH_SECONDS, self.at + EPOCH_SECONDS, hashlib.sha256(role).digest()
        )

    @property
    def keyring(self) -> Keyring:
        return Keyring((self.terminal_key,))

    def code(self, number: int, at: int | None = None, issue: int = 1) -> str:
        """What the phone of the n-th card shows."""
        secrets = phone_secrets(self.terminal_key, self.issuer_key, card(number), issue)
        return issue_code(secrets, self.at if at is None else at)

    def emergency(self, number: int, at: int | None = None, issue: int = 1) -> str:
        """The 16 digits of the n-th card's emergency code."""
        on = local_date(self.at if at is None else at, self.rules().utc_offset_seconds)
        return card(number) + emergency_code(self.terminal_key, card(number), issue, on)

    def rules(self, version: int = 1) -> RulesBundle:
        return RulesBundle(
            version=version,
            school="示范大学",
            utc_offset_seconds=8 * 3600,
            day_starts_minute=0,
            periods=(MealPeriod("day", "全天", "all day", 0, 1440),),
            classes={
                1: ClassRules(
                    1,
                    "学生",
                    "student",
                    fixed_prices={"day": FIXED_FEN},
                    offline_limit_fen=OFFLINE_FEN,
                )
            },
            groups={
                FREE: GroupRules(FREE, "自由", "free", price_mode="free", kind="canteen"),
                FIXED: GroupRules(FIXED, "定值", "fixed", price_mode="fixed", kind="shop"),
            },
            offline=self.tiers,
            emergency=EmergencyRules(payment_fen_max=2000),
            online_deadline_milliseconds=self.deadline_milliseconds,
            display_seconds=self.display_seconds,
        )

    def rules_document(self, version: int = 1) -> bytes:
        return self.sign(DocumentKind.RULES, version, to_json(self.rules(version)))

    def directory_document(self, version: int = 1, state: CardState = CardState.ACTIVE) -> bytes:
        entries = [CardEntry(card(n), 1, state, 1, OFFLINE_FEN) for n in range(CARDS)]
        return self.sign(DocumentKind.CARD_DIRECTORY, version, pack_directory(entries))

    def denylist_document(
        self, version: int, numbers: list[int], base: int = 0, state: CardState = CardState.FROZEN
    ) -> bytes:
        denials = [Denial(card(n), None, state, version) for n in numbers]
        return self.sign(DocumentKind.DENYLIST, version, pack_denylist(denials, base))

    def limits_document(
        self, version: int, limits: dict[int, HolderLimits | None], base: int = 0
    ) -> bytes:
        entries = [(card(n), one) for n, one in limits.items()]
        return self.sign(DocumentKind.LIMITS, version, pack_limits(entries, base))

    def doors_document(
        self, version: int, rules: DoorRules | None, cards: dict[int, DoorCard], base: int = 0
    ) -> bytes:
        entries = [(card(n), one) for n, one in cards.items()]
        return self.sign(DocumentKind.DOORS, version, pack_doors(rules, entries, base))

    def keyring_document(self, sealing_key: bytes, version: int = 1) -> bytes:
        public = X25519PublicKey.from_public_bytes(sealing_key)
        sealed = seal_to(public, keyring_to_bytes(self.keyring), b"keyring")
        return self.sign(DocumentKind.KEYRING, version, sealed)

    def documents(self, sealing_key: bytes) -> list[bytes]:
        """Everything a new terminal needs."""
        return [
            self.rules_document(),
            self.keyring_document(sealing_key),
            self.directory_document(),
        ]

    def sign(self, kind: DocumentKind, version: int, payload: bytes) -> bytes:
        """A document of the server's."""
        return sign_document(kind, version, self.at, payload, self.server_key)
