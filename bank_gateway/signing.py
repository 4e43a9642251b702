"""How gateway and server know each other: an HMAC over the whole request, with a time in it.

Both hold one key. A request that is older than a minute is refused; within it a repeat changes
nothing, because every request carries its own id.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final

AT_HEADER: Final = "x-xm-at"
MAC_HEADER: Final = "x-xm-mac"
AGE_SECONDS_MAX: Final = 60
KEY_BYTES_MIN: Final = 32


class UnsignedError(Exception):
    """A request that is not the other side's."""


def signed(key: bytes, method: str, path: str, body: bytes, at: int) -> dict[str, str]:
    """The headers of a request. `path` with its query, as it is sent."""
    return {AT_HEADER: str(at), MAC_HEADER: _mac(key, method, path, str(at), body)}


def require_signed(
    key: bytes, request: tuple[str, str, bytes], headers: Mapping[str, str], now: int
) -> None:
    """Raise UnsignedError unless (method, path, body) carries the other side's MAC, and is new."""
    method, path, body = request
    at, said = headers.get(AT_HEADER, ""), headers.get(MAC_HEADER, "")
    if not hmac.compare_digest(_mac(key, method, path, at, body).encode(), said.encode()):
        raise UnsignedError("its MAC does not fit")
    if not at.isdigit() or abs(now - int(at)) > AGE_SECONDS_MAX:
        raise UnsignedError(f"older or newer than {AGE_SECONDS_MAX} seconds")


def _mac(key: bytes, method: str, path: str, at: str, body: bytes) -> str:
    return hmac.new(key, f"{method}\n{path}\n{at}\n".encode() + body, "sha256").hexdigest()
