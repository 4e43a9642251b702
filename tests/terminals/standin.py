"""
A stand-in for the server: the true wire with true signatures, and faults on request.

It keeps what a server must keep: what was posted under each sequence, and who sent something else
under the same one. Standard library only, one thread a connection.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.server
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from campus_code import (
    FIRST_HASH,
    Keyring,
    RecordKind,
    RefusedError,
    TerminalRecord,
    business_day,
    chain_hash,
    open_record_set,
    seal_to,
    verify_code,
    verify_tac,
)
from tests.terminals.campus import FIXED_FEN, Campus
from tests.terminals.door_books import DoorBooks

TOKEN = "let-me-in"
TERMINAL_ID = 17


@dataclass
class Standin:
    """What the server knows. Tests turn the switches and read the books."""

    campus: Campus
    group_id: str = "fixed"
    # switches
    is_live: bool = False
    is_down: bool = False
    hang_seconds: float = 0.0
    drops_payment_answers: bool = False
    refuses_uploads: bool = False
    asks_to_wait_seconds: int = 0
    is_revoked: bool = False
    decline: str = ""
    forgets_through: int | None = None
    shifts_through: int | None = None
    drill: dict[str, int] | None = None
    # books
    signing_key: bytes = b""
    sealing_key: bytes = b""
    documents: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    online: dict[int, dict[str, Any]] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    records: dict[int, TerminalRecord] = field(default_factory=dict)
    outcomes: list[tuple[int, str]] = field(default_factory=list)
    uploads: int = 0
    doors: DoorBooks = field(default_factory=DoorBooks)
    through: int = 0
    hash: bytes = FIRST_HASH
    heartbeats: list[dict[str, Any]] = field(default_factory=list)
    session_keys: dict[str, bytes] = field(default_factory=dict)
    wrong_macs: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _pushes: list[bytes] = field(default_factory=list)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        standin = self

        class Handler(_Handler):
            owner = standin

        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    @property
    def at(self) -> int:
        """The server's clock: the campus's fixed second, or the real one."""
        return int(time.time()) if self.is_live else self.campus.at

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def close(self) -> None:
        self._stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=5)

    def publish(self, kind: str, version: int, raw: bytes) -> None:
        """Have a document for the next sync."""
        with self._lock:
            self.documents[kind] = (version, raw)

    def push(self, name: str, version: int, raw: bytes = b"") -> None:
        """Send an event to whoever listens."""
        data: dict[str, object] = {"version": version}
        if raw:
            data["document"] = base64.b64encode(raw).decode()
        with self._lock:
            self._pushes.append(
                b"event: " + name.encode() + b"\ndata: " + orjson.dumps(data) + b"\n\n"
            )

    # ---------------------------------------------------------------------------- the books

    def charged(self) -> dict[int, int]:
        """Fen by sequence after reversals: what the cardholders have really paid."""
        with self._lock:
            fen = {n: one["charged_fen"] for n, one in self.online.items()}
            for sequence, record in self.records.items():
                if record.kind is RecordKind.PAYMENT:
                    fen[sequence] = record.charged_fen
            for record in self.records.values():
                if record.kind is RecordKind.REVERSAL:
                    fen.pop(record.reverses, None)
            return fen

    def conflicts(self) -> list[int]:
        return [sequence for sequence, outcome in self.outcomes if outcome == "conflict"]

    # ------------------------------------------------------------------------------ routes

    def enrol(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if body["token"] != TOKEN:
            return 404, _error("unknown_enrolment", "没有这个登记码。", "No such token.")
        self.signing_key = base64.b64decode(body["signing_key"])
        self.sealing_key = base64.b64decode(body["sealing_key"])
        for kind, raw in zip(
            ("rules", "keyring", "directory"), self.campus.documents(self.sealing_key), strict=True
        ):
            self.publish(kind, 1, raw)
        return 201, {
            "terminal_id": TERMINAL_ID,
            "name": "一号窗口",
            "merchant": "面食",
            "group_id": self.group_id,
            "server_key": base64.b64encode(
                self.campus.server_key.public_key().public_bytes_raw()
            ).decode(),
            "school": "示范大学",
            "confirmed_through": self.through,
            "last_hash": self.hash.hex(),
        }

    def open_session(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        signed = f"xm-session|{body['terminal_id']}|{body['at']}|{body['nonce']}".encode()
        key = Ed25519PublicKey.from_public_bytes(self.signing_key)
        key.verify(base64.b64decode(body["signature"]), signed)
        token, session_key = secrets.token_hex(16), secrets.token_bytes(32)
        self.session_keys[token] = session_key
        sealed = seal_to(
            X25519PublicKey.from_public_bytes(self.sealing_key), session_key, b"session"
        )
        return 201, {
            "session": token,
            "sealed_key": base64.b64encode(sealed).decode(),
            "expires_at": int(time.time()) + 3600,
            "server_at": self.at,
        }

    def pay(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        assert set(body) <= {
            "sequence",
            "credential",
            "credential_kind",
            "asked_fen",
            "pin",
            "challenge",
        }
        sequence = body["sequence"]
        with self._lock:
            self.asked.append(body)
            if self.decline:
                return 200, {"outcome": "declined", "reason": self.decline, "evidence": {}}
            if sequence not in self.online:
                refusal = self._wrong(body["credential"])
                if refusal:
                    return 200, {"outcome": "declined", "reason": refusal, "evidence": {}}
                fen = body["asked_fen"] or FIXED_FEN
                self.online[sequence] = {"charged_fen": fen, "credential": body["credential"]}
            fen = self.online[sequence]["charged_fen"]
        return 200, {
            "outcome": "approved",
            "payment_id": sequence,
            "nominal_fen": fen,
            "discount_fen": 0,
            "fee_fen": 0,
            "charged_fen": fen,
            "class_id": 1,
            "period_id": "day",
            "business_on": business_day(self.at, self.campus.rules()),
        }

    def _wrong(self, credential: str) -> str:
        if len(credential) == 16:
            return ""
        try:
            found = verify_code(credential, self.campus.keyring, self.at)
            verify_tac(credential, found.step, Keyring((self.campus.issuer_key,)), self.at)
        except RefusedError as error:
            return str(error.refusal.value)
        return ""

    def post_records(self, raw: bytes) -> tuple[int, dict[str, Any]]:
        if self.refuses_uploads:
            return 500, _error("internal", "出错了。", "Broken.")
        if self.asks_to_wait_seconds:
            return 429, _error("uploads_wait", "请稍后再传。", "Send these again later.")
        record_set = open_record_set(raw, Ed25519PublicKey.from_public_bytes(self.signing_key))
        assert record_set.terminal_id == TERMINAL_ID
        with self._lock:
            self.uploads += 1
            if record_set.records[0].sequence > self.through + 1:
                return 409, _error("journal_gap", "缺少流水。", "Records are missing.")
            outcomes = [self._post(one, record_set.previous_hash) for one in record_set.records]
            self.outcomes += [(one["sequence"], one["outcome"]) for one in outcomes]
        return 200, {
            "outcomes": outcomes,
            "confirmed_through": self.through,
            "last_hash": self.hash.hex(),
        }

    def _post(self, record: TerminalRecord, previous: bytes) -> dict[str, Any]:
        sequence, outcome = record.sequence, "posted"
        known = self.records.get(sequence)
        if known is not None:
            outcome = "repeated" if known == record else "conflict"
        else:
            if sequence == self.through + 1:
                self.hash = chain_hash(self.hash, record.to_bytes())
                self.through = sequence
            if sequence in self.online and record.kind is RecordKind.PAYMENT:
                is_same = self.online[sequence]["charged_fen"] == record.charged_fen
                outcome = "repeated" if is_same else "conflict"
            self.records[sequence] = record
        return {"sequence": sequence, "outcome": outcome}

    def post_door_events(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.refuses_uploads:
            return 500, _error("internal", "出错了。", "Broken.")
        with self._lock:
            return 200, self.doors.take(body)

    def sync(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        with self._lock:
            self.heartbeats.append(body)
            if self.forgets_through is not None:
                self._forget(self.forgets_through)
            lacking = [
                {"kind": 0, "b64": base64.b64encode(raw).decode()}
                for kind, (version, raw) in self.documents.items()
                if body["versions"][kind] < version
            ]
        return 200, {
            "server_at": self.at,
            "documents": lacking,
            "confirmed_through": self.through,
            "wake_version": 0,
            "drill": self.drill,
            **({} if self.shifts_through is None else {"shifts_through": self.shifts_through}),
        }

    def _forget(self, through: int) -> None:
        """The database was restored from an older backup."""
        self.forgets_through = None
        self.records = {n: one for n, one in self.records.items() if n <= through}
        self.through, self.hash = through, FIRST_HASH
        for number in range(1, through + 1):
            self.hash = chain_hash(self.hash, self.records[number].to_bytes())


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: Standin

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        owner = self.owner
        if owner.is_down:
            self.close_connection = True
            return
        status, reply = self._route(body)
        if self.path == "/terminal/payments":
            if owner.hang_seconds:
                time.sleep(owner.hang_seconds)
            if owner.drops_payment_answers:
                self.close_connection = True
                return
        self._reply(status, reply)

    def _route(self, body: bytes) -> tuple[int, dict[str, Any]]:
        owner = self.owner
        ways_in = {
            "/terminal/enrolments": owner.enrol,
            "/terminal/sessions": owner.open_session,
        }
        if self.path in ways_in:
            return ways_in[self.path](orjson.loads(body))
        if not self._is_signed("POST", body):
            return 401, _error("no_session", "没有会话。", "No session.")
        if owner.is_revoked:
            return 403, _error("terminal_revoked", "终端已停用。", "The terminal is revoked.")
        if self.path == "/terminal/records":
            return owner.post_records(body)
        if self.path == "/terminal/door_events":
            return owner.post_door_events(orjson.loads(body))
        signed = {"/terminal/payments": owner.pay, "/terminal/sync": owner.sync}
        return signed[self.path](orjson.loads(body))

    def do_GET(self) -> None:
        owner = self.owner
        if owner.is_down or not self._is_signed("GET", b""):
            self._reply(401, _error("no_session", "没有会话。", "No session."))
            return
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        self.close_connection = True
        self.wfile.write(b": ping\n\n")
        sent = 0
        while not owner._stopping.is_set() and not owner.is_down:
            for event in owner._pushes[sent:]:
                self.wfile.write(event)
                sent += 1
            self.wfile.flush()
            time.sleep(0.01)

    def _is_signed(self, method: str, body: bytes) -> bool:
        key = self.owner.session_keys.get(self.headers.get("x-terminal", ""))
        if key is None:
            return False
        signed = f"{method}\n{self.path}\n".encode() + body
        wanted = hmac.digest(key, signed, hashlib.sha256).hex()
        if hmac.compare_digest(wanted, self.headers.get("x-mac", "")):
            return True
        self.owner.wrong_macs += 1
        return False

    def _reply(self, status: int, reply: dict[str, Any]) -> None:
        raw = orjson.dumps(reply)
        self.send_response(status)
        self.send_header("content-type", "application/json; charset=utf-8")
        self.send_header("content-length", str(len(raw)))
        if status == 429:
            self.send_header("retry-after", str(self.owner.asks_to_wait_seconds))
        self.end_headers()
        try:
            self.wfile.write(raw)
        except OSError:  # the terminal stopped waiting
            self.close_connection = True


def _error(word: str, zh: str, en: str) -> dict[str, Any]:
    return {"error": word, "zh": zh, "en": en, "evidence": {}}
