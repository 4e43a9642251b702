"""How often somebody may try: named buckets, counted across processes when Redis is there."""

from __future__ import annotations

import ipaddress
import logging
from collections import OrderedDict
from enum import Enum
from typing import Self

from sanic import Request

from backend.config import Config
from backend.domain.errors import TooManyRequestsError
from backend.usecases.ports import Clock, Counter

log = logging.getLogger("xiaoma.limits")

KEYS_MAX = 50_000
"""Keys this process remembers; the oldest go first."""


class Bucket(Enum):
    """What is counted: how many are allowed in how many seconds."""

    allowed: int
    window_seconds: int

    def __new__(cls, word: str, allowed: int, window_seconds: int) -> Self:
        """Make a member whose value is its word."""
        member = object.__new__(cls)
        member._value_ = word
        member.allowed = allowed
        member.window_seconds = window_seconds
        return member

    BINDING = ("binding", 200, 900)  # a whole dormitory behind one address, 50 bits a code
    LOGIN = ("login", 10, 900)
    SECOND_FACTOR = ("second_factor", 10, 900)  # somebody logged in who proves it again
    LOGIN_ADDRESS = ("login_address", 60, 900)  # a hash costs 40 ms, whoever is named
    WECHAT = ("wechat", 600, 900)  # a school behind one address; each is a call to WeChat
    TOP_UP = ("top_up", 40, 900)  # a payer's orders, sheets and invitations: calls to WeChat Pay
    TOP_UP_CHECK = ("top_up_check", 120, 900)  # each may be a call to WeChat Pay
    INVITED = ("invited", 60, 900)  # one invitation, from wherever
    INVITED_ADDRESS = ("invited_address", 300, 900)  # a mobile network's address, 256 bits a token
    ADDRESS_CODE = ("address_code", 10, 3600)  # each is a letter to an address nobody proved
    ENROLMENT = ("enrolment", 60, 900)  # a canteen's tills behind one address, 256 bits a token
    TERMINAL_SESSION = ("terminal_session", 30, 60)
    VISIT = ("visit", 120, 900)  # one kiosk: a code a step and a queue before it
    CHIP_PROOF = ("chip_proof", 120, 900)  # one kiosk: each is a card held into its field
    VISIT_CARD = ("visit_card", 20, 3600)  # one card, whoever asks and at whichever kiosk


class LocalCounter:
    """Counts in this process: a window begins with the first of its kind."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: OrderedDict[str, tuple[float, int]] = OrderedDict()

    async def add(self, key: str, window_seconds: int) -> int:
        """Count one more and answer the total of the window."""
        now = self._clock()
        ends_at, count = self._windows.pop(key, (0.0, 0))
        if ends_at <= now or ends_at > now + window_seconds:  # over, or the clock was set back
            ends_at, count = now + window_seconds, 0
        self._windows[key] = (ends_at, count + 1)
        if len(self._windows) > KEYS_MAX:
            self._windows.popitem(last=False)
        return count + 1


class Limits:
    """The gate in front of everything that could be tried over and over."""

    def __init__(self, clock: Clock, shared: Counter | None = None) -> None:
        """Count in `shared` too when it is given; this process always counts for itself."""
        self._local = LocalCounter(clock)
        self._shared = shared

    async def take(self, bucket: Bucket, *parts: str | int) -> None:
        """Count one attempt by these parts (address, card…).

        Raises:
            TooManyRequestsError: more than the bucket allows. A shared counter that is away
                does not open the gate: this process's own count still stands.

        """
        key = ":".join((bucket.value, *(str(part) for part in parts)))
        count = await self._local.add(key, bucket.window_seconds)
        if self._shared is not None:
            try:
                count = max(count, await self._shared.add(key, bucket.window_seconds))
            except OSError as error:
                log.warning("limits: shared counter is away, counting here only: %s", error)
        if count > bucket.allowed:
            is_first = count == bucket.allowed + 1
            raise TooManyRequestsError(bucket.window_seconds, is_first=is_first)


def remote_address(request: Request, config: Config) -> str:
    """Who is really asking: X-Forwarded-For counts only when a trusted proxy sent it.

    Read from the right: the last entry that is no trusted proxy is the nearest address nobody
    could have invented.
    """
    address = request.ip
    if not _is_trusted(address, config):
        return address
    for part in reversed(request.headers.get("x-forwarded-for", "").split(",")):
        candidate = part.strip()
        if not candidate:
            continue
        if not _is_address(candidate):
            return address
        address = candidate
        if not _is_trusted(address, config):
            return address
    return address


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(address: str, config: Config) -> bool:
    if not _is_address(address):
        return False
    parsed = ipaddress.ip_address(address)
    return any(parsed in network for network in config.trusted_proxies)
