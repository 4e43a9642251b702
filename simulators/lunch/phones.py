"""Phones: each redeems a binding code, keeps what it was given, and makes codes by itself."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import json
import time
from collections.abc import Sequence
from typing import Any

import httpx
import pyotp

from campus_code import PhoneSecrets, issue_code
from simulators.lunch.campus import Admin, Person

BIND_AT_ONCE = 16
STUDENT_SECONDS = 20.0
DORMITORY = int(ipaddress.IPv4Address("10.20.0.1"))


class AnswerError(Exception):
    """The server answered a phone or the office with something else than was due."""


class Phone:
    """One cardholder's phone. Its clock may be wrong by `skew_seconds`."""

    def __init__(self, person: Person, place: int, http: httpx.AsyncClient) -> None:
        """`place` numbers the phones: each has an address of its own behind the school's proxy."""
        self.person = person
        self.skew_seconds = 0
        self._http = http
        self._headers = {"x-forwarded-for": str(ipaddress.IPv4Address(DORMITORY + place))}
        self._secrets: tuple[PhoneSecrets, ...] = ()

    async def bind(self) -> None:
        """Redeem the slip's code, then fetch the secrets as the mini-program does at a start."""
        code = {"code": self.person.binding_code}
        told = _body(await self._http.post("/student/bindings", json=code, headers=self._headers))
        self._headers["authorization"] = f"Bearer {told['session']}"
        told = _body(await self._http.get("/student/secrets", headers=self._headers))
        self._secrets = tuple(_secrets(one) for one in told["secrets"])

    def now(self) -> int:
        """Unix seconds by this phone's clock."""
        return int(time.time()) + self.skew_seconds

    def code(self, at: int) -> str:
        """The 34 digits this phone shows at a second of its clock. No network."""
        for secrets in self._secrets:
            if secrets.valid_from <= at < secrets.valid_until:
                return issue_code(secrets, at)
        raise AnswerError(f"{self.person.number}: no secrets for this hour were given")

    @property
    def issue(self) -> int:
        """The issue of the credential this phone holds."""
        return self._secrets[0].issue

    async def freeze(self) -> None:
        """One tap on “freeze”; returns when the server has said that it is."""
        body = {"parts": ["money"]}
        told = _body(await self._http.post("/student/freezes", json=body, headers=self._headers))
        if told["state"] != "frozen":
            raise AnswerError(f"{self.person.number}: frozen, but the server says {told['state']}")

    async def emergency_code(self) -> str:
        """Today's 16 digits, looked up before the phone went dead."""
        told = _body(await self._http.get("/student/emergency-code", headers=self._headers))
        return str(told["code"])


async def bind_all(phones: Sequence[Phone]) -> None:
    """Bind every phone, several at a time."""
    gate = asyncio.Semaphore(BIND_AT_ONCE)

    async def bind(phone: Phone) -> None:
        async with gate:
            await phone.bind()

    async with asyncio.TaskGroup() as group:
        for phone in phones:
            group.create_task(bind(phone))


class Office:
    """The admin at a desk: logs in with password and second factor, hands out enrolment codes."""

    def __init__(self, http: httpx.AsyncClient, admin: Admin) -> None:
        self._http = http
        self._admin = admin
        self._headers: dict[str, str] = {}

    async def log_in(self) -> None:
        """Open a session; the one there is goes on, for a one-time code is good once."""
        if self._headers:
            return
        totp = pyotp.parse_uri(self._admin.otpauth_uri)
        if not isinstance(totp, pyotp.TOTP):
            raise AnswerError("the admin's second factor is no TOTP")
        body = {
            "login": self._admin.login,
            "password": self._admin.password,
            "totp": totp.now(),
        }
        told = _body(await self._http.post("/staff/sessions", json=body))
        self._headers = {"authorization": f"Bearer {told['session']}"}

    async def enrolment(self, name: str, merchant_id: int, group_id: str) -> str:
        """The text of a one-time enrolment code, as the office's screen shows it as a QR."""
        body = {"name": name, "merchant_id": merchant_id, "group_id": group_id}
        told = _body(
            await self._http.post("/admin/terminals/enrolments", json=body, headers=self._headers)
        )
        return str(told["token"])

    async def publish_doors(self, rules: bytes) -> None:
        """Say which doors there are, and whom they let in: the school's first door rules."""
        body = {"after": 0, "rules": json.loads(rules)}
        _body(await self._http.post("/admin/doors", json=body, headers=self._headers))


def _body(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_success:
        told: dict[str, Any] = answer.json()
        return told
    request = answer.request
    raise AnswerError(f"{request.method} {request.url.path}: {answer.status_code} {answer.text}")


def _secrets(told: dict[str, object]) -> PhoneSecrets:
    fields = dict(told)
    for name in ("terminal_secret", "issuer_secret"):
        fields[name] = base64.b64decode(str(fields[name]))
    return PhoneSecrets(**fields)  # type: ignore[arg-type]  # its own checks name what is wrong
