"""HTTP clients of one process, which share what they know of authorities.

Reading them takes longer than most tests, and on loopback nobody asks for a certificate.
"""

from __future__ import annotations

import functools
import ssl
from typing import Any

import httpx


@functools.cache
def tls() -> ssl.SSLContext:
    """The machine's authorities, read once."""
    return httpx.create_ssl_context(trust_env=False)


def new_client(base_url: str = "", **words: Any) -> httpx.AsyncClient:
    """A client as `httpx.AsyncClient` makes it, past every proxy of the machine."""
    return httpx.AsyncClient(base_url=base_url, trust_env=False, verify=tls(), **words)
