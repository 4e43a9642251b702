"""The phone says what the server and the terminal say."""

import subprocess
import sys
from pathlib import Path

import pytest

import campus_code as cc
from scripts import make_refusals

ROOT = Path(__file__).resolve().parents[2]


def check() -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "make_refusals.py"), "--check"]
    return subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)


def test_the_file_is_what_the_script_writes() -> None:
    done = check()
    assert done.returncode == 0, done.stdout + done.stderr


def test_another_sentence_is_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stale = tmp_path / "refusals.ts"
    stale.write_text(make_refusals.contents().replace("卡已冻结", "卡冻结了"), "utf-8")
    monkeypatch.setattr(make_refusals, "TARGET", stale)
    monkeypatch.setattr(sys, "argv", ["make_refusals.py", "--check"])
    assert make_refusals.main() == 1


@pytest.mark.parametrize("refusal", list(cc.Refusal), ids=lambda refusal: refusal.value)
def test_every_refusal_is_there_with_both_sentences(refusal: cc.Refusal) -> None:
    text = make_refusals.contents()
    assert f"  {refusal.value}: {{\n" in text
    assert f'"{refusal.zh}"' in text
    assert f'"{refusal.en}"' in text


def test_the_seconds_stand_where_python_puts_them() -> None:
    text = make_refusals.contents()
    assert 'seconds: { zh: "（快 {seconds} 秒）", en: " (Ahead by {seconds} s.)" }' in text
