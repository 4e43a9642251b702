"""Requests to WeChat Pay: signed, bounded in time and size, answered by WeChat Pay itself.

Every call is one that may be repeated (each carries our own number), so when an address does not
answer, the standby one is asked within the same deadline. Redirects are not followed and proxies
of the environment are not used.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import ssl
from typing import Final
from urllib.parse import urlsplit

import httpx
import orjson

from backend.domain.wechat_pay import WechatPayAwayError, WechatPayFaultError
from backend.domain.wechat_pay_account import WechatPayAccount
from backend.gateways.wechat_pay_reading import ContentError, Fields
from backend.gateways.wechat_pay_signing import (
    NONCE_BYTES,
    SCHEME,
    SignatureError,
    Signed,
    Signer,
    Verifier,
)
from backend.usecases.ports import Clock, Randomness

log = logging.getLogger("xiaoma.wechat_pay")
# at INFO it writes addresses, and the address of a bill holds its token
logging.getLogger("httpx").setLevel(logging.WARNING)

CONNECT_SECONDS: Final = 2.0
READ_SECONDS: Final = 5.0
CALL_SECONDS_MAX: Final = 12.0
"""How long a call takes at most, both addresses together."""
DOWNLOAD_SECONDS_MAX: Final = 120.0
CONNECTIONS_MAX: Final = 20
ANSWER_BYTES_MAX: Final = 262_144
DOWNLOAD_BYTES_MAX: Final = 32 * 1024 * 1024
ELSEWHERE: Final = frozenset({502, 503, 504})
"""Statuses of a proxy whose other side is away: the standby may know more."""
AGENT: Final = "xiaoma"


class RefusedError(Exception):
    """WeChat Pay said no: HTTP status, its code word, its own sentence for our log only."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.message = message


class Wire:
    """One merchant's connections. Built once, closed once."""

    def __init__(
        self,
        account: WechatPayAccount,
        signer: Signer,
        verifier: Verifier,
        *,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._urls = account.urls
        self._signer = signer
        self._verifier = verifier
        self._clock = clock
        self._randomness = randomness
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=CONNECTIONS_MAX),
            verify=_tls(),
            follow_redirects=False,
            trust_env=False,
        )

    async def close(self) -> None:
        """End; calls under way are given up."""
        await self._http.aclose()

    async def ask(self, method: str, path: str, body: dict[str, object] | None = None) -> Fields:
        """One call; `path` with its query. A signed answer without a body gives no fields.

        Raises RefusedError, WechatPayAwayError.
        """
        sent = b"" if body is None else orjson.dumps(body)
        try:
            async with asyncio.timeout(CALL_SECONDS_MAX):
                answer, received = await self._anywhere(method, path, sent)
        except TimeoutError:
            raise WechatPayAwayError("timeout") from None
        if answer.is_success:
            self._require_signature(answer, received)
            return _fields(received)
        raise self._refused(answer, received)

    async def download(self, url: str) -> bytes:
        """A bill's file. Its address must be one of WeChat Pay's; the answer is not signed.

        Raises RefusedError, WechatPayAwayError, WechatPayFaultError.
        """
        parts = urlsplit(url)
        base = f"{parts.scheme}://{parts.netloc}"
        if base not in self._urls:
            raise WechatPayFaultError("BILL_ADDRESS")
        target = url.removeprefix(base)
        try:
            async with asyncio.timeout(DOWNLOAD_SECONDS_MAX):
                answer, received = await self._send(base, "GET", target, b"", DOWNLOAD_BYTES_MAX)
        except httpx.InvalidURL:
            raise WechatPayFaultError("BILL_ADDRESS") from None
        except (TimeoutError, httpx.HTTPError) as error:
            raise WechatPayAwayError(type(error).__name__) from None
        if answer.status_code != httpx.codes.OK:
            raise self._refused(answer, received)
        return received

    async def _anywhere(self, method: str, path: str, body: bytes) -> tuple[httpx.Response, bytes]:
        how = ""
        for url in self._urls:
            try:
                answer, received = await self._send(url, method, path, body, ANSWER_BYTES_MAX)
            except httpx.HTTPError as error:
                how = type(error).__name__
            else:
                if answer.status_code not in ELSEWHERE:
                    return answer, received
                how = f"http_{answer.status_code}"
            log.warning("wechat pay: %s at %s", how, url)
        raise WechatPayAwayError(how)

    async def _send(
        self, url: str, method: str, path: str, body: bytes, bytes_max: int
    ) -> tuple[httpx.Response, bytes]:
        request = self._http.build_request(method, url + path, content=body)
        # what is signed is what goes over the wire, not what we meant to send
        target = request.url.raw_path.decode()
        nonce = self._randomness(NONCE_BYTES).hex()
        at = int(self._clock())
        request.headers.update(
            {
                "authorization": self._signer.authorization(method, target, body, at, nonce),
                "accept": "application/json",
                "accept-encoding": "identity",
                "content-type": "application/json",
                "user-agent": AGENT,
            }
        )
        if self._verifier.wanted_serial:
            request.headers["wechatpay-serial"] = self._verifier.wanted_serial
        answer = await self._http.send(request, stream=True)
        try:
            return answer, await _bounded(answer, bytes_max)
        finally:
            await answer.aclose()

    def _require_signature(self, answer: httpx.Response, received: bytes) -> None:
        try:
            _require_scheme(answer)
            signed = Signed(
                timestamp=_single(answer, "wechatpay-timestamp"),
                nonce=_single(answer, "wechatpay-nonce"),
                signature=_single(answer, "wechatpay-signature"),
                serial=_single(answer, "wechatpay-serial"),
            )
            self._verifier.verify(signed, received, self._clock())
        except SignatureError as error:
            log.warning("wechat pay: an answer whose %s is wrong", error.what)
            raise WechatPayAwayError(f"unsigned_{error.what}") from None

    def _refused(self, answer: httpx.Response, received: bytes) -> Exception:
        """Errors are not always signed; when one is, the signature must be right."""
        if "wechatpay-signature" in answer.headers:
            self._require_signature(answer, received)
        try:
            fields = Fields.of(received)
            code, message = fields.text("code", length_max=64), fields.any_text("message")
        except ContentError:
            return WechatPayAwayError(f"http_{answer.status_code}")
        return RefusedError(answer.status_code, code, message)


@functools.cache
def _tls() -> ssl.SSLContext:
    """The usual authorities; reading them takes longer than anything else here."""
    return httpx.create_ssl_context(trust_env=False)


async def _bounded(answer: httpx.Response, bytes_max: int) -> bytes:
    received = bytearray()
    async for chunk in answer.aiter_raw():
        received += chunk
        if len(received) > bytes_max:
            raise WechatPayAwayError("too_long")
    return bytes(received)


def _require_scheme(answer: httpx.Response) -> None:
    if answer.headers.get("wechatpay-signature-type", SCHEME) != SCHEME:
        raise SignatureError("scheme")


def _single(answer: httpx.Response, name: str) -> str:
    values: list[str] = answer.headers.get_list(name)
    if len(values) != 1:
        raise SignatureError("headers")
    return values[0]


def _fields(received: bytes) -> Fields:
    if not received:
        return Fields({})
    try:
        return Fields.of(received)
    except ContentError:
        raise WechatPayAwayError("no_json") from None
