"""
Putting a card into the field of vsmartcard's virtual reader.

Every message is a length (2 bytes) and a body. A body of one byte is the reader's: 0 power off,
1 power on, 2 reset, 4 the ATR is wanted; anything else is a command.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator

from simulators.cards import Silicon

PORT = 0x8C7B
_LENGTH = struct.Struct(">H")
_POWER = (0, 1, 2)
_ATR = 4


@contextlib.contextmanager
def in_field(card: Silicon, port: int = PORT) -> Iterator[None]:
    """Hold a card in the field of the virtual reader on a loopback port."""
    wire = socket.create_connection(("127.0.0.1", port))
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    thread = threading.Thread(target=_serve, args=(wire, card), name="card", daemon=True)
    thread.start()
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            wire.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        wire.close()


def _serve(wire: socket.socket, card: Silicon) -> None:
    with contextlib.suppress(OSError, EOFError):
        while True:
            body = _take(wire, _LENGTH.unpack(_take(wire, _LENGTH.size))[0])
            if len(body) == 1 and body[0] in _POWER:
                card.reset()
                continue
            answer = card.atr if body == bytes((_ATR,)) else card.apdu(body)
            if not answer:  # it was pulled away
                wire.shutdown(socket.SHUT_RDWR)
                return
            wire.sendall(_LENGTH.pack(len(answer)) + answer)


def _take(wire: socket.socket, count: int) -> bytes:
    taken = b""
    while len(taken) < count:
        # the reader sends length and body apart: without this its second half waits 40 ms
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        piece = wire.recv(count - len(taken))
        if not piece:
            raise EOFError
        taken += piece
    return taken
