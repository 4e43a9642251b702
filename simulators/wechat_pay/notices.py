"""Notices: signed, encrypted, and sent again by the true schedule until one is answered well."""

from __future__ import annotations

import asyncio
import functools
import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from simulators.wechat_pay.clock import Timeline, rfc3339
from simulators.wechat_pay.faults import Fault, Faults, set_field
from simulators.wechat_pay.keys import Merchant, Platform, encrypt

RETRY_SECONDS: Final = (
    *(15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600),
    *(10_800, 10_800, 10_800, 21_600, 21_600),
)
"""After the first sending; 24 hours and 4 minutes in all."""
ANSWER_SECONDS: Final = 5.0
TAKEN: Final = frozenset({200, 204})
PROBE: Final = "WECHATPAY/SIGNTEST/"
SUMMARIES: Final = {
    "TRANSACTION.SUCCESS": "支付成功",
    "REFUND.SUCCESS": "退款成功",
    "REFUND.ABNORMAL": "退款异常",
    "REFUND.CLOSED": "退款关闭",
}


@functools.cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


@dataclass(slots=True)
class Attempt:
    """One sending: when, with what headers, and what was answered; status 0 is no answer."""

    at: float
    headers: dict[str, str]
    status: int
    how: str = ""


@dataclass(slots=True)
class Notice:
    """One notice; its body is the same every time it is sent."""

    id: str
    event: str
    url: str
    body: bytes
    fault: Fault | None = None
    attempts: list[Attempt] = field(default_factory=list)
    rounds: int = 0
    """How often it was sent; a duplicated one goes out several times in a round."""
    state: str = "waiting"

    def told(self) -> dict[str, Any]:
        """What the steering side shows."""
        return {
            "id": self.id,
            "event": self.event,
            "url": self.url,
            "state": self.state,
            "body": self.body.decode(),
            "attempts": [
                {"at": one.at, "status": one.status, "how": one.how, "headers": one.headers}
                for one in self.attempts
            ],
        }


class Postman:
    """Brings notices. `stamp` is the time signatures carry."""

    def __init__(
        self,
        platform: Platform,
        timeline: Timeline,
        faults: Faults,
        *,
        stamp: Callable[[], float],
        randomness: Callable[[int], bytes],
    ) -> None:
        self._platform = platform
        self._timeline = timeline
        self._faults = faults
        self._stamp = stamp
        self._randomness = randomness
        self._held: list[Notice] = []
        self._http = httpx.AsyncClient(verify=_tls(), timeout=ANSWER_SECONDS, trust_env=False)
        self.notices: list[Notice] = []

    async def close(self) -> None:
        """Bring nothing more."""
        await self._http.aclose()

    def announce(
        self, merchant: Merchant, url: str, event: str, resource: dict[str, Any]
    ) -> Notice:
        """Make a notice and see to it that it goes out, or goes wrong as planned."""
        fault = self._faults.next("notices")
        kind = fault.kind if fault else ""
        if fault and kind == "content":
            resource = json.loads(json.dumps(resource))
            set_field(resource, fault.field, fault.value)
        notice = Notice(
            self._randomness(18).hex(), event, url, self._body(merchant, event, resource), fault
        )
        self.notices.append(notice)
        if kind == "never":
            notice.state = "never"
        elif kind == "reordered":
            self._held.append(notice)
        else:
            self._send_in(fault.seconds if fault and kind == "late" else 0.0, notice)
        return notice

    def _body(self, merchant: Merchant, event: str, resource: dict[str, Any]) -> bytes:
        kind = event.partition(".")[0].lower()
        nonce = self._randomness(6).hex()
        plain = json.dumps(resource, ensure_ascii=False).encode()
        envelope = {
            "id": self._randomness(16).hex(),
            "create_time": rfc3339(self._timeline.clock()),
            "resource_type": "encrypt-resource",
            "event_type": event,
            "summary": SUMMARIES[event],
            "resource": {
                "original_type": kind,
                "algorithm": "AEAD_AES_256_GCM",
                "ciphertext": encrypt(merchant.v3_key, plain, nonce, kind),
                "associated_data": kind,
                "nonce": nonce,
            },
        }
        return json.dumps(envelope, ensure_ascii=False).encode()

    def _send_in(self, seconds: float, notice: Notice) -> None:
        async def send() -> None:
            await self._send(notice)

        self._timeline.add(seconds, send)

    async def _send(self, notice: Notice) -> None:
        fault = notice.fault
        copies = fault.copies if fault and fault.kind == "duplicate" else 1
        is_first = notice.rounds == 0
        notice.rounds += 1
        if is_first and fault and fault.kind == "signtest":
            await self._bring(notice, self._headers(notice, "signtest"), "signtest")
        how = fault.kind if is_first and fault and fault.kind != "signtest" else ""
        tries = [self._bring(notice, self._headers(notice, how), how) for _ in range(copies)]
        if any(status in TAKEN for status in await asyncio.gather(*tries)):
            notice.state = "taken"
        elif notice.rounds <= len(RETRY_SECONDS):
            self._send_in(RETRY_SECONDS[notice.rounds - 1], notice)
        else:
            notice.state = "given_up"
        held, self._held = self._held, []
        for one in held:  # those that were to come before this one come after it
            self._send_in(0.0, one)

    def _headers(self, notice: Notice, how: str) -> dict[str, str]:
        nonce = self._randomness(16).hex()
        other = next(one for one in self._platform.ids if one != self._platform.signs_with)
        headers = self._platform.headers(notice.body, self._stamp(), nonce)
        if how == "other_key":  # signed by one key, said to be the other's
            headers = self._platform.headers(notice.body, self._stamp(), nonce, other)
            headers["Wechatpay-Serial"] = self._platform.signs_with
        if how == "wrong_signature":
            signed = self._platform.headers(notice.body + b" ", self._stamp(), nonce)
            headers["Wechatpay-Signature"] = signed["Wechatpay-Signature"]
        if how == "signtest":
            headers["Wechatpay-Signature"] = PROBE + headers["Wechatpay-Signature"]
        return headers

    async def _bring(self, notice: Notice, headers: dict[str, str], how: str) -> int:
        attempt = Attempt(self._timeline.clock(), headers, 0, how if how == "signtest" else "")
        notice.attempts.append(attempt)
        sent = {**headers, "Content-Type": "application/json", "User-Agent": "Mozilla/4.0"}
        try:
            answer = await self._http.post(notice.url, content=notice.body, headers=sent)
        except httpx.HTTPError as error:
            attempt.how = attempt.how or type(error).__name__
        else:
            attempt.status = answer.status_code
        return attempt.status
