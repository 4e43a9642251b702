r"""
The command line for integrators.

    python -m campus_code issue --terminal-master HEX --issuer-master HEX --epoch 7 \
        --card 20240013 --issue 1 --at 1767225600
    python -m campus_code verify CODE --terminal-master HEX --epoch 7 --at 1767225600
    python -m campus_code emergency --terminal-master HEX --epoch 7 --card 20240013 --issue 1 \
        --on 2026-01-01
    python -m campus_code draw CODE --out FILE.png

Exit status: 0 done or right, 1 refused, 2 bad arguments (one line on standard error).
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import orjson

from campus_code.draw import draw_code
from campus_code.emergency import emergency_code
from campus_code.errors import RefusedError, ShapeError
from campus_code.issue import issue_code
from campus_code.keys import EpochKey, Keyring, phone_secrets
from campus_code.limits import AT_MAX, SECRET_BYTES
from campus_code.verify import verify_code, verify_tac

DONE, REFUSED, BAD_ARGUMENTS = 0, 1, 2


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(BAD_ARGUMENTS, f"campus_code: {' '.join(message.split())}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    try:
        return _COMMANDS[asked.command](asked)
    except RefusedError as error:
        _answer({"result": error.refusal.value, **error.evidence})
        return REFUSED
    except (ShapeError, OSError) as error:
        parser.error(str(error))


def _issue(asked: argparse.Namespace) -> int:
    secrets = phone_secrets(
        _key(asked.epoch, asked.terminal_master),
        _key(asked.epoch, asked.issuer_master),
        asked.card,
        asked.issue,
    )
    print(issue_code(secrets, asked.at))
    return DONE


def _verify(asked: argparse.Namespace) -> int:
    keyring = Keyring((_key(asked.epoch, asked.terminal_master),))
    verified = verify_code(asked.code, keyring, asked.at)
    if asked.issuer_master is not None:
        issuer_keyring = Keyring((_key(asked.epoch, asked.issuer_master),))
        verify_tac(asked.code, verified.step, issuer_keyring, asked.at)
    _answer(
        {
            "result": "ok",
            "card_number": verified.card_number,
            "issue": verified.issue,
            "step": verified.step,
            "offset_seconds": verified.offset_seconds,
        }
    )
    return DONE


def _emergency(asked: argparse.Namespace) -> int:
    key = _key(asked.epoch, asked.terminal_master)
    print(emergency_code(key, asked.card, asked.issue, asked.on))
    return DONE


def _draw(asked: argparse.Namespace) -> int:
    draw_code(asked.code).save(asked.out, format="PNG")
    return DONE


_COMMANDS = {"issue": _issue, "verify": _verify, "emergency": _emergency, "draw": _draw}


def _answer(answer: dict[str, int | str]) -> None:
    print(orjson.dumps(answer).decode())


def _key(epoch: int, master: bytes) -> EpochKey:
    # whoever names the epoch on a command line means it, so the key is valid at all times
    return EpochKey(epoch, 0, AT_MAX + 1, master)


def _parser() -> argparse.ArgumentParser:
    parser = _OneLineParser(prog="campus_code", description="Make, check and draw campus codes.")
    commands = parser.add_subparsers(dest="command", required=True)
    issue = commands.add_parser("issue", help="print the 34 digits of a card at a time")
    verify = commands.add_parser("verify", help="check 34 digits; answers one JSON object")
    emergency = commands.add_parser("emergency", help="print the 8 digits of a card for a date")
    draw = commands.add_parser("draw", help="draw 34 digits as a QR code")
    for command in (verify, draw):
        command.add_argument("code", metavar="CODE")
    for command in (issue, verify, emergency):
        command.add_argument("--terminal-master", type=_master, required=True, metavar="HEX")
        command.add_argument("--epoch", type=_number, required=True)
    for command in (issue, emergency):
        command.add_argument("--card", required=True)
        command.add_argument("--issue", type=_number, required=True)
    for command in (issue, verify):
        is_needed = command is issue
        command.add_argument("--issuer-master", type=_master, required=is_needed, metavar="HEX")
        command.add_argument("--at", type=_number, required=True, help="Unix seconds")
    emergency.add_argument("--on", type=_date, required=True, metavar="YYYY-MM-DD")
    draw.add_argument("--out", type=Path, required=True, metavar="FILE.png")
    return parser


def _master(text: str) -> bytes:
    try:
        master = bytes.fromhex(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("hexadecimal digits are wanted") from error
    if len(master) != SECRET_BYTES:
        raise argparse.ArgumentTypeError(f"{SECRET_BYTES} bytes in hexadecimal are wanted")
    return master


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise argparse.ArgumentTypeError(f"a whole number is wanted, not {text[:40]!r}")
    return int(text)


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"a date is wanted, not {text[:40]!r}") from error


if __name__ == "__main__":
    sys.exit(main())
