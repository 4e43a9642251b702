"""The two programs an office begins with: the first admin, and the roster."""

from __future__ import annotations

import asyncio
import base64
import io
import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pyotp
import pytest
import zxingcpp
from PIL import Image

from backend.domain.login import totp_context
from backend.gateways.vault import FileVault
from backend.tables.cardholder import CardholderRow
from backend.tables.database import DatabaseUrl, close_tables, open_tables
from backend.tables.staff import StaffRow
from backend.usecases.rules.publish_rules import publish_rules
from campus_code import to_json
from scripts import create_admin, import_roster
from tests.rig.campus import NOON, make_rules
from tests.rig.listening import RememberingBus

PASSWORD = "a long enough pass phrase"
CSV = "number,name,department,class\nS1,张[red]三,院,学生\nS2,=1+1,院,1\n"
Answer = TypeVar("Answer")


@pytest.fixture
def console(migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment of somebody at the server's console; a private folder."""
    monkeypatch.setenv("XIAOMA_DATABASE", migrated_url)
    monkeypatch.setenv("XIAOMA_KEY_FILE", str(tmp_path / "server.keys"))
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    return tmp_path


def ask(question: Callable[[], Awaitable[Answer]]) -> Answer:
    """Ask the database while no program has it open."""

    async def asked() -> Answer:
        try:
            await open_tables(DatabaseUrl.parse(os.environ["XIAOMA_DATABASE"]))
            return await question()
        finally:
            await close_tables()

    return asyncio.run(asked())


def make(folder: Path, login: str = "admin") -> int:
    picture = str(folder / "totp.png")
    arguments = ["--login", login, "--name", "管理员", "--password-stdin", "--png", picture]
    return create_admin.main(arguments)


def test_the_first_admin_gets_a_second_factor(
    console: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make(console) == 0
    said = capsys.readouterr().out
    (uri,) = re.findall(r"otpauth://\S+", said)
    totp = pyotp.parse_uri(uri)
    (staff,) = ask(StaffRow.all)
    assert (staff.role, staff.login, staff.is_active) == ("admin", "admin", True)
    secret = FileVault(console / "server.keys").open(staff.totp_secret, totp_context("admin"))
    assert base64.b32decode(totp.secret) == secret
    with Image.open(console / "totp.png") as picture:
        (read,) = zxingcpp.read_barcodes(picture)
    assert read.text == uri
    assert (console / "totp.png").stat().st_mode & 0o777 == 0o600
    assert "█" in said
    assert PASSWORD not in said


def test_there_is_one_first_admin(console: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert make(console) == 0
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    assert make(console, "second") == create_admin.EXIT_REFUSED
    assert len(ask(StaffRow.all)) == 1


def test_a_weak_first_password_is_refused(
    console: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("weak\n"))
    assert make(console) == create_admin.EXIT_REFUSED
    assert "password: 10..128 characters" in capsys.readouterr().err
    assert ask(StaffRow.all) == []


async def publish() -> None:
    rules = to_json(make_rules())
    await publish_rules(rules, published_by="tests", at=NOON, bus=RememberingBus())


def test_a_roster_is_imported_and_the_wrong_lines_named(
    console: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(publish)
    file = console / "名册.csv"
    file.write_text(CSV, encoding="gbk")
    assert import_roster.main([str(file)]) == import_roster.EXIT_REFUSED
    said = capsys.readouterr().out
    assert "3, name, 以公式符号开头 · begins like a formula" in said
    assert "没有写入 · nothing written" in said
    assert ask(CardholderRow.all) == []
    assert import_roster.main([str(file), "--good-lines", "--cards"]) == import_roster.EXIT_REFUSED
    assert "新增 added 1" in capsys.readouterr().out
    assert [row.name for row in ask(CardholderRow.all)] == ["张[red]三"]
    file.write_text("".join(CSV.splitlines(keepends=True)[:2]), encoding="utf-8-sig")
    assert import_roster.main([str(file)]) == 0
    assert "不变 unchanged 1" in capsys.readouterr().out


def test_what_cannot_start_says_why(console: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert import_roster.main([str(console / "none.csv")]) == import_roster.EXIT_CANNOT
    assert "none.csv" in capsys.readouterr().err
    file = console / "roster.csv"
    file.write_text(CSV, encoding="utf-8")
    assert import_roster.main([str(file)]) == import_roster.EXIT_CANNOT
    assert "No rules bundle" in capsys.readouterr().err
