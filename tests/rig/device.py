"""A terminal device as the server sees it: its keys, its session, its signed requests."""

from __future__ import annotations

import base64
import hmac
import os
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from campus_code import (
    CardDirectory,
    CardLimits,
    ChipKeys,
    ChipList,
    Denylist,
    DocumentKind,
    DoorList,
    Keyring,
    keys_from_bytes,
    open_document,
    open_sealed,
)
from campus_code.rules import RulesBundle, rules_from_json

EMPTY_HASH = "0" * 64
WORDS = {1: "denylist", 2: "directory", 3: "rules", 5: "keyring"}
WORDS |= {7: "limits", 8: "doors", 9: "chips"}


def b64(raw: bytes) -> str:
    """Base64 as it travels."""
    return base64.b64encode(raw).decode()


@dataclass
class Device:
    """What a device holds. Everything it says goes over real HTTP."""

    signing: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    sealing: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate)
    terminal_id: int = 0
    server_key: Ed25519PublicKey | None = None
    session: str = ""
    session_key: bytes = b""
    rules: RulesBundle | None = None
    keyring: Keyring | None = None
    directory: CardDirectory = field(default_factory=CardDirectory)
    denylist: Denylist = field(default_factory=Denylist)
    limits: CardLimits = field(default_factory=CardLimits)
    chips: ChipList = field(default_factory=ChipList)
    chip_keys: ChipKeys = field(default_factory=ChipKeys)
    doors: DoorList = field(default_factory=DoorList)
    versions: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(
            ("rules", "denylist", "directory", "keyring", "limits", "chips", "doors"), 0
        )
    )

    def enrolment(self, token: str) -> dict[str, object]:
        """The body with which it enrols."""
        return {
            "token": token,
            "signing_key": b64(self.signing.public_key().public_bytes_raw()),
            "sealing_key": b64(self.sealing.public_key().public_bytes_raw()),
            "model": "test",
            "software": "test 1",
        }

    async def enrol(self, http: httpx.AsyncClient, text: str) -> httpx.Response:
        """Enrol with a token's whole text."""
        token = text.partition("|")[2]
        answer = await http.post("/terminal/enrolments", json=self.enrolment(token))
        if answer.status_code == 201:
            body = answer.json()
            self.terminal_id = body["terminal_id"]
            raw = base64.b64decode(body["server_key"])
            self.server_key = Ed25519PublicKey.from_public_bytes(raw)
        return answer

    def opening(self, at: int) -> dict[str, object]:
        """The body with which it opens a session."""
        nonce = b64(os.urandom(16))
        signed = f"xm-session|{self.terminal_id}|{at}|{nonce}".encode()
        return {
            "terminal_id": self.terminal_id,
            "at": at,
            "nonce": nonce,
            "signature": b64(self.signing.sign(signed)),
        }

    async def open_session(self, http: httpx.AsyncClient, at: int) -> httpx.Response:
        """Open a session and keep it."""
        answer = await http.post("/terminal/sessions", json=self.opening(at))
        if answer.status_code == 201:
            body = answer.json()
            self.session = body["session"]
            sealed = base64.b64decode(body["sealed_key"])
            self.session_key = open_sealed(self.sealing, sealed, b"session")
        return answer

    def headers(self, method: str, path: str, body: bytes = b"") -> dict[str, str]:
        """What proves that this device sends exactly this."""
        signed = f"{method}\n{path}\n".encode() + body
        mac = hmac.digest(self.session_key, signed, "sha256").hex()
        return {"x-terminal": self.session, "x-mac": mac}

    async def post(self, http: httpx.AsyncClient, path: str, value: object) -> httpx.Response:
        """A signed request."""
        body = orjson.dumps(value)
        return await http.post(path, content=body, headers=self.headers("POST", path, body))

    def report(self, at: int, **changes: object) -> dict[str, Any]:
        """The body of a sync."""
        beat = {
            "at": at,
            "journal_depth": 0,
            "highest_sequence": 0,
            "journal_hash": EMPTY_HASH,
            "software": "test 1",
            "readiness": {"reader": True, "faults": []},
            "refusals": {},
            "paused": False,
            **changes,
        }
        return {"versions": dict(self.versions), "heartbeat": beat, "confirmed_through": 0}

    async def sync(self, http: httpx.AsyncClient, at: int, **changes: object) -> dict[str, Any]:
        """Sync and take every document; answers the whole body."""
        answer = await self.post(http, "/terminal/sync", self.report(at, **changes))
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        for document in body["documents"]:
            self.take(document["kind"], base64.b64decode(document["b64"]))
        return body

    def take(self, kind: int, raw: bytes) -> None:
        """Check a document as a terminal does and hold it from now on."""
        assert self.server_key is not None
        word = WORDS[kind]
        held = self.versions[word]
        document = open_document(raw, DocumentKind(kind), self.server_key, held)
        if word == "denylist":
            known = len(self.directory) or None
            self.denylist = self.denylist.apply(document.payload, document.version, known)
        elif word == "directory":
            self.directory = self.directory.apply(document.payload, document.version)
        elif word == "limits":
            self.limits = self.limits.apply(document.payload, document.version)
        elif word == "chips":
            self.chips = self.chips.apply(document.payload, document.version)
        elif word == "doors":
            self.doors = self.doors.apply(document.payload, document.version)
        elif word == "rules":
            self.rules = rules_from_json(document.payload)
        else:
            plain = open_sealed(self.sealing, document.payload, b"keyring")
            self.keyring, self.chip_keys = keys_from_bytes(plain)
        self.versions[word] = document.version
