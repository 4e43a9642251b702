"""WeChat's access token: one for all, kept until shortly before its end."""

from __future__ import annotations

import contextlib
import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from redis import Redis
from redis.exceptions import LockError, RedisError

log = logging.getLogger("xiaoma.wechat")

SPARE_SECONDS = 60
"""A token that ends sooner is not used any more; WeChat has a new one 300 s before the end."""
PREFIX = "xiaoma:wechat:token:"
REDIS_TIMEOUT_SECONDS = 0.5
LOCK_SECONDS = 10
LOCK_WAIT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Token:
    """A token; `expires_at` is Unix seconds."""

    text: str = field(repr=False)
    expires_at: int


class Tokens(Protocol):
    """Where the token is kept. Called from several threads."""

    def read(self) -> Token | None:
        """The token this process knows, unless it is about to end."""

    def read_shared(self) -> Token | None:
        """The token any process knows, unless it is about to end."""

    def write(self, token: Token) -> None:
        """Keep a token for everybody."""

    def locked(self) -> AbstractContextManager[None]:
        """Only one asks WeChat for a new token at a time."""

    def close(self) -> None:
        """Nothing will be asked any more."""


class LocalTokens:
    """The token of this process alone."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._token: Token | None = None
        self._lock = threading.Lock()

    def read(self) -> Token | None:
        """The token, unless it is about to end."""
        token = self._token
        return token if token is not None and self.is_fresh(token) else None

    def read_shared(self) -> Token | None:
        """Nobody else has one."""
        return self.read()

    def write(self, token: Token) -> None:
        """Keep it."""
        self._token = token

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One thread at a time."""
        with self._lock:
            yield

    def close(self) -> None:
        """Nothing to close."""

    def is_fresh(self, token: Token) -> bool:
        """Whether it lives for SPARE_SECONDS at least."""
        return token.expires_at - SPARE_SECONDS > self._clock()


class RedisTokens:
    """The token of every process. While Redis is away each of them asks for itself.

    That is no harm: WeChat's stable token is the same for whoever asks.
    """

    def __init__(self, url: str, app_id: str, clock: Callable[[], float]) -> None:
        self._redis = Redis.from_url(
            url,
            socket_timeout=REDIS_TIMEOUT_SECONDS,
            socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
        )
        self._key = PREFIX + app_id
        self._clock = clock
        self._local = LocalTokens(clock)

    def read(self) -> Token | None:
        """What this process knows: no round trip."""
        return self._local.read()

    def read_shared(self) -> Token | None:
        """What Redis knows; while it is away, what this process knows."""
        try:
            raw = self._redis.get(self._key)
        except RedisError as error:
            log.warning("wechat: shared token not read: %s", type(error).__name__)
            return self._local.read()
        if not isinstance(raw, bytes):
            return None
        kept = json.loads(raw)
        token = Token(str(kept["text"]), int(kept["expires_at"]))
        if not self._local.is_fresh(token):
            return None
        self._local.write(token)
        return token

    def write(self, token: Token) -> None:
        """Tell every process."""
        self._local.write(token)
        kept = json.dumps({"text": token.text, "expires_at": token.expires_at})
        seconds = max(int(token.expires_at - self._clock()), 1)
        try:
            self._redis.set(self._key, kept, ex=seconds)
        except RedisError as error:
            log.warning("wechat: token not shared: %s", type(error).__name__)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One thread of one process at a time, as long as Redis is there."""
        lock = self._redis.lock(
            f"{self._key}:lock", timeout=LOCK_SECONDS, blocking_timeout=LOCK_WAIT_SECONDS
        )
        with self._local.locked():
            try:
                is_ours = lock.acquire()
            except RedisError as error:
                log.warning("wechat: no lock for the token: %s", type(error).__name__)
                is_ours = False
            try:
                yield
            finally:
                if is_ours:
                    # it ended by itself, or Redis went away
                    with contextlib.suppress(LockError, RedisError):
                        lock.release()

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()
