"""The gateway as a process: its two sides, its keys, its files, and what a kill leaves behind."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import os
import re
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bank_gateway.keys import open_key, seal_key
from bank_gateway.profile_files import SHIPPED
from scripts import environment
from simulators.bank.app import Bank
from simulators.bank.files import file_of, name_of
from simulators.bank.pos import MASTER
from simulators.bank.texts import SHARED
from simulators.databases import free_port
from tests.rig.bank_school import KEY, School
from tests.rig.banking import ACCOUNT

KEK = bytes(range(32))
CAMPUS, BANK_SIDE = "127.0.0.1", "127.0.0.2"
PROFILES = {"pos": "unionpay_pos", "columns": "fixed_digest", "xml": "length_xml"}
WORDS = {"pos": "unionpay-pos", "columns": "fixed-digest", "xml": "length-xml"}
TERMINAL = "00000001"


@dataclass
class House:
    """A school, a bank, and the folder of the gateway between them."""

    folder: Path
    bank: Bank
    school: School
    process: Process | None = None
    url: str = ""

    @property
    def config(self) -> Path:
        return self.folder / "gateway.yaml"

    async def run(self, *arguments: str, said: bytes = b"") -> tuple[int, str]:
        """One deed of the program to its end: status, and all it said."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bank_gateway", *arguments, "--config", str(self.config),
            cwd=environment.ROOT, stdin=PIPE, stdout=PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        out, _ = await process.communicate(said)
        return process.returncode or 0, out.decode()

    async def start(self) -> None:
        """Serve."""
        with (self.folder / "log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bank_gateway", "serve", "--config", str(self.config),
                cwd=environment.ROOT, stdout=PIPE, stderr=log,
            )  # fmt: skip
        assert self.process.stdout is not None
        line = (await asyncio.wait_for(self.process.stdout.readline(), 20)).decode()
        assert "http" in line, (self.folder / "log").read_text("utf-8")
        self.url = "http" + line.strip().partition("http")[2]

    async def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(how)
        return await asyncio.wait_for(self.process.wait(), 20)

    async def ask(
        self, method: str, path: str, body: object = None, key: bytes = KEY
    ) -> httpx.Response:
        raw = b"" if body is None else json.dumps(body).encode()
        at = str(int(time.time()))
        text = f"{method}\n{path}\n{at}\n".encode() + raw
        mac = hmac.new(key, text, hashlib.sha256).hexdigest()
        headers = {"x-xm-at": at, "x-xm-mac": mac}
        async with httpx.AsyncClient(base_url=self.url, timeout=20) as http:
            return await http.request(method, path, content=raw, headers=headers)

    async def load(self, order_id: str, wire: str = "columns", **more: object) -> httpx.Response:
        return await self.ask("POST", "/orders", order(order_id, wire, **more))

    async def until_signed_in(self) -> None:
        """Wait for the sign-ins of the start."""
        terminals: list[dict[str, Any]] = []
        for _ in range(100):
            terminals = (await self.ask("GET", "/state")).json()["terminals"]
            if all(one["is_signed_in"] for one in terminals):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(terminals)

    async def until(self, order_id: str, state: str) -> None:
        told: object = None
        for _ in range(100):
            told = (await self.ask("GET", f"/orders/{order_id}")).json().get("state")
            if told == state:
                return
            await asyncio.sleep(0.1)
        raise AssertionError(told)


def order(order_id: str, wire: str = "columns", **more: object) -> dict[str, object]:
    return {
        "order_id": order_id,
        "verb": "load",
        "bank": WORDS[wire],
        "account": ACCOUNT,
        "card_number": "12345678",
        "name": "张三",
        "amount_fen": 5_000,
        **more,
    }


LIMITS = (
    'limits: {opens: "00:00", closes: "23:59", load_fen_min: 100, load_fen_max: 50000,'
    " day_fen_max: 100000}"
)
OFFSET_HOURS = 12 - datetime.now(UTC).hour
"""At a bank of these tests it is always noon: its hours and its cut-over are far away."""


def always_open(text: str) -> str:
    """The shipped profile with short time-outs, open at any hour a test may run."""
    for pattern, wanted in (
        (r"^limits:.*$", LIMITS),
        (r"^cut_over:.*$", 'cut_over: "23:59"'),
        (r"^utc_offset_hours:.*$", f"utc_offset_hours: {OFFSET_HOURS}"),
        (r"answer_seconds: \d+", "answer_seconds: 1"),
    ):
        text, times = re.subn(pattern, wanted, text, flags=re.MULTILINE)
        assert times == 1, pattern
    return text


def settings(house_ports: dict[str, int], school_port: int) -> dict[str, Any]:
    return {
        "campus": {"host": CAMPUS, "port": 0},
        "server": {"url": f"http://{CAMPUS}:{school_port}", "key_file": "server.key"},
        "journal": "journal.sqlite3",
        "keys": "keys",
        "kek_file": "kek",
        "banks": [
            {
                "profile": f"{PROFILES[wire]}.yaml",
                "host": "127.0.0.1",
                "port": port,
                "local_host": BANK_SIDE,
                "terminals": [
                    {"terminal": TERMINAL, "merchant": "900000000000001", "agent": "300001"}
                ],
                "files": "files",
            }
            for wire, port in house_ports.items()
        ],
    }


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    bank, school = Bank(time.time), School(free_port())
    for wire in PROFILES:
        await bank.listen(wire)
    listening = await school.listen()
    for name, text in (("kek", KEK.hex()), ("server.key", KEY.hex())):
        path = tmp_path / name
        path.touch(mode=0o600)
        path.write_text(text)
    (tmp_path / "files").mkdir()
    for name in PROFILES.values():
        text = (SHIPPED / f"{name}.yaml").read_text(encoding="utf-8")
        (tmp_path / f"{name}.yaml").write_text(always_open(text), encoding="utf-8")
    made = House(tmp_path, bank, school)
    made.config.write_text(yaml.safe_dump(settings(bank.ports, school.port)))
    for name, key in (
        (f"{WORDS['pos']}.{TERMINAL}.key", MASTER),
        (f"{WORDS['columns']}.shared", SHARED),
        (f"{WORDS['xml']}.shared", SHARED),
    ):
        (tmp_path / "keys").mkdir(exist_ok=True)
        (tmp_path / "keys" / name).write_bytes(seal_key(KEK, key, name, os.urandom))
    try:
        yield made
    finally:
        if made.process is not None and made.process.returncode is None:
            await made.end(signal.SIGKILL)
        await bank.close()
        listening.close()
        await listening.wait_closed()


async def test_a_load_goes_through_each_wire_and_into_the_school_s_books(house: House) -> None:
    status, said = await house.run("check")
    assert (status, "can be used" in said) == (0, True)
    await house.start()
    for wire in PROFILES:
        answer = await house.load(f"order-{wire}", wire)
        assert (answer.status_code, answer.json()["state"]) == (200, "booked"), answer.text
        again = await house.load(f"order-{wire}", wire)
        assert again.json() == answer.json()
    assert house.bank.books.kept_fen() == 15_000
    assert sorted(house.school.booked) == ["order-columns", "order-pos", "order-xml"]
    told = house.school.booked["order-pos"]
    assert (told["amount_fen"], told["account_tail"]) == (5_000, ACCOUNT[-4:])
    echo = await house.ask("POST", f"/banks/{WORDS['pos']}/terminals/{TERMINAL}/echo")
    assert echo.json()["result"] == "approved"
    missing = await house.ask("POST", f"/banks/{WORDS['pos']}/terminals/{TERMINAL}/load")
    assert missing.status_code == 404
    state = (await house.ask("GET", "/state")).json()
    assert [one["is_signed_in"] for one in state["terminals"]] == [True] * 3
    assert state["overdue"] == []
    assert await house.end() == 0
    for file in house.folder.rglob("*"):  # journal, log, keys
        if file.is_file():
            assert ACCOUNT.encode() not in file.read_bytes(), file


async def test_only_the_server_is_heard(house: House) -> None:
    await house.start()
    assert (await house.ask("POST", "/orders", order("order-1234"), bytes(32))).status_code == 401
    async with httpx.AsyncClient(base_url=house.url) as http:
        assert (await http.get("/state")).status_code == 401
        old = {"x-xm-at": "1", "x-xm-mac": hmac.new(KEY, b"GET\n/state\n1\n", "sha256").hexdigest()}
        assert (await http.get("/state", headers=old)).status_code == 401
    assert house.bank.books.moves == {}
    for wrong in (
        {"amount_fen": 0},
        {"amount_fen": "5"},
        {"account": "12"},
        {"verb": "gift"},
        {"x": 1},
    ):
        answer = await house.load("order-1234", **wrong)
        assert (answer.status_code, answer.json()["fields"]) == (400, list(wrong))
    assert (await house.load("order-1234", bank="other")).status_code == 422
    assert (await house.ask("GET", "/orders/order-1234")).status_code == 404


async def test_what_the_school_cannot_take_yet_is_told_until_it_can(house: House) -> None:
    house.school.is_away = True
    await house.start()
    assert (await house.load("order-1234")).json()["state"] == "approved"
    await house.end()
    house.school.is_away = False
    await house.start()  # another process goes on with it
    await house.until("order-1234", "booked")
    assert list(house.school.booked) == ["order-1234"]


async def test_a_card_that_is_gone_gets_the_money_back_into_the_account(house: House) -> None:
    house.school.has_card = False
    await house.start()
    await house.load("order-1234")
    await house.until("order-1234", "undone")
    assert house.bank.books.kept_fen() == 0


async def test_a_kill_in_the_middle_of_an_ask_loses_no_fen(house: House) -> None:
    await house.start()
    await house.until_signed_in()  # what is under way below is the load and nothing else
    house.bank.delay_seconds = 0.5
    asking = asyncio.create_task(house.load("order-1234"))
    for _ in range(100):
        await asyncio.sleep(0.02)
        if house.bank.at_once:
            break
    await house.end(signal.SIGKILL)
    with contextlib.suppress(httpx.HTTPError):
        await asking
    await asyncio.sleep(0.6)  # the bank books what it was asked, and nobody hears it
    assert house.bank.books.kept_fen() == 5_000
    house.bank.delay_seconds = 0
    await house.start()
    await house.until("order-1234", "undone")
    assert house.bank.books.kept_fen() == 0
    assert house.school.booked == {}


async def test_yesterday_s_file_is_settled_when_it_comes(house: House) -> None:
    await house.start()
    await house.load("order-1234")
    yesterday = f"{datetime.now(UTC) + timedelta(hours=OFFSET_HOURS - 24):%Y%m%d}"
    name = name_of("columns", yesterday)
    (house.folder / "files" / name).write_bytes(file_of(house.bank.books, "columns", yesterday))
    await house.end()
    await house.start()
    log = ""
    for _ in range(100):
        log = (house.folder / "log").read_text("utf-8")
        if "settled: the bank 0 fen, our books 0" in log:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(log)


@pytest.mark.parametrize(
    "change,what",
    [
        ({"campus": {"host": BANK_SIDE, "port": 0}}, "need addresses of their own"),
        ({"campus": {"host": "0.0.0.0", "port": 0}}, "not every address"),  # noqa: S104 - refused
        ({"campus": {"host": "::", "port": 0}}, "not every address"),
        ({"journal": 5}, "journal"),
        ({"banks": []}, "at least 1"),
        ({"kek_file": "server.key.none"}, "No such file"),
        ({"keys": "nowhere"}, "make it by `keys`"),
    ],
)
async def test_a_gateway_that_is_set_up_wrongly_does_not_start(
    house: House, change: dict[str, object], what: str
) -> None:
    said = yaml.safe_load(house.config.read_text()) | change
    house.config.write_text(yaml.safe_dump(said))
    status, words = await house.run("serve")
    assert (status, what in words) == (2, True), words
    assert "Traceback" not in words


async def test_keys_are_taken_in_parts_and_sealed(house: House) -> None:
    half = os.urandom(16)
    other = bytes(one ^ two for one, two in zip(MASTER, half, strict=True))
    name = f"{WORDS['pos']}.{TERMINAL}.key"
    path = house.folder / "keys" / name
    path.unlink()
    typed = f"{half.hex()}\n{other.hex()}\n".encode()
    status, said = await house.run("keys", WORDS["pos"], TERMINAL, said=typed)
    assert (status, "08D7B4FB" in said) == (0, True), said  # by which two people compare it
    assert MASTER.hex() not in said.lower()
    assert open_key(KEK, path.read_bytes(), name) == MASTER
    assert path.stat().st_mode & 0o077 == 0
    path.unlink()
    status, said = await house.run("keys", WORDS["columns"], said=f"{SHARED.hex()}\n".encode())
    assert status == 0, said
    status, said = await house.run("keys", WORDS["columns"], said=b"not hexadecimal\n")
    assert (status, "Traceback" in said) == (2, False)
    status, said = await house.run(
        "keys", WORDS["pos"], TERMINAL, said=f"{half.hex()}\n\n".encode()
    )
    assert (status, "two components" in said, path.exists()) == (2, True, False)


async def test_a_key_that_others_may_read_is_not_used(house: House) -> None:
    (house.folder / "kek").chmod(0o644)
    status, words = await house.run("check")
    assert (status, "chmod 600" in words) == (2, True)


async def test_one_journal_has_one_process(house: House) -> None:
    await house.start()
    status, words = await house.run("serve")
    assert (status, "another gateway works with it" in words) == (2, True)
