"""Limits: what is counted, for whom, and that losing the shared counter opens no gate."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from sanic import Request

from backend.api.limits import Bucket, Limits, LocalCounter, remote_address
from backend.config import Config
from backend.domain.errors import TooManyRequestsError
from backend.gateways.counters import RedisCounter
from simulators.databases import PrivateRedis

KEY = ("10.0.0.1", "20240013")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def taken(limits: Limits, times: int, *parts: str) -> int:
    for done in range(times):
        try:
            await limits.take(Bucket.LOGIN, *(parts or KEY))
        except TooManyRequestsError:
            return done
    return times


async def test_ten_are_allowed_in_a_quarter_of_an_hour() -> None:
    clock = Clock()
    limits = Limits(clock)
    assert await taken(limits, 19) == 10
    assert await taken(limits, 19, "10.0.0.1", "57299993") == 10
    clock.now += 899
    assert await taken(limits, 9) == 0
    clock.now += 1
    assert await taken(limits, 19) == 10


async def test_a_clock_that_was_set_back_locks_nobody_out_for_ever() -> None:
    clock = Clock()
    limits = Limits(clock)
    assert await taken(limits, 19) == 10
    clock.now -= 10_000
    assert await taken(limits, 19) == 10


async def test_this_process_forgets_the_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.api.limits.KEYS_MAX", 3)
    counter = LocalCounter(Clock())
    for key in "abcd":
        assert await counter.add(key, 60) == 1
    assert await counter.add("b", 60) == 2
    assert await counter.add("a", 60) == 1


async def test_processes_count_together_through_redis(redis_url: str) -> None:
    clock = Clock()
    one, other = RedisCounter(redis_url), RedisCounter(redis_url)
    try:
        assert await taken(Limits(clock, one), 7) == 7
        assert await taken(Limits(clock, other), 9) == 3
    finally:
        await one.close()
        await other.close()


async def test_a_redis_that_is_gone_opens_no_gate() -> None:
    with PrivateRedis() as server:
        counter = RedisCounter(server.url)
        limits = Limits(Clock(), counter)
        try:
            assert await taken(limits, 7) == 7
            server.kill()
            assert await taken(limits, 9) == 3
        finally:
            await counter.close()


def asked(ip: str, forwarded: str | None) -> Request:
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    return cast("Request", SimpleNamespace(ip=ip, headers=headers))


@pytest.mark.parametrize(
    "ip,forwarded,expected",
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # anybody may write that header
        ("10.0.0.2", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "1.2.3.4, 198.51.100.1", "198.51.100.1"),  # the left is what the client wrote
        ("10.0.0.2", "198.51.100.1, 10.0.0.3", "198.51.100.1"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("10.0.0.2", "unknown", "10.0.0.2"),
        ("10.0.0.2", "10.0.0.3", "10.0.0.3"),
    ],
)
def test_only_trusted_proxies_are_believed(ip: str, forwarded: str | None, expected: str) -> None:
    config = Config.read({"XIAOMA_TRUSTED_PROXIES": "10.0.0.0/24, ::1"})
    assert remote_address(asked(ip, forwarded), config) == expected
