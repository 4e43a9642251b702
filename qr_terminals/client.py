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

from campus_code import FIRST_HASH, CampusCodeError, Refusal, open_sealed
from qr_terminals.drill import DrillOrder
from qr_terminals.errors import RevokedError, ServerError, SessionError, VisitOverError
from qr_terminals.keys import DeviceKeys

ANSWER_BYTES_MAX = 15_500_000  # every list whole and as long as it may be, in base64
REQUEST_SECONDS = 10.0
EVENTS_SILENT_SECONDS = 25.0  # the server pings every 10 s
SESSION_CONTEXT = b"session"
NONCE_BYTES = 16
SESSION_KEY_BYTES = 32
_REFUSALS = {one.value: one for one in Refusal}
VISIT_OVER = "visit_over"
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_UNAUTHENTICATED = 401
_FORBIDDEN = 403


@dataclass(frozen=True, slots=True)
class Answer:
    """The server's verdict on one online tap; amounts are fen, zero when declined."""

    is_approved: bool
    reason: str = ""
    evidence: Mapping[str, int | str] | None = None
    nominal_fen: int = 0
    discount_fen: int = 0
    fee_fen: int = 0
    charged_fen: int = 0
    period_id: str = ""
    business_on: int = 0
    class_id: int = 0

    @property
    def refusal(self) -> Refusal | None:
        """The reason as our enum, None for a word newer than this program."""
        return _REFUSALS.get(self.reason)


@dataclass(frozen=True, slots=True)
class UploadOutcome:
    """What became of one uploaded record."""

    sequence: int
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class SyncAnswer:
    """
    The server's time, the documents this terminal lacks, how far the server has records, and the
    drill that this terminal is in.
    """

    server_at: int
    documents: tuple[bytes, ...]
    confirmed_through: int
    drill: DrillOrder | None = None


@dataclass(frozen=True, slots=True)
class DoorEventsHeld:
    """How far the server has a door's events, and their chain's hash there."""

    through: int
    chain: bytes


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
        return _answer(self._send("/terminal/payments", _json(attempt), deadline_seconds))

    def upload(self, record_set: bytes) -> list[UploadOutcome]:
        """Upload a signed set; an outcome for every record of it."""
        reply = self._send(
            "/terminal/records", record_set, REQUEST_SECONDS, kind="application/octet-stream"
        )
        return [_outcome(one) for one in _list(reply, "outcomes")]

    def upload_door_events(self, body: Mapping[str, object]) -> DoorEventsHeld:
        """Upload a set of a door's events; how far the server has them now."""
        reply = self._send("/terminal/door_events", _json(body), REQUEST_SECONDS)
        return DoorEventsHeld(_int(reply, "confirmed_through"), _hash(reply, "last_hash"))

    def sync(self, body: Mapping[str, object]) -> SyncAnswer:
        """Report what is held and how it is; get what is newer."""
        reply = self._send("/terminal/sync", _json(body), REQUEST_SECONDS)
        documents = [_document(one.get("b64")) for one in _list(reply, "documents")]
        return SyncAnswer(
            _int(reply, "server_at"),
            tuple(documents),
            _int(reply, "confirmed_through"),
            _drill(reply.get("drill")),
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
                yield from _events(reply.iter_lines())
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
        token, sealed = reply.get("session"), _document(reply.get("sealed_key"))
        try:
            key = open_sealed(self._keys.sealing, sealed, SESSION_CONTEXT)
        except CampusCodeError as error:
            raise _no_sense("sealed_key") from error
        if type(token) is not str or len(key) != SESSION_KEY_BYTES:
            raise _no_sense("session")
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


def _object(reply: httpx.Response) -> dict[str, Any]:
    if len(reply.content) > ANSWER_BYTES_MAX:
        raise _no_sense("body")
    try:
        loaded = orjson.loads(reply.content)
    except ValueError as error:
        raise _no_sense("body") from error
    if type(loaded) is not dict:
        raise _no_sense("body")
    return loaded


def _int(reply: Mapping[str, Any], name: str) -> int:
    value = reply.get(name)
    if type(value) is not int or value < 0:
        raise _no_sense(name)
    return value


def _hash(reply: Mapping[str, Any], name: str) -> bytes:
    try:
        value = bytes.fromhex(str(reply.get(name)))
    except ValueError as error:
        raise _no_sense(name) from error
    if len(value) != len(FIRST_HASH):
        raise _no_sense(name)
    return value


def _list(reply: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    value = reply.get(name)
    if type(value) is not list or not all(type(one) is dict for one in value):
        raise _no_sense(name)
    return value


def _drill(value: object) -> DrillOrder | None:
    """An older server says nothing of drills."""
    if value is None:
        return None
    if type(value) is not dict:
        raise _no_sense("drill")
    return DrillOrder(_int(value, "id"), _int(value, "seconds"))


def _document(value: object) -> bytes:
    try:
        if type(value) is not str:
            raise _no_sense("b64")
        return base64.b64decode(value, validate=True)
    except ValueError as error:
        raise _no_sense("b64") from error


def _outcome(one: Mapping[str, Any]) -> UploadOutcome:
    outcome, reason = one.get("outcome"), one.get("reason")
    if type(outcome) is not str:
        raise _no_sense("outcome")
    return UploadOutcome(_int(one, "sequence"), outcome, reason if type(reason) is str else "")


def _answer(reply: Mapping[str, Any]) -> Answer:
    outcome = reply.get("outcome")
    if outcome == "declined":
        evidence = reply.get("evidence")
        return Answer(
            is_approved=False,
            reason=str(reply.get("reason", "")),
            evidence=evidence if type(evidence) is dict else {},
        )
    if outcome != "approved":
        raise _no_sense("outcome")
    discount, period_id = reply.get("discount_fen"), reply.get("period_id")
    if type(discount) is not int or type(period_id) is not str:
        raise _no_sense("discount_fen or period_id")
    answer = Answer(
        is_approved=True,
        nominal_fen=_int(reply, "nominal_fen"),
        discount_fen=discount,
        fee_fen=_int(reply, "fee_fen"),
        charged_fen=_int(reply, "charged_fen"),
        period_id=period_id,
        business_on=_int(reply, "business_on"),
        class_id=_int(reply, "class_id"),
    )
    if answer.charged_fen != answer.nominal_fen - answer.discount_fen + answer.fee_fen:
        raise _no_sense("charged_fen")
    return answer


def _events(lines: Iterator[str]) -> Iterator[tuple[str, bytes]]:
    name, data = "message", ""
    for line in lines:
        if line.startswith("event:"):
            name = line.removeprefix("event:").strip()
        elif line.startswith("data:"):
            data += line.removeprefix("data:").strip()
        elif not line and data:
            yield name, _pushed(data)
            name, data = "message", ""


def _pushed(data: str) -> bytes:
    """The document in an event, b"" when it is a wake-up or makes no sense: a sync follows."""
    try:
        told = orjson.loads(data)
        return base64.b64decode(told["document"], validate=True)
    except (ValueError, KeyError, TypeError):
        return b""


def _no_answer(error: Exception) -> ServerError:
    return ServerError("服务器没有回答。", f"The server did not answer ({error!r}).")


def _no_sense(name: str) -> ServerError:
    return ServerError(
        f"服务器的回答不完整（{name}）。", f"The server's answer makes no sense: {name}."
    )
