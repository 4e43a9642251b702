"""WeChat's server side: login codes, phone numbers, subscribe messages; wechatpy in own threads.

wechatpy is synchronous and has three ways that do not fit us, put right in `_Client`: it asks for
an access token before a login that needs none, it takes its token from an address where every new
one ends the last, and it tries again for ever when tokens are refused. Its errors name addresses
that hold our secret, so none of them leaves this file.
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import requests
from wechatpy.client import WeChatClient
from wechatpy.exceptions import WeChatClientException

from backend.domain.errors import XiaomaError
from backend.domain.message import Template
from backend.domain.shipping import SHIPPED_FROM, Shipment
from backend.domain.wechat import (
    OPENID_LENGTH_MAX,
    MessageRefusedError,
    WechatAwayError,
    WechatBlockedError,
    WechatFaultError,
    WechatOffError,
    WrongWechatCodeError,
)
from backend.gateways.vault import VaultError, read_private
from backend.gateways.wechat_tokens import Token, Tokens
from backend.usecases.ports import Clock

log = logging.getLogger("xiaoma.wechat")
# at DEBUG it writes addresses, and the address of a login holds our secret
logging.getLogger("urllib3").setLevel(logging.INFO)

THREADS_MAX = 4
WAITING_MAX = 64
"""Calls that may wait for a thread; more are answered "away" at once."""
CONNECT_SECONDS = 2.0
READ_SECONDS = 3.0
CALL_SECONDS_MAX = 8.0
"""How long a request of ours waits for WeChat, whatever its threads do."""

TOKEN_REFUSED = frozenset({40001, 40014, 42001})
WRONG_CODE = frozenset({40029, 40163, 41008})
BUSY = frozenset({-1, 45009, 45011})
LASTING = frozenset({40003, 40037, 41030, 47003})
BLOCKED = 40226
NOT_WANTED = 43101

T = TypeVar("T")
_COUNTRY = re.compile(r"[1-9]\d{0,2}")
_DIGITS = re.compile(r"\d{5,14}")


@dataclass(frozen=True, slots=True)
class WechatAccount:
    """The mini-program's account at WeChat: its secret is in a private file of its own."""

    app_id: str
    secret_file: Path
    url: str
    template_ids: Mapping[Template, str] = field(default_factory=dict)
    long_term: frozenset[Template] = frozenset()


class NoWechat:
    """A school without a mini-program account: everything answers so."""

    template_ids: Mapping[Template, str] = MappingProxyType({})
    long_term: frozenset[Template] = frozenset()

    async def openid_of(self, code: str) -> str:  # noqa: ARG002 - the port wants it
        """Nobody can log in this way."""
        raise WechatOffError

    async def phone_of(self, code: str) -> str:  # noqa: ARG002 - the same
        """Nor be known by a number."""
        raise WechatOffError

    async def send(
        self,
        openid: str,  # noqa: ARG002 - the same
        template: Template,  # noqa: ARG002 - the same
        body: Mapping[str, str],  # noqa: ARG002 - the same
    ) -> None:
        """Nor be told anything."""
        raise WechatOffError

    async def ship(self, shipment: Shipment) -> None:  # noqa: ARG002 - the same
        """There is no order management either."""
        raise WechatOffError

    async def is_shipped(self, transaction_id: str) -> bool:  # noqa: ARG002 - the same
        """The same."""
        raise WechatOffError

    async def close(self) -> None:
        """Nothing to close."""


class _Client(WeChatClient):  # type: ignore[misc]  # wechatpy has no types
    """One thread's client: a `requests.Session` is not for several."""

    def __init__(self, account: WechatAccount, secret: str, tokens: Tokens, clock: Clock) -> None:
        timeout = (CONNECT_SECONDS, READ_SECONDS)
        super().__init__(account.app_id, secret, timeout=timeout, auto_retry=False)
        self._url = f"{account.url}/"
        self.wxa.API_BASE_URL = self._url
        self._tokens = tokens
        self._clock = clock
        self.last_token = ""

    @property
    def access_token(self) -> str:
        """The token in force; asked for when nobody has one."""
        token = self._tokens.read() or self.renew()
        self.last_token = token.text
        return token.text

    def renew(self, refused: str = "") -> Token:
        """A token other than the refused one: another process's, WeChat's, a forced one."""
        with self._tokens.locked():
            token = self._tokens.read_shared()
            if token is None or token.text == refused:
                token = self._ask_token(is_forced=False)
                if token.text == refused:
                    token = self._ask_token(is_forced=True)
                self._tokens.write(token)
        return token

    def login(self, code: str) -> object:
        """jscode2session; None keeps wechatpy from asking for a token that it does not take."""
        query = {
            "appid": self.appid,
            "secret": self.secret,
            "js_code": code,
            "grant_type": "authorization_code",
            "access_token": None,
        }
        answer: object = self.get("sns/jscode2session", api_base_url=self._url, params=query)
        return answer

    def phone(self, code: str) -> object:
        """The phone number of a code."""
        path = "wxa/business/getuserphonenumber"
        answer: object = self.post(path, api_base_url=self._url, data={"code": code})
        return answer

    def message(self, openid: str, template_id: str, body: Mapping[str, str]) -> object:
        """Send one message."""
        data = {keyword: {"value": value} for keyword, value in body.items()}
        answer: object = self.wxa.send_subscribe_message(openid, template_id, data)
        return answer

    def shipping(self, action: str, body: Mapping[str, object]) -> object:
        """One call of the order management."""
        answer: object = self.post(
            f"wxa/sec/order/{action}", api_base_url=self._url, data=dict(body)
        )
        return answer

    def _ask_token(self, *, is_forced: bool) -> Token:
        asked = {
            "grant_type": "client_credential",
            "appid": self.appid,
            "secret": self.secret,
            "force_refresh": is_forced,
        }
        url = f"{self._url}cgi-bin/stable_token"
        response = self._http.post(url, json=asked, timeout=self.timeout)
        response.raise_for_status()
        told = _fields(response.json())
        if told.get("errcode"):
            raise WeChatClientException(told["errcode"], told.get("errmsg"))
        text, seconds = told.get("access_token"), told.get("expires_in")
        if not isinstance(text, str) or not isinstance(seconds, int):
            raise WechatAwayError("no_token")
        return Token(text, int(self._clock()) + seconds)


class WechatGateway:
    """The mini-program's WeChat. Built once; calls run in at most THREADS_MAX threads."""

    def __init__(self, account: WechatAccount, tokens: Tokens, clock: Clock) -> None:
        """Read the secret. Raises VaultError: missing, empty, or open to other users."""
        self._secret = read_private(account.secret_file).decode().strip()
        if not self._secret:
            raise VaultError(f"the secret file {account.secret_file} is empty")
        self._account = account
        self._tokens = tokens
        self._clock = clock
        self._threads = ThreadPoolExecutor(THREADS_MAX, thread_name_prefix="wechat")
        self._clients = threading.local()
        self._running = 0
        self.template_ids = account.template_ids
        self.long_term = account.long_term

    async def openid_of(self, code: str) -> str:
        """Who logged in with a `wx.login` code."""
        told = _fields(await self._ask(lambda client: client.login(code)))
        openid = told.get("openid")
        if not isinstance(openid, str) or not 0 < len(openid) <= OPENID_LENGTH_MAX:
            raise WechatAwayError("no_openid")
        return openid

    async def phone_of(self, code: str) -> str:
        """The phone number behind a code of the phone-number button."""
        told = _fields(await self._ask(lambda client: client.phone(code)))
        info = _fields(told.get("phone_info"))
        country, number = str(info.get("countryCode")), str(info.get("purePhoneNumber"))
        if not _COUNTRY.fullmatch(country) or not _DIGITS.fullmatch(number):
            raise WechatAwayError("no_phone")
        return f"+{country}{number}"

    async def send(self, openid: str, template: Template, body: Mapping[str, str]) -> None:
        """Send one subscribe message: keyword → value."""
        template_id = self.template_ids.get(template)
        if template_id is None:
            raise WechatOffError
        _fields(await self._ask(lambda client: client.message(openid, template_id, body)))

    async def ship(self, shipment: Shipment) -> None:
        """Tell the order management that a top-up was delivered."""
        body = shipment.body()
        _fields(await self._ask(lambda client: client.shipping("upload_shipping_info", body)))

    async def is_shipped(self, transaction_id: str) -> bool:
        """Whether it knows that an order was delivered."""
        body = {"transaction_id": transaction_id}
        told = _fields(await self._ask(lambda client: client.shipping("get_order", body)))
        order = _fields(told.get("order"))
        state = order.get("order_state")
        if order.get("transaction_id") != transaction_id or type(state) is not int:
            raise WechatAwayError("no_order")
        return state >= SHIPPED_FROM

    async def close(self) -> None:
        """End; calls under way are given up."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._tokens.close()

    async def _ask(self, work: Callable[[_Client], T]) -> T:
        if self._running >= THREADS_MAX + WAITING_MAX:
            raise WechatAwayError("crowded")
        loop = asyncio.get_running_loop()
        self._running += 1
        try:
            async with asyncio.timeout(CALL_SECONDS_MAX):
                return await loop.run_in_executor(self._threads, self._work, work)
        except TimeoutError:
            raise WechatAwayError("timeout") from None
        finally:
            self._running -= 1

    def _work(self, work: Callable[[_Client], T]) -> T:
        """In a thread. `from None` throughout: causes hold addresses with secrets."""
        try:
            return self._twice(self._client(), work)
        except WeChatClientException as error:
            raise _ours(error.errcode) from None
        except requests.Timeout:
            raise WechatAwayError("timeout") from None
        except requests.RequestException as error:
            raise WechatAwayError(type(error).__name__) from None

    def _twice(self, client: _Client, work: Callable[[_Client], T]) -> T:
        try:
            return work(client)
        except WeChatClientException as error:
            if error.errcode not in TOKEN_REFUSED:
                raise
        client.renew(refused=client.last_token)
        return work(client)

    def _client(self) -> _Client:
        if not hasattr(self._clients, "one"):
            self._clients.one = _Client(self._account, self._secret, self._tokens, self._clock)
        client: _Client = self._clients.one
        return client


def _fields(told: object) -> dict[str, Any]:
    # wechatpy hands over what is no JSON as it came
    if not isinstance(told, dict):
        raise WechatAwayError("no_json")
    return told


def _ours(errcode: int | None) -> XiaomaError:
    if errcode is None:  # an HTTP status
        return WechatAwayError("http")
    if errcode in WRONG_CODE:
        return WrongWechatCodeError()
    if errcode == NOT_WANTED:
        return MessageRefusedError()
    if errcode == BLOCKED:
        return WechatBlockedError()
    if errcode in BUSY:
        return WechatAwayError("busy")
    log.error("wechat: errcode %d, which nobody planned for", errcode)
    return WechatFaultError(errcode, is_lasting=errcode in LASTING)
