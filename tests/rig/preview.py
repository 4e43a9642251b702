"""A school with phones in it: the server, the WeChat simulator and the built preview, as processes.

Everybody of its roster has a card and a binding code, and is used by one test only.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
import time
import warnings
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pyotp

from backend.gateways.vault import FileVault
from backend.tables.database import DatabaseUrl, close_tables, open_tables
from backend.usecases.key_board import KeyBoard
from campus_code import Keyring, Verified, verify_code
from scripts.demo_phones import PAY_SETTING
from scripts.environment import ensure_node_modules
from scripts.seed_personas import PERSONAS_FILE
from simulators.databases import free_port
from simulators.lunch.campus import Admin, Handout, Person
from simulators.lunch.people import invent, write_roster
from simulators.lunch.window import Window
from simulators.lunch.witness import Witness
from simulators.wechat.partner import TEMPLATE_SETTINGS
from tests.rig.process import ROOT, ServerProcess, serving, settings

PREVIEW = ROOT / "simulators" / "preview"
PEOPLE = 120
"""Enough for every test, should one process run them all."""
SIMULATOR_SECONDS_MAX = 20.0
TOTP_SECONDS = 30
APP_ID = "wx00000000000000de"
APP_SECRET = "no secret of anybody"


class BuildError(Exception):
    """The mini-program has mistakes; the message holds the build's own lines."""


def build_preview(target: Path, *words: str) -> float:
    """Build the mini-program for browsers; the seconds it took. Raises BuildError."""
    environ = ensure_node_modules(PREVIEW)
    began = time.monotonic()
    done = subprocess.run(
        ["node", str(PREVIEW / "build.mjs"), "--target", str(target), *words],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode != 0:
        raise BuildError(done.stdout + done.stderr)
    return time.monotonic() - began


@dataclass
class School:
    """What a test needs to know: where things are, who there is, and the keys to check codes by."""

    folder: Path
    server: ServerProcess
    simulator_url: str
    pay_url: str
    handout: Handout
    keyring: Keyring
    admin_headers: dict[str, str]
    personas: tuple[dict[str, str], ...]
    environ: Mapping[str, str]
    _people: Iterator[Person] = field(init=False)
    _poor: Iterator[Person] = field(init=False)
    _addresses: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _totp_free_at: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Hand people out one after the other, students first of all; personas are taken."""
        taken = {one.get("number") for one in self.personas}
        free = [one for one in self.handout.people if one.number not in taken]
        free.sort(key=lambda one: one.class_id)
        self._people = iter([one for one in free if one.cash_fen > 0])
        self._poor = iter([one for one in free if one.cash_fen + one.benefit_fen == 0])

    @property
    def preview_url(self) -> str:
        """The folder the phone's pages come from."""
        return f"{self.server.base_url}/preview"

    def person(self) -> Person:
        """Somebody no other test knows, with money and an unused binding code."""
        return next(self._people)

    def poor_person(self) -> Person:
        """The same, with nothing in his purses."""
        return next(self._poor)

    def persona(self, part: str, place: int = 0) -> dict[str, str]:
        """The first or a later of the demo's people who plays this part."""
        return [one for one in self.personas if one["persona"] == part][place]

    async def totp(self, secret: str) -> str:
        """A second factor that was not used yet: each is good once, so this may take 30 s."""
        free_at = self._totp_free_at.get(secret, 0)
        await asyncio.sleep(max(0.0, free_at - time.time()))
        at = max(int(time.time()), free_at)
        self._totp_free_at[secret] = (at // TOTP_SECONDS + 1) * TOTP_SECONDS
        return pyotp.TOTP(secret).at(at)

    def phone_state(self) -> dict[str, str]:
        """What a new phone is told: where WeChat is, and who it is logged in there."""
        openid = f"openid-{next(self._addresses)}"
        return {"simulator": self.simulator_url, "pay": self.pay_url, "openid": openid}

    def address(self) -> str:
        """A network address no other phone has: the server counts attempts by address."""
        number = next(self._addresses)
        return f"10.30.{number // 256}.{number % 256}"

    def verify(self, digits: str, at: float | None = None) -> Verified:
        """What a terminal would make of a code at Unix second `at`, now by default."""
        return verify_code(digits, self.keyring, int(time.time() if at is None else at))

    def office(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Something the admin does at a desk; the answer. It must be permitted."""
        url, headers = f"{self.server.base_url}{path}", self.admin_headers
        answer = httpx.request(method, url, json=body, headers=headers, trust_env=False)
        assert answer.is_success, answer.text
        return answer.json()

    @contextmanager
    def worker(self) -> Iterator[None]:
        """The worker at its jobs."""
        command = [sys.executable, "-m", "backend.worker"]
        with (self.folder / "worker.log").open("wb") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=self.environ, stderr=log)
            try:
                yield
            finally:
                process.terminate()
                process.wait(timeout=30)

    @asynccontextmanager
    async def window(self) -> AsyncIterator[Window]:
        """A terminal process of the first place, enrolled and taking scans."""
        folder = self.folder / f"window-{next(self._addresses)}"
        folder.mkdir()
        place = self.handout.places[0]
        wish = {"name": folder.name, "merchant_id": place.merchant_id, "group_id": place.group_id}
        made = self.office("POST", "/admin/terminals/enrolments", wish)
        window = Window(0, place, folder, Witness())
        await window.enrol(made["token"])
        await window.start()
        try:
            yield window
        finally:
            await window.stop()


@contextmanager
def open_school(folder: Path) -> Iterator[School]:
    """Migrate, seed and serve a school with a built preview and a WeChat of its own."""
    url = f"sqlite://{folder / 'xiaoma.sqlite3'}"
    built = folder / "preview"
    build_preview(built)
    _run("backend.migrate", url)
    with (folder / "roster.csv").open("w", encoding="utf-8") as roster:
        write_roster(invent(PEOPLE), roster)
    _run("scripts.seed", url, "--folder", str(folder), "--roster", str(folder / "roster.csv"))
    _run("scripts.seed_personas", url, "--folder", str(folder))
    secret_file = folder / "wechat.secret"
    secret_file.touch(mode=0o600)
    secret_file.write_text(APP_SECRET, encoding="utf-8")
    with _wechat(folder, secret_file) as simulator_url, _wechat_pay(folder) as pay:
        environ = settings(
            url,
            folder,
            **pay,
            XIAOMA_PREVIEW=str(built),
            XIAOMA_TRUSTED_PROXIES="127.0.0.1/32",
            XIAOMA_WECHAT_APP_ID=APP_ID,
            XIAOMA_WECHAT_SECRET_FILE=str(secret_file),
            XIAOMA_WECHAT_URL=simulator_url,
            **TEMPLATE_SETTINGS,
            XIAOMA_PERSONAS=str(folder / PERSONAS_FILE),
        )
        environ["XIAOMA_PUBLIC_URL"] = f"http://127.0.0.1:{environ['XIAOMA_PORT']}"
        with serving(environ, folder) as server:
            keyring = asyncio.run(_read_keyring(url, folder))
            handout = Handout.read(folder)
            personas = json.loads((folder / PERSONAS_FILE).read_text(encoding="utf-8"))
            headers = _log_in(server, handout.admin)
            yield School(
                folder,
                server,
                simulator_url,
                pay["XIAOMA_PAY_URLS"],
                handout,
                keyring,
                headers,
                tuple(personas),
                environ,
            )


def _log_in(server: ServerProcess, admin: Admin) -> dict[str, str]:
    """One session for all tests: a second factor is taken once in 30 seconds."""
    totp = pyotp.parse_uri(admin.otpauth_uri)
    assert isinstance(totp, pyotp.TOTP)
    body = {"login": admin.login, "password": admin.password, "totp": totp.now()}
    answer = httpx.post(f"{server.base_url}/staff/sessions", json=body, trust_env=False)
    assert answer.status_code == 201, answer.text
    return {"authorization": f"Bearer {answer.json()['session']}"}


def _run(module: str, *words: str) -> None:
    command = [sys.executable, "-m", module, *words]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, f"{module}:\n{done.stdout}{done.stderr}"


@contextmanager
def _wechat(folder: Path, secret_file: Path) -> Iterator[str]:
    port = free_port()
    words = ["--port", str(port), "--app-id", APP_ID, "--secret-file", str(secret_file)]
    url = f"http://127.0.0.1:{port}"
    with _simulator("wechat", words, folder) as process:
        _wait_for(f"{url}/simulator/messages", process)
        yield url


@contextmanager
def _wechat_pay(folder: Path) -> Iterator[dict[str, str]]:
    """A WeChat Pay with one merchant; the settings of a server that uses it."""
    port = free_port()
    words = ["--port", str(port), "--app-id", APP_ID, "--folder", str(folder / "pay")]
    with _simulator("wechat_pay", words, folder) as process:
        _wait_for(f"http://127.0.0.1:{port}/simulator/clock", process)
        said = (folder / "wechat_pay.log").read_text(encoding="utf-8")
        yield dict(PAY_SETTING.findall(said))


@contextmanager
def _simulator(name: str, words: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", f"simulators.{name}", *words],
            cwd=ROOT,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SIMULATOR_SECONDS_MAX
    while True:
        try:
            httpx.get(url, trust_env=False)
        except httpx.TransportError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"a simulator did not start: {url}") from error
            time.sleep(0.05)
        else:
            return


async def _read_keyring(url: str, folder: Path) -> Keyring:
    """The terminals' keyring, read where the server keeps it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        await open_tables(DatabaseUrl.parse(url))
        try:
            board = KeyBoard(FileVault(folder / "server.keys"))
            await board.refresh()
        finally:
            await close_tables()
    return board.terminal
