"""SMS by one signed POST, for a provider or for the adapter a school puts in front of its own.

    POST <url>            content-type: application/json
    x-key-id: <key id>    x-at: <Unix seconds>
    x-signature: hex(HMAC-SHA256(key, x-at, newline, body))

    {"key": "m-71", "to": "+8613800000000", "text": "【学校】…"}

`key` is ours and the same when a message is sent again: who has seen it answers 200 and sends
nothing. 200: taken on. 404 or 410: no such number, or its owner wants nothing. 408, 429, 5xx:
later. Everything else is a fault of ours and is not tried again.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from http import HTTPStatus

import httpx
import orjson

from backend.domain.letter import (
    AddressRefusedError,
    CarrierAwayError,
    CarrierFaultError,
    Letter,
)
from backend.domain.letter_accounts import SmsAccount
from backend.gateways.vault import VaultError, read_private
from backend.usecases.ports import Clock

log = logging.getLogger("xiaoma.sms")

SECONDS_MAX = 5.0
KEY_BYTES_MIN = 16
GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
LATER = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


def signature(key: bytes, at: int, body: bytes) -> str:
    """What a request bears."""
    return hmac.new(key, b"%d\n%b" % (at, body), hashlib.sha256).hexdigest()


class SmsGateway:
    """The school's SMS provider."""

    def __init__(self, account: SmsAccount, clock: Clock) -> None:
        """Read the key. Raises VaultError: missing, short, or open to other users."""
        self._key = read_private(account.key_file).strip()
        if len(self._key) < KEY_BYTES_MIN:
            raise VaultError(f"the key file {account.key_file} holds less than 16 bytes")
        self._account = account
        self._clock = clock
        self._http = httpx.AsyncClient(timeout=SECONDS_MAX, trust_env=False)

    async def send(self, address: str, letter: Letter, key: str) -> None:
        """Send one text.

        Raises:
            AddressRefusedError: no such number. CarrierAwayError: try again. CarrierFaultError:
                the provider does not take our requests.

        """
        body = orjson.dumps({"key": key, "to": address, "text": letter.text})
        at = int(self._clock())
        headers = {
            "content-type": "application/json",
            "x-key-id": self._account.key_id,
            "x-at": str(at),
            "x-signature": signature(self._key, at, body),
        }
        try:
            answer = await self._http.post(self._account.url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise CarrierAwayError(type(error).__name__) from None
        status = answer.status_code
        if status in GONE:
            raise AddressRefusedError(f"http_{status}")
        if status in LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise CarrierAwayError(f"http_{status}")
        if status != HTTPStatus.OK:
            log.error("sms: the provider answered %d", status)
            raise CarrierFaultError(f"http_{status}")

    async def close(self) -> None:
        """End the connections."""
        await self._http.aclose()
