"""
Speaking to the server: sessions, signed requests, and the answers read strictly.

Every request but the first two carries the session and an HMAC over method, path and body. Answers
are not signed, documents inside them are; nothing secret travels unsealed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import httpx
import orjson

from campus_code import CampusCodeError, Refusal, open_sealed
from qr_terminals.answers import (
    Answer,
    DoorEventsHeld,
    SyncAnswer,
    UploadOutcome,
    no_sense,
    read_answer,
    read_document,
    read_drill,
    read_events,
    read_hash,
    read_int,
    read_list,
    read_outcome,
)
from qr_terminals.errors import (
    LaterError,
    RevokedError,
    ServerError,
    SessionError,
    VisitOverError,
)
from qr_terminals.keys import DeviceKeys

ANSWER_BYTES_MAX = 15_500_000  # every list whole and as long as it may be, in base64
REQUEST_SECONDS = 10.0
EVENTS_SILENT_SECONDS = 25.0  # the server pings every 10 s
SESSION_CONTEXT = b"session"
NONCE_BYTES = 16
SESSION_KEY_BYTES = 32
VISIT_OVER = "visit_over"
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_UNAUTHENTICATED = 401
_FORBIDDEN = 403
_TOO_MANY = 429
_RETRY_AFTER_SECONDS_MAX = 300  # what a terminal lets itself be told


@dataclass(frozen=True, slots=True)
class _Session:
    token: str
    key: bytes


class Client:
    """One terminal's way to the server. Safe to use from several threads."""

    def __init__(
        self,
        base_url: str,
        terminal_id: int,
        keys: DeviceKeys,
        clock: Callable[[], int],
    ) -> None:
        self._terminal_id = terminal_id
        self._keys = keys
        self._clock = clock
        self._http = _http(base_url)
        self._session: _Session | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close every connection; requests on other threads end with a ServerError."""
        self._http.close()

    # ------------------------------------------------------------------------------ requests

    def pay(self, attempt: Mapping[str, object], deadline_seconds: float) -> Answer:
        """Ask for one online tap. ServerError when no verdict came: its outcome is unknown."""
        return read_answer(self._send("/terminal/payments", _json(attempt), deadline_seconds))

    def upload(self, record_set: bytes) -> list[UploadOutcome]:
        """Upload a signed set; an outcome for every record of it."""
        reply = self._send(
            "/terminal/records", record_set, REQUEST_SECONDS, kind="application/octet-stream"
        )
        return [read_outcome(one) for one in read_list(reply, "outcomes")]

    def upload_door_events(self, body: Mapping[str, object]) -> DoorEventsHeld:
        """Upload a set of a door's events; how far the server has them now."""
        reply = self._send("/terminal/door_events", _json(body), REQUEST_SECONDS)
        return DoorEventsHeld(read_int(reply, "confirmed_through"), read_hash(reply, "last_hash"))

    def sync(self, body: Mapping[str, object]) -> SyncAnswer:
        """Report what is held and how it is; get what is newer."""
        reply = self._send("/terminal/sync", _json(body), REQUEST_SECONDS)
        documents = [read_document(one.get("b64")) for one in read_list(reply, "documents")]
        return SyncAnswer(
            read_int(reply, "server_at"),
            tuple(documents),
            read_int(reply, "confirmed_through"),
            read_drill(reply.get("drill")),
            read_int(reply, "shifts_through") if "shifts_through" in reply else 0,
        )

    def events(self) -> Iterator[tuple[str, bytes]]:
        """
        Follow the server's events: (name, document) for a pushed denylist, (name, b"") for a
        wake-up, ("", b"") when connected. Ends with ServerError when the stream does.
        """
        path = "/terminal/events"
        session = self._open_session()
        timeout = httpx.Timeout(REQUEST_SECONDS, read=EVENTS_SILENT_SECONDS)
        headers = self._headers(session, "GET", path, b"")
        try:
            with self._http.stream("GET", path, headers=headers, timeout=timeout) as reply:
                if reply.status_code != httpx.codes.OK:
                    reply.read()
                    self._raise_for(reply)
                yield "", b""
                yield from read_events(reply.iter_lines())
        except httpx.HTTPError as error:
            raise _no_answer(error) from error
        except RuntimeError as error:  # httpx's own word for a client closed by another thread
            raise _no_answer(error) from error
        raise _no_answer(EOFError("the stream ended"))

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        more: Mapping[str, str] = _NO_HEADERS,
    ) -> dict[str, Any]:
        """One signed request of another kind; a query is a part of `path`, `more` are headers."""
        content = b"" if body is None else _json(body)
        return self._send(path, content, REQUEST_SECONDS, method=method, more=more)

    def ask_unsigned(
        self, method: str, path: str, body: Mapping[str, object], more: Mapping[str, str]
    ) -> dict[str, Any]:
        """A request that is not this terminal's: of a member of staff who logs in at it."""
        headers = {**_JSON_HEADERS, **more}
        return self._exchange(method, path, _json(body), headers, REQUEST_SECONDS)

    # ------------------------------------------------------------------------------ sessions

    def _open_session(self) -> _Session:
        with self._lock:
            if self._session is None:
                self._session = self._make_session()
            return self._session

    def _drop_session(self, session: _Session) -> None:
        with self._lock:
            if self._session is session:
                self._session = None

    def _make_session(self) -> _Session:
        at = self._clock()
        nonce = base64.b64encode(secrets.token_bytes(NONCE_BYTES)).decode()
        signed = f"xm-session|{self._terminal_id}|{at}|{nonce}".encode()
        body = {
            "terminal_id": self._terminal_id,
            "at": at,
            "nonce": nonce,
            "signature": base64.b64encode(self._keys.signing.sign(signed)).decode(),
        }
        reply = self._exchange("POST", "/terminal/sessions", _json(body), {}, REQUEST_SECONDS)
        token, sealed = reply.get("session"), read_document(reply.get("sealed_key"))
        try:
            key = open_sealed(self._keys.sealing, sealed, SESSION_CONTEXT)
        except CampusCodeError as error:
            raise no_sense("sealed_key") from error
        if type(token) is not str or len(key) != SESSION_KEY_BYTES:
            raise no_sense("session")
        return _Session(token, key)

    def _send(
        self,
        path: str,
        body: bytes,
        timeout_seconds: float,
        *,
        kind: str = "application/json",
        method: str = "POST",
        more: Mapping[str, str] = _NO_HEADERS,
    ) -> dict[str, Any]:
        for is_last in (False, True):
            session = self._open_session()
            signed = self._headers(session, method, path, body)
            headers = {**more, **signed, "content-type": kind}
            try:
                return self._exchange(method, path, body, headers, timeout_seconds)
            except SessionError:
                self._drop_session(session)
                if is_last:
                    raise
        raise AssertionError  # the loop above returns or raises

    def _headers(self, session: _Session, method: str, path: str, body: bytes) -> dict[str, str]:
        signed = f"{method}\n{path}\n".encode() + body
        mac = hmac.digest(session.key, signed, hashlib.sha256).hex()
        return {"x-terminal": session.token, "x-mac": mac}

    def _exchange(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
        timeout_seconds: float,
    ) -> dict[str, Any]:
        try:
            reply = self._http.request(
                method, path, content=body, headers=dict(headers), timeout=timeout_seconds
            )
        except (httpx.HTTPError, httpx.InvalidURL, RuntimeError) as error:
            raise _no_answer(error) from error
        self._raise_for(reply)
        return _object(reply)

    @staticmethod
    def _raise_for(reply: httpx.Response) -> None:
        if reply.is_success:
            return
        told = _object(reply) if _is_json(reply) else {}
        word = str(told.get("error", ""))
        zh = str(told.get("zh", f"服务器回答 {reply.status_code}。"))
        en = str(told.get("en", f"The server answered {reply.status_code}."))
        if reply.status_code == _TOO_MANY:
            raise LaterError(zh, en, word, _retry_after(reply))
        kind: type[ServerError] = ServerError
        if word == VISIT_OVER:
            kind = VisitOverError
        elif reply.status_code == _UNAUTHENTICATED:
            kind = SessionError
        elif reply.status_code == _FORBIDDEN and word == Refusal.TERMINAL_REVOKED.value:
            kind = RevokedError
        raise kind(zh, en, reply.status_code, word)


def enrol(base_url: str, body: Mapping[str, object]) -> dict[str, Any]:
    """Send an enrolment; the server's answer. ServerError says what went wrong."""
    try:
        with _http(base_url) as http:
            reply = http.post("/terminal/enrolments", content=_json(body), headers=_JSON_HEADERS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _no_answer(error) from error
    Client._raise_for(reply)  # noqa: SLF001
    return _object(reply)


def _http(base_url: str) -> httpx.Client:
    # certificates are loaded only where there are any to check: it takes a tenth of a second
    return httpx.Client(
        base_url=base_url,
        timeout=REQUEST_SECONDS,
        trust_env=False,
        verify=not base_url.startswith("http://"),
    )


_JSON_HEADERS = {"content-type": "application/json"}


def _json(body: Mapping[str, object]) -> bytes:
    return orjson.dumps(body)


def _is_json(reply: httpx.Response) -> bool:
    return str(reply.headers.get("content-type", "")).startswith("application/json")


def _retry_after(reply: httpx.Response) -> int:
    said = str(reply.headers.get("retry-after", ""))
    seconds = int(said) if said.isascii() and said.isdigit() else _RETRY_AFTER_SECONDS_MAX
    return min(seconds, _RETRY_AFTER_SECONDS_MAX)


def _object(reply: httpx.Response) -> dict[str, Any]:
    if len(reply.content) > ANSWER_BYTES_MAX:
        raise no_sense("body")
    try:
        loaded = orjson.loads(reply.content)
    except ValueError as error:
        raise no_sense("body") from error
    if type(loaded) is not dict:
        raise no_sense("body")
    return loaded


def _no_answer(error: Exception) -> ServerError:
    return ServerError("服务器没有回答。", f"The server did not answer ({error!r}).")
