"""A large school for benchmarks: cards with money, terminals with sessions, one hot merchant.

Rows are made in bulk with the tables' own modules; only the volume is unusual.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.domain.accounts import SchoolAccount
from backend.domain.terminal import session_context
from backend.domain.tokens import token_hash
from backend.gateways.bus import LocalBus
from backend.gateways.vault import FileVault
from backend.migrate import migrate
from backend.tables.accounts import open_payable, open_purses_for
from backend.tables.card import CardRow
from backend.tables.cardholder import CardholderRow
from backend.tables.database import DatabaseUrl, close_tables, open_tables
from backend.tables.ledger import Ledger
from backend.tables.merchant import MerchantRow
from backend.tables.school import RulesRow
from backend.tables.store import make_store
from backend.tables.terminal import TerminalRow, TerminalSessionRow
from backend.usecases.epochs.open_epochs import open_epochs
from backend.usecases.key_board import KeyBoard
from backend.usecases.ledger.credit_purse import credit_purse
from campus_code import (
    ClassRules,
    EmergencyRules,
    EpochKey,
    GroupRules,
    OfflineTier,
    RulesBundle,
    Window,
    card_number,
    issue_code,
    phone_secrets,
    to_json,
)

ROWS_PER_STATEMENT = 2_000
CREDITS_PER_SET = 2_000
PURSE_FEN = 10_000_00
PRICE_FEN = 1_250


@dataclass(frozen=True, slots=True)
class Till:
    """One terminal: its session's key signs requests, its device key the sets it uploads."""

    terminal_id: int
    token: str
    key: bytes
    device_key: Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class BenchCampus:
    """What a load generator needs to know."""

    url: DatabaseUrl
    key_file: Path
    tills: tuple[Till, ...]
    cards: tuple[str, ...]
    terminal_key: EpochKey
    issuer_key: EpochKey
    rules: RulesBundle

    def code(self, card: str, at: int) -> str:
        """The code this card's phone shows at Unix second `at`."""
        return issue_code(phone_secrets(self.terminal_key, self.issuer_key, card, 1), at)


def bench_rules() -> RulesBundle:
    """No meal periods and wide limits: every tap is decided in full and approved."""
    holder = ClassRules(
        1,
        "学生",
        "Student",
        pay_percent=95,
        day_limit_fen=100_000_00,
        offline_limit_fen=100_000_00,
    )
    return RulesBundle(
        version=1,
        school="Benchmark",
        utc_offset_seconds=8 * 3600,
        day_starts_minute=0,
        periods=(),
        classes={1: holder},
        groups={"canteen": GroupRules("canteen", "食堂", "Canteen", accepts_outside_periods=True)},
        offline=(OfflineTier(7 * 86_400, 10_000, 1_000),),
        window=Window(),
        emergency=EmergencyRules(1_500),
    )


async def make_campus(
    url: DatabaseUrl, folder: Path, *, cards: int, tills: int, now: float
) -> BenchCampus:
    """Migrate an empty database and fill it; the caller has closed everything else."""
    await migrate(url)
    vault = FileVault.make(folder / "server.keys")
    await open_tables(url)
    try:
        rules = bench_rules()
        moment = datetime.fromtimestamp(now, UTC)
        await RulesRow.create(
            version=1, body=to_json(rules).decode(), published_at=moment, published_by="benchmark"
        )
        bus = LocalBus("demo")
        await open_epochs(vault, os.urandom, now, bus)
        await bus.close()
        board = KeyBoard(vault)
        await board.refresh()
        merchant = await MerchantRow.create(name="Hot window")
        await open_payable(merchant.id)
        sessions = await _make_tills(tills, merchant.id, vault, moment)
        numbers = await _make_cards(url, cards, moment)
    finally:
        await close_tables()
    at = int(now)
    terminal_key = _current(board.terminal.keys, at)
    return BenchCampus(
        url=url,
        key_file=folder / "server.keys",
        tills=tuple(sessions),
        cards=tuple(numbers),
        terminal_key=terminal_key,
        issuer_key=_current(board.issuer.keys, at),
        rules=rules,
    )


def _current(keys: tuple[EpochKey, ...], at: int) -> EpochKey:
    return max(
        (key for key in keys if key.valid_from <= at < key.valid_until), key=lambda one: one.epoch
    )


async def _make_tills(
    count: int, merchant_id: int, vault: FileVault, moment: datetime
) -> list[Till]:
    tills = []
    for number in range(1, count + 1):
        device_key = device_key_of(number)
        row = await TerminalRow.create(
            name=f"till {number}",
            merchant_id=merchant_id,
            group_id="canteen",
            signing_key=device_key.public_key().public_bytes_raw().hex(),
            sealing_key="0" * 64,
            enrolled_at=moment,
        )
        key, token = secrets.token_bytes(32), secrets.token_urlsafe(32)
        await TerminalSessionRow.create(
            token_hash=token_hash(token),
            terminal_id=row.id,
            sealed_key=vault.seal(key, session_context(row.id)),
            opened_at=moment,
            expires_at=moment + timedelta(hours=12),
        )
        tills.append(Till(row.id, token, key, device_key))
    return tills


def device_key_of(number: int) -> Ed25519PrivateKey:
    """The device key of the n-th till; the same in every run."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(str(number).encode()).digest())


async def _make_cards(url: DatabaseUrl, count: int, moment: datetime) -> list[str]:
    numbers = [card_number(number) for number in range(1, count + 1)]
    await CardholderRow.bulk_create(
        [
            CardholderRow(
                id=number, number=f"B{number}", name="Benchmark", class_id=1, created_at=moment
            )
            for number in range(1, count + 1)
        ],
        batch_size=ROWS_PER_STATEMENT,
    )
    await CardRow.bulk_create(
        [
            CardRow(number=text, holder_id=number, issue=1, opened_at=moment)
            for number, text in enumerate(numbers, 1)
        ],
        batch_size=ROWS_PER_STATEMENT,
    )
    await open_purses_for(range(1, count + 1))
    ledger = Ledger(make_store(url), moment.timestamp, "benchmark")
    await ledger.open()
    try:
        for start in range(1, count + 1, CREDITS_PER_SET):
            holders = range(start, min(start + CREDITS_PER_SET, count + 1))
            credited = [(holder, PURSE_FEN) for holder in holders]
            await credit_purse(ledger, "cash", SchoolAccount.OPENING, credited)
    finally:
        await ledger.close()
    return numbers
