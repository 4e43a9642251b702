"""Where one message ends: the length before it, with hard limits."""

from __future__ import annotations

from bank_gateway.profile import Framing
from bank_gateway.wire.faults import FrameError


def framed(framing: Framing, message: bytes) -> bytes:
    """The message with its length before it. Raises FrameError: longer than the profile allows."""
    length = len(message) + (framing.width if framing.counts_itself else 0)
    if framing.width + len(message) > framing.bytes_max:
        raise FrameError(f"a message of {len(message)} bytes, more than the profile allows")
    if framing.kind == "binary":
        return length.to_bytes(framing.width, "big") + message
    return f"{length:0{framing.width}d}".encode() + message


class Framer:
    """Cuts what comes in into messages. Feed it as it comes; a fault ends the connection."""

    def __init__(self, framing: Framing) -> None:
        """Nothing has come yet."""
        self._framing = framing
        self._held = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that are whole now, without their lengths.

        Raises FrameError: a length that is none, or more than the profile allows.
        """
        self._held += data
        whole = []
        while (end := self._end()) is not None and len(self._held) >= end:
            whole.append(bytes(self._held[self._framing.width : end]))
            del self._held[:end]
        return whole

    @property
    def is_amid(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._held)

    def _end(self) -> int | None:
        """Where the message that stands first ends; None while its length is not here."""
        width = self._framing.width
        if len(self._held) < width:
            return None
        head = bytes(self._held[:width])
        if self._framing.kind == "binary":
            length = int.from_bytes(head, "big")
        elif head.isdigit():
            length = int(head)
        else:
            raise FrameError("the length before a message is not in digits")
        end = length if self._framing.counts_itself else width + length
        if not width < end <= self._framing.bytes_max:
            raise FrameError(f"a message of {length} bytes is not one of this profile")
        return end
