"""The school's server as the bank gateway sees it: one route that checks and books, by hand."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

KEY = bytes(range(64, 96))
CAMPUS = "127.0.0.1"


@dataclass
class School:
    """The server's side as the gateway sees it: it checks each request's MAC by itself."""

    port: int
    booked: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: int = 0
    is_away: bool = False
    has_card: bool = True

    async def listen(self) -> asyncio.Server:
        """Serve on loopback."""
        return await asyncio.start_server(self.serve, CAMPUS, self.port)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, and hang up."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        fields = dict(
            line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line
        )
        body = await reader.readexactly(int(fields.get("content-length", "0")))
        status = self.answer(head.partition(" HTTP/")[0], fields, body)
        writer.write(
            f"HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()
        )
        await writer.drain()
        writer.close()

    def answer(self, asked: str, fields: dict[str, str], body: bytes) -> int:
        """The status it answers with; it reckons the MAC by itself."""
        method, path = asked.split(" ")
        text = f"{method}\n{path}\n{fields['x-xm-at']}\n".encode() + body
        if hmac.new(KEY, text, hashlib.sha256).hexdigest() != fields["x-xm-mac"]:
            return 401
        self.told += 1
        if self.is_away:
            return 503
        if not self.has_card:
            return 409
        told = json.loads(body)
        self.booked.setdefault(told["order_id"], told)
        return 200
