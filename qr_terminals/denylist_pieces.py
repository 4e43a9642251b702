"""
Handing a signed denylist from terminal to terminal, in pieces that fit a datagram.

What is handed on is the document as the server signed it; the terminal that gets it verifies it
like any other, so whoever hands it on need not be believed.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from campus_code.gossip import PIECE_BYTES_MAX, PIECES_MAX, Piece

DOCUMENTS_KEPT: Final = 64
DOCUMENT_BYTES_MAX: Final = PIECE_BYTES_MAX * PIECES_MAX
ASSEMBLIES_MAX: Final = 4


class DenylistShelf:
    """The signed denylists taken since the start: the newest ones, and none that is large."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, tuple[int, bytes]] = OrderedDict()

    def keep(self, version: int, base: int, raw: bytes) -> None:
        """Keep a document that was verified and taken."""
        if len(raw) > DOCUMENT_BYTES_MAX:
            return
        self._kept[version] = base, raw
        while len(self._kept) > DOCUMENTS_KEPT:
            self._kept.popitem(last=False)

    def pieces_after(self, held: int) -> tuple[Piece, ...]:
        """The next document for a terminal that holds version `held`; none when there is none."""
        for version, (base, raw) in reversed(self._kept.items()):
            if version > held and base in (0, held):
                return cut(version, base, raw)
        return ()


class Assembly:
    """Puts pieces together, a few documents at a time, in any order and however often told."""

    def __init__(self) -> None:
        self._parts: OrderedDict[tuple[int, int, int], dict[int, bytes]] = OrderedDict()

    def add(self, piece: Piece) -> bytes | None:
        """The document when this was the last piece that was missing."""
        key = piece.version, piece.base, piece.count
        parts = self._parts.setdefault(key, {})
        parts[piece.index] = piece.content
        if len(parts) == piece.count:
            del self._parts[key]
            return b"".join(parts[index] for index in range(piece.count))
        while len(self._parts) > ASSEMBLIES_MAX:
            self._parts.popitem(last=False)
        return None


def cut(version: int, base: int, raw: bytes) -> tuple[Piece, ...]:
    """A document in pieces."""
    starts = range(0, len(raw), PIECE_BYTES_MAX)
    return tuple(
        Piece(version, base, index, len(starts), raw[start : start + PIECE_BYTES_MAX])
        for index, start in enumerate(starts)
    )
