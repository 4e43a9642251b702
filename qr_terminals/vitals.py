"""How a terminal is, told to the server with each heartbeat and to whoever asks for its status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from campus_code import ChipKind
from qr_terminals.parts import TerminalParts
from qr_terminals.readers import Reader
from qr_terminals.readers.nfc import NfcReader
from qr_terminals.readers.psam import PsamSlot
from qr_terminals.readiness import Readiness
from qr_terminals.state import Mode, TillState
from qr_terminals.sync import Health
from qr_terminals.till import Till

_TAKES_NOTHING = (Mode.FAULT, Mode.REVOKED)


@dataclass(frozen=True, slots=True)
class Vitals:
    """A terminal at one moment, as far as it can be told to others."""

    parts: TerminalParts
    till: Till
    state: TillState
    readers: Sequence[Reader]
    readiness: Readiness


def health_of(vitals: Vitals) -> Health:
    """What the heartbeat says."""
    parts, till, state = vitals.parts, vitals.till, vitals.state
    held, clock, has_room = parts.holdings.now, parts.clock, parts.journal.has_room
    neighbours = parts.neighbours
    is_paused = till.gate.paused_until(clock.rough()) is not None
    return Health(
        is_paused=is_paused or not has_room or state.mode in _TAKES_NOTHING,
        is_drilled=till.drill.is_on(parts.clock.boot_now()),
        readiness={
            **_readers_told(vitals),
            "readers_away": [one.name for one in vitals.readers if not one.is_connected],
            "rules": held.rules is not None,
            "trust": till.trust(),
            **_crowd_told(parts),
            **till.drill.readiness(),
            "lease_over": state.lock_view == "lease_over",
            "keyring": held.keyring is not None,
            "clock": clock.now() is not None,
            "writes": state.mode is not Mode.FAULT,
            "room": has_room,
            "faults": sorted(parts.holdings.faults),
            **({"neighbours": None} if neighbours is None else neighbours.readiness()),
            "training": state.is_training,
            "score": vitals.readiness.score,
            "worst": vitals.readiness.worst,
        },
    )


def status_of(vitals: Vitals) -> dict[str, object]:
    """What is said to whoever stands before it and asks."""
    parts, till = vitals.parts, vitals.till
    return {
        "mode": vitals.state.mode.value,
        "score": vitals.readiness.score,
        "worst": vitals.readiness.worst,
        "sequence": parts.journal.sequence,
        "journal_depth": parts.journal.depth(),
        "confirmed_through": parts.journal.confirmed_through(),
        "versions": parts.holdings.now.versions,
        "sync_age_seconds": till.sync_age_seconds(),
        "trust": till.trust(),
        "asks_server": till.asks_server(),
        "clock": parts.clock.now() is not None,
        **_crowd_told(parts),
        **_readers_told(vitals),
        "readers": {one.name: one.is_connected for one in vitals.readers},
        "faults": dict(parts.holdings.faults),
        "neighbours": None if parts.neighbours is None else parts.neighbours.status(),
        "troubles": [
            {"sequence": one.sequence, "outcome": one.outcome, "reason": one.reason}
            for one in parts.journal.troubles()
        ],
    }


def _readers_told(vitals: Vitals) -> dict[str, object]:
    """Whether the readers are there; one for cards may be missing and codes are taken."""
    cards = [one.is_connected for one in vitals.readers if isinstance(one, NfcReader)]
    psams = [one for one in vitals.readers if isinstance(one, PsamSlot)]
    is_card = (NfcReader, PsamSlot)
    codes = [one.is_connected for one in vitals.readers if not isinstance(one, is_card)]
    rules = vitals.parts.holdings.now.rules
    weak = None if rules is None else rules.nfc.of(ChipKind.CLASSIC, 0)
    told: dict[str, object] = {"reader": all(codes)}
    if cards:
        told["nfc"] = all(cards)
    if psams:  # without it, or without a key for each kind, those chips are refused
        wanted = set() if rules is None else {one.kind for one in rules.nfc.chips}
        told["psam"] = all(one.is_connected and wanted <= one.kinds for one in psams)
    if weak is not None:  # an alert until it is over: anybody can copy such a chip
        told["classic_until"] = weak.ends_on
    return told


def _crowd_told(parts: TerminalParts) -> dict[str, object]:
    """By how many seconds the phones correct its clock, and whether it is off by more than that."""
    seconds, is_beyond = parts.clock.crowd()
    return {"crowd_seconds": seconds, "crowd_beyond": is_beyond}
