"""
What the server has given this terminal: rules, denylist, directory, limits, doors, chips, keys.

A new document replaces an older one only when it is signed by the server's key, newer, and whole;
otherwise the old one stays in force. What is held is kept in one file a kind, merged (deltas are
applied), under a MAC of the device's own. The keyring stays sealed to the device key on disk.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from campus_code import (
    CardDirectory,
    CardLimits,
    ChipKeys,
    ChipList,
    Denylist,
    DocumentError,
    DocumentFault,
    DocumentKind,
    DoorList,
    Keyring,
    RulesBundle,
    ShapeError,
    keys_from_bytes,
    open_document,
    open_sealed,
    pack_chips,
    pack_denylist,
    pack_directory,
    pack_doors,
    pack_limits,
    rules_from_json,
)
from campus_code.denylist import denylist_base
from qr_terminals.denylist_pieces import DenylistShelf
from qr_terminals.disk import write_whole
from qr_terminals.keys import DeviceKeys

KEYRING_CONTEXT = b"keyring"
_MAGIC = b"XMH1"
_HEAD = struct.Struct(">4sBQQ")
_MAC_BYTES = 32
_KIND_AT = 4  # where a document's envelope says its kind
_FILES = {
    DocumentKind.RULES: "rules.held",
    DocumentKind.DENYLIST: "denylist.held",
    DocumentKind.CARD_DIRECTORY: "directory.held",
    DocumentKind.KEYRING: "keyring.held",
    DocumentKind.LIMITS: "limits.held",
    DocumentKind.DOORS: "doors.held",
    DocumentKind.CHIPS: "chips.held",
}
_WORDS = {
    DocumentKind.RULES: "rules",
    DocumentKind.DENYLIST: "denylist",
    DocumentKind.CARD_DIRECTORY: "directory",
    DocumentKind.KEYRING: "keyring",
    DocumentKind.LIMITS: "limits",
    DocumentKind.DOORS: "doors",
    DocumentKind.CHIPS: "chips",
}


@dataclass(frozen=True, slots=True)
class Held:
    """Everything held at one moment, a value: `rules` and `keyring` may not be there yet."""

    rules: RulesBundle | None = None
    denylist: Denylist = field(default_factory=Denylist)
    directory: CardDirectory = field(default_factory=CardDirectory)
    keyring: Keyring | None = None
    rules_version: int = 0
    keyring_version: int = 0
    issued_at: int = 0
    limits: CardLimits = field(default_factory=CardLimits)
    doors: DoorList = field(default_factory=DoorList)
    chips: ChipList = field(default_factory=ChipList)
    chip_keys: ChipKeys = field(default_factory=ChipKeys)

    @property
    def versions(self) -> dict[str, int]:
        """The versions as a sync reports them."""
        return {
            "rules": self.rules_version,
            "denylist": self.denylist.version,
            "directory": self.directory.version,
            "keyring": self.keyring_version,
            "limits": self.limits.version,
            "doors": self.doors.version,
            "chips": self.chips.version,
        }


class Holdings:
    """The documents on disk and in memory. `now` is one attribute: readers take it once a tap."""

    def __init__(
        self,
        home: Path,
        keys: DeviceKeys,
        server_key: Ed25519PublicKey,
        *,
        has_psam: bool = False,
    ) -> None:
        self.home = home
        self.has_psam = has_psam
        self._sealing = keys.sealing
        self._mac_key = keys.derive("holdings")
        self._server_key = server_key
        self._lock = threading.Lock()
        self.faults: dict[str, str] = {}
        self.denylists = DenylistShelf()
        self._wanted_whole: set[DocumentKind] = set()
        self.now = Held()
        for kind in (
            DocumentKind.RULES,
            DocumentKind.KEYRING,
            DocumentKind.CARD_DIRECTORY,
            DocumentKind.DENYLIST,
            DocumentKind.LIMITS,
            DocumentKind.DOORS,
            DocumentKind.CHIPS,
        ):
            self._load(kind)

    def take(self, raw: bytes) -> DocumentKind:
        """
        Take over a document. DocumentError: it is not taken, the old one stays.

        A document of a version already held is stale, which the caller may ignore. A full disk does
        not keep a freeze out: it is in force, and `faults` says that a restart will forget it.
        """
        with self._lock:
            kind = _kind_of(raw)
            document = open_document(raw, kind, self._server_key, self._version(kind))
            fresh = self._apply(kind, document.version, document.payload)
            fresh = replace(fresh, issued_at=max(fresh.issued_at, document.issued_at))
            self.now = fresh
            self._wanted_whole.discard(kind)
            if kind is DocumentKind.DENYLIST:
                self.denylists.keep(document.version, denylist_base(document.payload), raw)
            payload = _merged(kind, fresh, document.payload)
            try:
                self._store(kind, document.version, document.issued_at, payload)
                self.faults.pop(_FILES[kind], None)
            except OSError as error:
                self.faults[_FILES[kind]] = f"not kept on disk: {error}"
            return kind

    def refuse(self, raw: bytes, error: DocumentError) -> None:
        """Note that a document was not taken; one that changes another list is asked for whole."""
        try:
            kind = _kind_of(raw)
        except DocumentError:
            self.faults["document"] = str(error)
            return
        self.faults[_FILES[kind]] = str(error)
        if error.why is DocumentFault.WRONG_BASE:
            self._wanted_whole.add(kind)

    def versions(self) -> dict[str, int]:
        """The versions to report: 0 for what is to come whole."""
        versions = self.now.versions
        for kind in self._wanted_whole:
            versions[_WORDS[kind]] = 0
        if self._has_wrong_chip_keys():
            versions["keyring"] = 0
        return versions

    def _version(self, kind: DocumentKind) -> int:
        held = self.now.versions[_WORDS[kind]]
        # the keyring held came before this program, or the school, knew chips: the same again does
        return held - 1 if kind is DocumentKind.KEYRING and self._has_wrong_chip_keys() else held

    def _has_wrong_chip_keys(self) -> bool:
        """Whether it lacks one the rules need; beside a PSAM, whether it has any at all."""
        rules = self.now.rules
        if self.has_psam:
            return bool(self.now.chip_keys.kinds)
        if rules is None or not self.now.keyring_version:
            return False
        return not {one.kind for one in rules.nfc.chips} <= self.now.chip_keys.kinds

    def _apply(self, kind: DocumentKind, version: int, payload: bytes) -> Held:
        held = self.now
        if kind is DocumentKind.DENYLIST:
            known = len(held.directory) or None
            return replace(held, denylist=held.denylist.apply(payload, version, known))
        if kind is DocumentKind.CARD_DIRECTORY:
            return replace(held, directory=held.directory.apply(payload, version))
        if kind is DocumentKind.LIMITS:
            return replace(held, limits=held.limits.apply(payload, version))
        if kind is DocumentKind.DOORS:
            return replace(held, doors=held.doors.apply(payload, version))
        if kind is DocumentKind.CHIPS:
            return replace(held, chips=held.chips.apply(payload, version))
        if kind is DocumentKind.KEYRING:
            plain = open_sealed(self._sealing, payload, KEYRING_CONTEXT)
            keyring, chip_keys = keys_from_bytes(plain)
            return replace(held, keyring=keyring, chip_keys=chip_keys, keyring_version=version)
        rules = _as_document(lambda: rules_from_json(payload))
        return replace(held, rules=rules, rules_version=version)

    def _store(self, kind: DocumentKind, version: int, issued_at: int, payload: bytes) -> None:
        body = _HEAD.pack(_MAGIC, kind, version, issued_at) + payload
        mac = hmac.digest(self._mac_key, body, hashlib.sha256)
        write_whole(self.home / _FILES[kind], body + mac)

    def _load(self, kind: DocumentKind) -> None:
        path = self.home / _FILES[kind]
        if not path.exists():
            return
        raw = path.read_bytes()
        try:
            version, issued_at, payload = self._check_held(kind, raw)
            fresh = self._apply(kind, version, payload)
        except DocumentError as error:
            # not held then: the next sync reports version 0 and gets it whole
            self.faults[path.name] = str(error)
            return
        self.now = replace(fresh, issued_at=max(fresh.issued_at, issued_at))

    def _check_held(self, kind: DocumentKind, raw: bytes) -> tuple[int, int, bytes]:
        body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        wanted = hmac.digest(self._mac_key, body, hashlib.sha256)
        if len(body) < _HEAD.size or not hmac.compare_digest(mac, wanted):
            raise DocumentError(DocumentFault.BAD_SIGNATURE, f"{_FILES[kind]} was changed")
        magic, found, version, issued_at = _HEAD.unpack_from(body)
        if magic != _MAGIC or found != kind:
            raise DocumentError(DocumentFault.WRONG_KIND, f"{_FILES[kind]} holds another kind")
        return version, issued_at, body[_HEAD.size :]


def _kind_of(raw: bytes) -> DocumentKind:
    try:
        kind = DocumentKind(raw[_KIND_AT])
    except (IndexError, ValueError) as error:
        raise DocumentError(DocumentFault.MALFORMED, "no document of a known kind") from error
    if kind not in _FILES:
        raise DocumentError(DocumentFault.WRONG_KIND, f"{kind.name} is nothing a terminal holds")
    return kind


def _merged(kind: DocumentKind, held: Held, payload: bytes) -> bytes:
    """What to keep on disk: a list that was changed is kept whole."""
    if kind is DocumentKind.DENYLIST:
        # taken over by share already; on disk the same list must load again
        return pack_denylist(held.denylist, is_mass=True)
    if kind is DocumentKind.CARD_DIRECTORY:
        return pack_directory(held.directory)
    if kind is DocumentKind.LIMITS:
        return pack_limits(held.limits)
    if kind is DocumentKind.DOORS:
        return pack_doors(held.doors.rules, held.doors)
    if kind is DocumentKind.CHIPS:
        return pack_chips(held.chips)
    return payload


def _as_document(read: Callable[[], RulesBundle]) -> RulesBundle:
    try:
        return read()
    except ShapeError as error:
        raise DocumentError(DocumentFault.MALFORMED, str(error)) from error
