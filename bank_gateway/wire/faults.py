"""What can be wrong with bytes that came from a bank."""

from __future__ import annotations


class FrameError(Exception):
    """Bytes that are no message of this dialect; says what is wrong, never what stands in them."""


class SealError(Exception):
    """A message whose MAC or digest is missing or does not fit: it proves nothing."""
