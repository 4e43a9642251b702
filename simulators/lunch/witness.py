"""The witness: what was presented, what every screen showed, and what ought to have happened.

It writes down and never asks. Its notes are the only thing the books are compared with, and they
can be kept in a file, so that the same books can be read again later.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NOTES_FILE = "lunch.json"
SCAN_HASH_DIGITS = 16


def scan_hash(text: str) -> str:
    """How a terminal's screen line names what was scanned."""
    return hashlib.sha256(text.encode()).hexdigest()[:SCAN_HASH_DIGITS]


@dataclass(frozen=True, slots=True)
class Intent:
    """One thing held in front of one scanner.

    `step` is the code's absolute step, or YYYYMMDD for an emergency code; `card_number` is "" for
    what is nobody's. `asked_fen` is the typed amount, None where the price is the rules'.
    """

    window: int
    scan: str
    at: int
    card_number: str = ""
    issue: int = 0
    step: int = 0
    class_id: int = 0
    asked_fen: int | None = None
    is_emergency: bool = False


@dataclass(frozen=True, slots=True)
class Display:
    """A success that a screen showed: the terminal's own number for it, and the amount."""

    window: int
    sequence: int
    scan: str
    charged_fen: int
    was_online: bool


@dataclass(slots=True)
class Notes:
    """
    Everything the witness knows. For window w, `terminals[w]` is the number the server gave it,
    `groups[w]` the group of rules it works by, `kills[w]` how often it was killed.
    """

    terminals: list[int] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    kills: list[int] = field(default_factory=list)
    intents: list[Intent] = field(default_factory=list)
    displays: list[Display] = field(default_factory=list)
    voids: list[tuple[int, int]] = field(default_factory=list)
    refusals: Counter[tuple[int, str]] = field(default_factory=Counter)
    borne: dict[tuple[int, int], str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        """Keep the notes in a folder."""
        told = {
            "terminals": self.terminals,
            "groups": self.groups,
            "kills": self.kills,
            "intents": [dataclasses.asdict(one) for one in self.intents],
            "displays": [dataclasses.asdict(one) for one in self.displays],
            "voids": self.voids,
            "refusals": [[*key, count] for key, count in self.refusals.items()],
            "borne": [[*key, why] for key, why in self.borne.items()],
            "faults": self.faults,
        }
        (folder / NOTES_FILE).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Notes:
        """Read notes that were kept."""
        told = json.loads((folder / NOTES_FILE).read_text(encoding="utf-8"))
        return cls(
            terminals=told["terminals"],
            groups=told["groups"],
            kills=told["kills"],
            intents=[Intent(**one) for one in told["intents"]],
            displays=[Display(**one) for one in told["displays"]],
            voids=[(window, sequence) for window, sequence in told["voids"]],
            refusals=Counter({(w, reason): count for w, reason, count in told["refusals"]}),
            borne={(w, sequence): why for w, sequence, why in told["borne"]},
            faults=told["faults"],
        )


class Witness:
    """Takes notes while the lunch runs."""

    def __init__(self) -> None:
        self.notes = Notes()
        self._shown: dict[tuple[int, int], Display] = {}

    def presents(self, intent: Intent) -> None:
        """Somebody holds something in front of a scanner."""
        self.notes.intents.append(intent)

    def fault(self, sentence: str) -> None:
        """Something went otherwise than it ought to; the lunch fails."""
        self.notes.faults.append(sentence)

    def expects_loss(self, display: Display, reason: str) -> None:
        """The school, not the cardholder, will have to bear this payment."""
        self.notes.borne[display.window, display.sequence] = reason

    def sees(self, window: int, line: Mapping[str, Any]) -> None:
        """A line on a window's screen."""
        match line.get("result"):
            case "approved":
                self._sees_success(window, line)
            case "voided":
                self.notes.voids.append((window, line["reverses"]))
            case "refused":
                if not line.get("again"):
                    self.notes.refusals[window, line["reason"]] += 1
            case "fault" | "revoked" | "not_ready" as result:
                self.fault(f"窗口 window {window + 1}: {result} {line.get('en', '')}")

    def display_of(self, window: int, scan: str) -> Display | None:
        """The success a window showed for a scan, or None."""
        for display in self.notes.displays:
            if display.window == window and display.scan == scan:
                return display
        return None

    def _sees_success(self, window: int, line: Mapping[str, Any]) -> None:
        display = Display(
            window, line["sequence"], line["scan"], line["charged_fen"], line["online"]
        )
        before = self._shown.setdefault((window, display.sequence), display)
        if before is display:
            self.notes.displays.append(display)
            if line.get("again"):
                self.fault(f"窗口 window {window + 1}: “again” before it was shown first")
        elif before != display:
            self.fault(f"窗口 window {window + 1}: one sequence shown with two contents: {display}")
