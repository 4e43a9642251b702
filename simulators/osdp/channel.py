"""OSDP's secure channel, the peripheral's end: AES-128, session keys, chained MACs."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.base import CipherContext

BLOCK = 16
PADDING = 0x80


class ChannelError(Exception):
    """A cryptogram or a MAC is wrong."""


def base_key(master_key: bytes, unit: bytes) -> bytes:
    """The key of one device: its unit number and the complement, under the master key."""
    return _block(master_key, unit + bytes(255 - byte for byte in unit))


class Channel:
    """One session. `mac_in` and `mac_out` are the last MACs in either direction, whole."""

    def __init__(self, key: bytes, panel_random: bytes, own_random: bytes) -> None:
        self._panel_random, self._own_random = panel_random, own_random
        tail = panel_random[:6] + bytes(8)
        self._encrypt = _block(key, b"\x01\x82" + tail)
        self._mac_1 = _block(key, b"\x01\x01" + tail)
        self._mac_2 = _block(key, b"\x01\x02" + tail)
        self._mac_in = self._mac_out = bytes(BLOCK)
        self.is_open = False

    @property
    def own_cryptogram(self) -> bytes:
        """What proves to the panel that this device has the key."""
        return _block(self._encrypt, self._panel_random + self._own_random)

    def open(self, cryptogram: bytes) -> bytes:
        """Check what the panel proves with; the first MAC. ChannelError when it is wrong."""
        if cryptogram != _block(self._encrypt, self._own_random + self._panel_random):
            raise ChannelError("the panel has another key")
        self._mac_out = _block(self._mac_2, _block(self._mac_1, cryptogram))
        self.is_open = True
        return self._mac_out

    def check(self, raw: bytes, mac: bytes) -> None:
        """Check a command's MAC. ChannelError when it is wrong."""
        self._mac_in = self._chained(raw, self._mac_out)
        if self._mac_in[: len(mac)] != mac or not mac:
            raise ChannelError("a MAC is wrong")

    def sign(self, raw: bytes) -> bytes:
        """The four bytes of a reply's MAC."""
        self._mac_out = self._chained(raw, self._mac_in)
        return self._mac_out[:4]

    def decrypt(self, data: bytes) -> bytes:
        """A command's data in the open."""
        start = bytes(255 - byte for byte in self._mac_out)
        plain = _run(Cipher(algorithms.AES(self._encrypt), modes.CBC(start)).decryptor(), data)
        return plain.rstrip(b"\0").removesuffix(bytes((PADDING,)))

    def _chained(self, raw: bytes, start: bytes) -> bytes:
        if len(raw) % BLOCK:
            raw += bytes((PADDING,)) + bytes(-(len(raw) + 1) % BLOCK)
        head, last = raw[:-BLOCK], raw[-BLOCK:]
        if head:
            first = Cipher(algorithms.AES(self._mac_1), modes.CBC(start))
            start = _run(first.encryptor(), head)[-BLOCK:]
        return _run(Cipher(algorithms.AES(self._mac_2), modes.CBC(start)).encryptor(), last)


def _block(key: bytes, plain: bytes) -> bytes:
    # OSDP makes its keys of single blocks; there is nothing to chain
    return _run(Cipher(algorithms.AES(key), modes.ECB()).encryptor(), plain)  # noqa: S305


def _run(context: CipherContext, data: bytes) -> bytes:
    return context.update(data) + context.finalize()
