"""The demo's phones: a preview to look at, people to hold them, and a lunch that needs neither."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
from rich.console import Console

from backend.domain.wechat_pay_account import WechatPayAccount
from scripts import demo_phones
from scripts.demo_phones import open_phones

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = 30


@dataclass
class Demo:
    """A demo that has eaten and goes on serving."""

    http: httpx.Client
    said: str
    personas: list[dict[str, str]]
    simulator: str

    def login_code(self, openid: str) -> str:
        """What wx.login gives this person's phone."""
        steer = f"{self.simulator}/simulator/login-codes"
        told: str = httpx.post(steer, json={"openid": openid}, trust_env=False).json()["code"]
        return told

    def person(self, persona: str, place: int = 0) -> dict[str, str]:
        """The first or a later one who plays this part."""
        return [one for one in self.personas if one["persona"] == persona][place]

    def get(self, path: str, session: str) -> Any:
        """A GET that must be answered 200."""
        answer = self.http.get(path, headers={"authorization": f"Bearer {session}"})
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """One demo as a person starts it, with a small lunch, ended by Ctrl-C."""
    command = [sys.executable, "-m", "scripts.run", "--people", str(PEOPLE)]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as running:
        assert running.stdout is not None
        said = ""
        while "Ctrl-C" not in said and (line := running.stdout.readline()):
            said += line
        try:
            found = re.search(r"(http://127.0.0.1:\d+)/preview/", said)
            assert found, said
            with httpx.Client(base_url=found[1], trust_env=False) as http:
                personas = http.get("/preview/personas.json").json()
                settings = http.get("/preview/settings.json").json()
                yield Demo(http, said, personas, settings["simulator"])
        finally:
            running.send_signal(signal.SIGINT)
            rest = running.stdout.read()
            running.wait()
    assert running.returncode == 0, said + rest


def test_the_phone_is_there(demo: Demo) -> None:
    page = demo.http.get("/preview/")
    assert page.status_code == 200
    assert "<html" in page.text
    assert [one["persona"] for one in demo.personas] == ["student", "guardian", "staff", "student"]
    assert demo.person("staff")["password"] not in demo.said


def test_the_student_has_weeks_of_meals_and_todays_lunch(demo: Demo) -> None:
    student = demo.person("student")
    body = {"code": student["binding_code"], "wechat_code": demo.login_code(student["openid"])}
    bound = demo.http.post("/student/bindings", json=body)
    assert bound.status_code == 201, bound.text
    session = bound.json()["session"]
    lines = demo.get("/student/payments?limit=50", session)["payments"]
    assert len({line["business_on"] for line in lines}) >= 10
    assert any(line["was_offline"] and line["was_late"] for line in lines)
    assert any(line["returned_fen"] for line in lines)
    assert demo.get("/student/card", session)["spent_fen"] > 0, "nothing was eaten today"
    told = demo.get("/student/spending", session)
    assert sum(month["charged_fen"] for month in told["months"]) > 0
    again = {"wechat_code": demo.login_code(student["openid"])}
    assert demo.http.post("/student/sessions", json=again).status_code == 201


def test_the_guardian_has_two_children(demo: Demo) -> None:
    guardian = demo.person("guardian")
    body = {
        "code": guardian["guardian_code"],
        "wechat_code": demo.login_code(guardian["openid"]),
        "name": guardian["name"],
    }
    bound = demo.http.post("/guardian/bindings", json=body)
    assert bound.status_code == 201, bound.text
    children = demo.get("/guardian/children", bound.json()["session"])["children"]
    shared = {child["name"]: child["sees"] for child in children}
    assert shared == {
        demo.person("student")["name"]: "balance",
        demo.person("student", 1)["name"]: "all",
    }


def test_the_office_looks_somebody_up(demo: Demo) -> None:
    staff, student = demo.person("staff"), demo.person("student")
    body = {
        "login": staff["login"],
        "password": staff["password"],
        "totp": pyotp.TOTP(staff["totp_secret"]).now(),
    }
    session = demo.http.post("/staff/sessions", json=body).json()["session"]
    headers = {"authorization": f"Bearer {session}"}
    found = demo.http.post("/staff/lookups", json={"number": student["number"]}, headers=headers)
    assert found.json()["name"] == student["name"]


async def test_without_node_the_reason_is_said_and_nothing_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # a build that cannot find any node; what is missing is said by the build itself
    monkeypatch.setattr(demo_phones, "BUILD", ["tests.e2e.no_such_build"])
    async with open_phones(tmp_path, Console(width=200)) as phones:
        assert not phones.are_there
        assert phones.environ == {}
    said = capsys.readouterr().out
    assert "no preview of the phones" in said
    assert "no_such_build" in said


async def test_the_wechat_of_the_demo_ends_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_phones, "BUILD", ["compileall", "-q"])  # builds nothing, ends well
    async with httpx.AsyncClient(trust_env=False) as http:
        async with open_phones(tmp_path, Console(quiet=True)) as phones:
            url, pay = (phones.environ[f"XIAOMA_{name}"] for name in ("WECHAT_URL", "PAY_URLS"))
            assert (await http.get(f"{url}/simulator/messages")).status_code == 200
            assert (await http.get(f"{pay}/simulator/orders")).json() == {"orders": []}
            environ = {**phones.environ, "XIAOMA_PUBLIC_URL": "http://127.0.0.1:9"}
            account = WechatPayAccount.read(environ)
            assert account is not None
            assert account.key_file.stat().st_mode & 0o077 == 0
            secret = Path(phones.environ["XIAOMA_WECHAT_SECRET_FILE"])
            assert secret.stat().st_mode & 0o077 == 0
        for gone in (f"{url}/simulator/messages", f"{pay}/simulator/orders"):
            with pytest.raises(httpx.TransportError):
                await http.get(gone)
