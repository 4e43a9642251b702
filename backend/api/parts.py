"""Everything a request may need, built once by the composition root."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import cast

from sanic import Request

from backend.api.limits import Limits
from backend.config import Config
from backend.domain.credential import Verifier
from backend.tables.ledger import Ledger
from backend.usecases.document_shelf import DocumentShelf
from backend.usecases.event_hub import EventHub
from backend.usecases.key_board import KeyBoard
from backend.usecases.live_board import LiveBoard
from backend.usecases.ports import (
    Bus,
    Clock,
    Payments,
    PayNotices,
    Randomness,
    Vault,
    Wechat,
    WechatPay,
)
from backend.usecases.rules_board import RulesBoard
from backend.usecases.terminal_sessions import TerminalSessions
from backend.usecases.upload_pace import UploadPace

EXPORTS_AT_ONCE = 1
"""Files a process makes at a time: a large workbook keeps one core busy for seconds."""


@dataclass(slots=True)
class Parts:
    """What `server.py` hands down. Handlers reach it with `parts_of(request)`."""

    config: Config
    clock: Clock
    randomness: Randomness
    vault: Vault
    bus: Bus
    limits: Limits
    rules: RulesBoard
    keyrings: KeyBoard
    terminals: TerminalSessions
    documents: DocumentShelf
    events: EventHub
    live: LiveBoard
    ledger: Ledger
    payments: Payments
    uploads: UploadPace
    wechat: Wechat
    pay: WechatPay
    pay_notices: PayNotices
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    exporting: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(EXPORTS_AT_ONCE))


def parts_of(request: Request) -> Parts:
    """The parts of the application that serves this request."""
    return cast("Parts", request.app.ctx.parts)


def verifier_of(parts: Parts, terminal_id: int) -> Verifier:
    """The keys at this moment, and the rules in force at a terminal."""
    rules = parts.rules.bundle_at(terminal_id)
    return Verifier(parts.keyrings.terminal, parts.keyrings.issuer, rules)
