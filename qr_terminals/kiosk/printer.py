"""
Printing through CUPS: `lp` takes the text on its standard input, so no file is written here.

Whether there is a printer is asked of `lpstat`; without either program, or without a printer,
there is none and the page shows no button.
"""

from __future__ import annotations

import shutil
import subprocess
from typing import Final

from qr_terminals.errors import RequestError

ASK_SECONDS_MAX: Final = 3.0
PRINT_SECONDS_MAX: Final = 10.0
TITLE: Final = "kiosk"
"""What the queue shows of a job: nothing of the person."""
REASON_CHARACTERS_MAX: Final = 120


class Printer:
    """The named printer, or with "" the system's own."""

    def __init__(self, name: str = "") -> None:
        self._name = name

    @property
    def is_there(self) -> bool:
        """Whether something can be printed on."""
        if shutil.which("lp") is None or shutil.which("lpstat") is None:
            return False
        wanted = ["-p", self._name] if self._name else ["-d"]
        try:
            told = _run(["lpstat", *wanted], "", ASK_SECONDS_MAX)
        except (OSError, subprocess.TimeoutExpired):
            return False  # a print system that does not answer prints nothing
        return told.returncode == 0 and "no system default" not in told.stdout

    def print(self, text: str) -> None:
        """Print a slip. RequestError says what is wrong."""
        wanted = ["-d", self._name] if self._name else []
        try:
            told = _run(["lp", *wanted, "-t", TITLE], text, PRINT_SECONDS_MAX)
        except subprocess.TimeoutExpired as error:
            raise _not_printed("打印系统没有回答", "the print system does not answer") from error
        except OSError as error:
            raise _not_printed("找不到 lp 程序", "there is no program lp") from error
        if told.returncode != 0:
            reason = (told.stderr.strip() or f"lp: {told.returncode}").splitlines()[-1]
            raise _not_printed(reason[:REASON_CHARACTERS_MAX], reason[:REASON_CHARACTERS_MAX])


def _run(words: list[str], text: str, seconds: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # fixed words and a printer named in the settings
        words, input=text, capture_output=True, text=True, timeout=seconds, check=False
    )


def _not_printed(zh: str, en: str) -> RequestError:
    return RequestError(502, "not_printed", f"打印失败：{zh}。", f"Printing failed: {en}.")
