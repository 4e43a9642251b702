"""A holder freezes doors or money apart: a server's, a till's and a door's own processes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson

from backend.domain.access import Actor, Audience, Role
from backend.domain.accounts import SchoolAccount
from backend.domain.times import utc
from backend.gateways.vault import FileVault
from backend.tables.accounts import open_payable, open_purses
from backend.tables.cardholder import CardholderRow
from backend.tables.database import DatabaseUrl, close_tables, open_tables
from backend.tables.ledger import Ledger
from backend.tables.merchant import MerchantRow
from backend.tables.store import make_store
from backend.tables.terminal import TerminalRow
from backend.usecases.bindings.make_binding_code import make_binding_code
from backend.usecases.cards.open_card import open_card
from backend.usecases.doors.publish_doors import publish_doors
from backend.usecases.epochs.open_epochs import open_epochs
from backend.usecases.ledger.credit_purse import credit_purse
from backend.usecases.rules.publish_rules import publish_rules
from backend.usecases.terminals.make_enrolment import make_enrolment
from campus_code import GroupRules, PhoneSecrets, RulesBundle, issue_code, to_json
from qr_terminals.enrol import enrol
from tests.rig.campus import make_rules
from tests.rig.clients import new_client
from tests.rig.doors import door_rules
from tests.rig.listening import RememberingBus
from tests.rig.office import read_secrets
from tests.rig.process import ROOT, ServerProcess, serving, settings

ADMIN = Actor(Audience.STAFF, 1, "tests", role=Role.ADMIN)
GROUP = GroupRules("canteen", "食堂", "Canteen", accepts_outside_periods=True)
AMOUNT_FEN = 500


@dataclass(frozen=True)
class Holder:
    """A person with a bound phone and money."""

    headers: dict[str, str]
    secrets: PhoneSecrets

    def code(self) -> str:
        return issue_code(self.secrets, int(time.time()))


class Machine:
    """One terminal process with a scanner on a pty."""

    def __init__(self, *words: str) -> None:
        self._near, self._far = os.openpty()
        tty.setraw(self._far)
        self._lines: queue.Queue[dict[str, Any]] = queue.Queue()
        port = os.ttyname(self._far)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "qr_terminals", *words[:-1], words[-1], port,
             "--plain", "--sync-seconds", "1"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        self.next("synced")

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(orjson.loads(line))

    def next(self, *words: str) -> dict[str, Any]:
        until = time.monotonic() + 30
        while True:
            line = self._lines.get(timeout=max(until - time.monotonic(), 0.01))
            if line.get("result", line["event"]) in words:
                return line

    def scan(self, text: str) -> str:
        """The word of what was shown for it."""
        os.write(self._near, text.encode() + b"\r\n")
        line = self.next("approved", "admitted", "refused", "fault", "not_ready")
        return str(line.get("reason", line["result"]))

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        self._thread.join(5)
        assert self.process.stdout is not None
        self.process.stdout.close()
        os.close(self._near)
        os.close(self._far)


@contextlib.contextmanager
def machines(*words: tuple[str, ...]) -> Iterator[list[Machine]]:
    started: list[Machine] = []
    try:
        started.extend(Machine(*one) for one in words)
        yield started
    finally:
        for machine in started:
            machine.end()


async def found(url: DatabaseUrl, folder: Path) -> RulesBundle:
    """Rules, keys and a merchant; what the office does before anybody comes."""
    rules = make_rules(groups={"canteen": GROUP})
    vault, bus = FileVault.make(folder / "server.keys"), RememberingBus()
    await open_tables(url)
    await publish_rules(to_json(rules), published_by="tests", at=time.time(), bus=bus)
    await open_epochs(vault, os.urandom, time.time(), bus)
    merchant = await MerchantRow.create(id=1, name="面馆")
    await open_payable(merchant.id)
    return rules


async def new_holder(
    http: httpx.AsyncClient, url: DatabaseUrl, rules: RulesBundle, holder_id: int
) -> Holder:
    at = int(time.time())
    row = await CardholderRow.create(
        id=holder_id, number=f"S{holder_id}", name="x", class_id=1, created_at=utc(at)
    )
    await open_purses(row.id)
    ledger = Ledger(make_store(url), time.time, f"tests{holder_id}")
    await ledger.open()
    await credit_purse(ledger, "cash", SchoolAccount.OPENING, [(row.id, 10 * AMOUNT_FEN)])
    await ledger.close()
    card = await open_card(
        row.id, rules=rules, actor=ADMIN, at=at, randomness=os.urandom, bus=RememberingBus()
    )
    binding = await make_binding_code(card.id, actor=ADMIN, at=at, randomness=os.urandom)
    answer = await http.post("/student/bindings", json={"code": binding.code})
    assert answer.status_code == 201, answer.text
    body = answer.json()
    headers = {"authorization": f"Bearer {body['session']}"}
    return Holder(headers, read_secrets(body["secrets"][0]))


async def new_terminal(server: ServerProcess, rules: RulesBundle, home: Path) -> int:
    made = await make_enrolment(
        home.name, 1, "canteen", rules=rules, actor=ADMIN, at=time.time(), randomness=os.urandom
    )
    code = f"xm1:{server.base_url}|{made.token}"
    identity = await asyncio.to_thread(enrol, code, home, int(time.time()))
    return identity.terminal_id


async def told(terminal_id: int, **versions: int) -> None:
    """Wait until a terminal itself says that it holds these versions."""
    async with asyncio.timeout(30):
        while True:
            row = await TerminalRow.get(id=terminal_id)
            if all(getattr(row, f"{name}_version") >= least for name, least in versions.items()):
                return
            await asyncio.sleep(0.05)


async def test_the_door_refuses_what_the_till_sells_and_the_reverse(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "xiaoma.sqlite3"
    shutil.copyfile(sqlite_template, path)
    url = DatabaseUrl.parse(f"sqlite://{path}")
    till_home, door_home = tmp_path / "till", tmp_path / "door"
    rules = await found(url, tmp_path)
    try:
        with serving(settings(f"sqlite://{path}", tmp_path), tmp_path) as server:
            async with new_client(server.base_url) as http:
                one, other, third = [
                    await new_holder(http, url, rules, number) for number in (1, 2, 3)
                ]
                till = await new_terminal(server, rules, till_home)
                door = await new_terminal(server, rules, door_home)
                doors = await publish_doors(
                    door_rules(door), 0, rules=rules, actor=ADMIN, at=1, bus=RememberingBus()
                )
                with machines(
                    ("--home", str(till_home), "--amount-fen", str(AMOUNT_FEN), "--serial"),
                    ("door", "--home", str(door_home), "--lock", "simulated", "--serial-in"),
                ) as (till_machine, door_machine):
                    for holder, part in ((one, "doors"), (other, "money")):
                        body = {"parts": [part]}
                        answer = await http.post(
                            "/student/freezes", json=body, headers=holder.headers
                        )
                        assert answer.status_code == 201, answer.text
                    await told(door, doors=doors + 1, denylist=1)
                    await told(till, denylist=1)

                    def words(holder: Holder) -> tuple[str, str]:
                        code = holder.code()  # the same one at both: a step is used up at each
                        return till_machine.scan(code), door_machine.scan(code)

                    assert await asyncio.to_thread(words, one) == ("approved", "doors_frozen")
                    assert await asyncio.to_thread(words, other) == ("frozen", "admitted")
                    assert await asyncio.to_thread(words, third) == ("approved", "admitted")
                    answer = await http.get("/student/freezes", headers=one.headers)
                    assert answer.json()["known_by"] == 2

                    async with asyncio.timeout(30):  # his passage is his to see, soon
                        while True:
                            answer = await http.get("/student/passages", headers=third.headers)
                            if answer.json()["passages"]:
                                break
                            await asyncio.sleep(0.1)
                (line,) = answer.json()["passages"]
                assert (line["door"], line["kind"], line["side"]) == ("door", "admitted", "in")
    finally:
        await close_tables()
