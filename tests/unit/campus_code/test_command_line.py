import json
import subprocess
import sys
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from campus_code.__main__ import main
from tests.unit.campus_code.samples import AT, CARD, ISSUER_MASTER, TERMINAL_MASTER, code

MASTER = ["--terminal-master", TERMINAL_MASTER.hex(), "--epoch", "7"]
ISSUER = ["--issuer-master", ISSUER_MASTER.hex()]
ON_CARD = ["--card", CARD, "--issue", "1"]


def test_as_a_program_it_issues_the_published_code() -> None:
    command = [sys.executable, "-m", "campus_code", "issue", *MASTER, *ISSUER, *ON_CARD]
    done = subprocess.run(
        [*command, "--at", str(AT)], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "9072024001301040897646836818487666\n"


def test_verify_answers_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["verify", code(), *MASTER, "--at"]
    assert main([*asked, str(AT)]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "result": "ok",
        "card_number": CARD,
        "issue": 1,
        "step": AT // 15,
        "offset_seconds": 0,
    }
    assert main([*asked, str(AT + 100)]) == 1
    assert json.loads(capsys.readouterr().out) == {"result": "expired", "seconds": 85}
    wrong = code()[:-1] + str((int(code()[-1]) + 1) % 10)
    assert main(["verify", wrong, *MASTER, "--at", str(AT)]) == 0
    assert main(["verify", wrong, *MASTER, *ISSUER, "--at", str(AT)]) == 1
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {
        "result": "wrong_code",
        "which": "tac",
    }
    assert main(["verify", "130000000000000001", *MASTER, "--at", "0"]) == 1
    assert json.loads(capsys.readouterr().out)["wallet"] == "wechat_pay"


def test_epoch_is_absolute_and_shown_by_two_digits(capsys: pytest.CaptureFixture[str]) -> None:
    master = ["--terminal-master", TERMINAL_MASTER.hex(), "--epoch", "2907"]
    assert main(["issue", *master, *ISSUER, *ON_CARD, "--at", str(AT)]) == 0
    assert capsys.readouterr().out.strip() == code()


def test_emergency(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["emergency", *MASTER, *ON_CARD, "--on", "2026-01-01"]) == 0
    assert capsys.readouterr().out == "34161410\n"


def test_draw(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "code.png"
    assert main(["draw", code(), "--out", str(out)]) == 0
    with Image.open(out) as image:
        assert [one.text for one in zxingcpp.read_barcodes(image)] == [code()]
    assert main(["draw", "123", "--out", str(out)]) == 1
    assert json.loads(capsys.readouterr().out) == {"result": "unreadable"}


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dance"],
        ["issue", *MASTER, *ISSUER, *ON_CARD],
        ["issue", *MASTER, *ON_CARD, "--at", "0"],
        ["issue", *MASTER, *ISSUER, "--card", "20240014", "--issue", "1", "--at", "0"],
        ["issue", *MASTER, *ISSUER, "--card", CARD, "--issue", "100", "--at", "0"],
        ["issue", *MASTER, *ISSUER, *ON_CARD, "--at", "-1"],
        ["issue", *MASTER, *ISSUER, *ON_CARD, "--at", "1.5"],
        ["issue", *MASTER, *ISSUER, *ON_CARD, "--at", "\u0661"],
        ["issue", *MASTER, *ISSUER, *ON_CARD, "--at", "99999999999999999999"],
        ["verify", code(), "--terminal-master", "00ff", "--epoch", "7", "--at", "0"],
        ["verify", code(), "--terminal-master", "zz", "--epoch", "7", "--at", "0"],
        ["emergency", *MASTER, *ON_CARD, "--on", "2026-02-30"],
        ["draw", code(), "--out", "/nowhere/at/all.png"],
    ],
)
def test_bad_arguments_are_one_line_and_exit_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("campus_code: ")
    assert said.err.count("\n") == 1
    assert TERMINAL_MASTER.hex() not in said.err
