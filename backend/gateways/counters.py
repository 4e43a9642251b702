"""Counts across processes, in Redis."""

from __future__ import annotations

from redis.asyncio import Redis
from redis.exceptions import RedisError

TIMEOUT_SECONDS = 0.5
PREFIX = "xiaoma:count:"


class RedisCounter:
    """One key per window; it ends by itself."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(
            url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
        )

    async def add(self, key: str, window_seconds: int) -> int:
        """Count one more and answer the total. Raises OSError when Redis is away."""
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.incr(PREFIX + key)
                pipe.expire(PREFIX + key, window_seconds, nx=True)
                count, _ = await pipe.execute()
        except RedisError as error:
            raise OSError(str(error)) from error
        return int(count)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()
