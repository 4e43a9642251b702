"""
`journal.uploaded`: the last record the server has answered for, in a file beside the journal.

So a journal that comes back shorter, or not at all, never uses a sequence twice.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import orjson

from qr_terminals.disk import write_whole

UPLOADED_FILE = "journal.uploaded"


class Uploaded(NamedTuple):
    """A sequence the server has, the chain's hash there, and the last step used until then."""

    sequence: int
    chain: bytes
    step: int


def read_uploaded(path: Path) -> Uploaded | None:
    """What was noted, None when nothing was. OSError, ValueError, KeyError, TypeError: damaged."""
    if not path.exists():
        return None
    layout = orjson.loads(path.read_bytes())
    return Uploaded(int(layout["sequence"]), bytes.fromhex(layout["hash"]), int(layout["step"]))


def write_uploaded(path: Path, sequence: int, chain_hex: str, step: int) -> None:
    """
    Note the last record the server answered for.

    Enrolling writes it too, so that a new device goes on where the old one of this terminal ended.
    """
    write_whole(path, orjson.dumps({"sequence": sequence, "hash": chain_hex, "step": step}))
