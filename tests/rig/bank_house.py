"""A small bank that really listens: books, three dialects by the packers of `banking`, and faults.

It is the tests' own; the bank of the demo will be a simulator.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from bank_gateway.keys import check_value
from bank_gateway.macs import des_encrypt
from tests.rig.banking import ACCOUNT, KEYS, fixed_answer, iso_answer, iso_fields, xml_answer

MASTER = bytes(range(16, 32))
Key = tuple[str, ...]


@dataclass
class BankHouse:
    """Accounts in fen; `moved` by key, `undone` among them. `faults` are used up one by one."""

    dialect: str
    account_fen: int = 1_000_000
    moved: dict[Key, int] = field(default_factory=dict)
    undone: set[Key] = field(default_factory=set)
    asked: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    batches: Counter[str] = field(default_factory=Counter)
    """By terminal."""
    at_once: int = 0
    most_at_once: int = 0
    port: int = 0
    delay_seconds: float = 0.0

    @property
    def kept_fen(self) -> int:
        """What it has taken and not given back."""
        return sum(fen for key, fen in self.moved.items() if key not in self.undone)

    def load(self, key: Key, account: str, fen: int) -> str:
        """00, 14 (no such account), 51 (not enough); a key that was used is 94."""
        if key in self.moved:
            return "94"
        if account != ACCOUNT:
            return "14"
        if self.account_fen - self.kept_fen < fen:
            return "51"
        self.moved[key] = fen
        return "00"

    def undo(self, key: Key, fen: int) -> str:
        """00, 25 (none), 64 (another amount); again is 00 again."""
        if key not in self.moved:
            return "25"
        if self.moved[key] != fen:
            return "64"
        self.undone.add(key)
        return "00"

    def stands(self, key: Key) -> str:
        """00 or 25."""
        return "00" if key in self.moved and key not in self.undone else "25"

    def answer(self, raw: bytes) -> bytes:
        """What it says to a message."""
        return {"iso": self._iso, "fixed": self._fixed, "xml": self._xml}[self.dialect](raw)

    def _iso(self, raw: bytes) -> bytes:
        had = iso_fields(raw)
        kind = had["t"]
        self.asked[kind] += 1
        if kind == "0800":
            self.batches[had[41]] += 1
            wrapped = des_encrypt(MASTER, KEYS.mak)
            block = des_encrypt(MASTER, KEYS.pik) + check_value(KEYS.pik)
            block += wrapped + bytes(8) + check_value(KEYS.mak)
            more = {60: f"00{self.batches[had[41]]:06d}003", 62: block.hex()}
            return iso_answer(raw, "00", more)
        batch = had[60][2:8]
        if int(batch) != self.batches[had[41]] and kind == "0200":
            return iso_answer(raw, "77", account=_account(had))
        key = (had[41], batch, had[11])
        if kind == "0200":
            code = self.load(key, _account(had), int(had[4]))
        else:
            code = self.undo(key, int(had[4]))
        return iso_answer(raw, code, account=_account(had))

    def _fixed(self, raw: bytes) -> bytes:
        business, reference = raw[:6].decode(), raw[30:50].decode()
        self.asked[business] += 1
        body = raw[82:]
        account = body[:21].decode().strip()
        if business == "210100":
            fen = int(body[101:116])
            code = self.load((reference,), account, fen)
        else:
            fen = int(body[37:52])
            code = self.undo((reference,), fen)
        codes = {"00": "0000", "14": "5010", "51": "5001", "25": "5020", "64": "5064", "94": "5094"}
        return fixed_answer(raw, codes[code], account=account, fen=fen)

    def _xml(self, raw: bytes) -> bytes:
        request = ET.fromstring(raw.decode("gb18030").split("?>", 1)[1])  # noqa: S314 - our own
        had = {one.tag: one.text or "" for one in request}
        self.asked[had["TXCODE"]] += 1
        key = (had["WORKDATE"], had["TRACE"])
        if had["TXCODE"] == "LOAD":
            return xml_answer(raw, self.load(key, had["ACCTNO"], int(had["AMOUNT"])))
        if had["TXCODE"] == "QUERY":
            return xml_answer(raw, self.stands(key))
        return xml_answer(raw, self.undo(key, int(had["AMOUNT"])))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until it is hung up or a fault ends it."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                raw = await self._read(reader)
                fault = self.faults.pop(0) if self.faults else ""
                if fault == "ask lost":
                    break
                self.at_once += 1
                self.most_at_once = max(self.most_at_once, self.at_once)
                await asyncio.sleep(self.delay_seconds)
                said = self.answer(raw)
                self.at_once -= 1
                if fault == "answer lost":
                    break
                if fault == "false answer":
                    said = said[:-1] + bytes([said[-1] ^ 1])
                framed = self._framed(said)
                if fault == "half an answer":
                    framed = framed[: len(framed) // 2]
                writer.write(framed)
                await writer.drain()
                if fault or self.dialect != "iso":
                    break
        writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        if self.dialect == "iso":
            return await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
        length = int(await reader.readexactly(6))
        return await reader.readexactly(length - 6 if self.dialect == "fixed" else length)

    def _framed(self, said: bytes) -> bytes:
        if self.dialect == "iso":
            return len(said).to_bytes(2, "big") + said
        return f"{len(said) + (6 if self.dialect == 'fixed' else 0):06d}".encode() + said


@contextlib.asynccontextmanager
async def open_bank(dialect: str) -> AsyncIterator[BankHouse]:
    """A bank that listens on loopback."""
    house = BankHouse(dialect)
    server = await asyncio.start_server(house.serve, "127.0.0.1", 0)
    house.port = server.sockets[0].getsockname()[1]
    try:
        yield house
    finally:
        server.close()
        await server.wait_closed()


def _account(had: dict[int | str, str]) -> str:
    """The witness keeps the half byte that fills an odd number of digits."""
    return had[2][:19]
