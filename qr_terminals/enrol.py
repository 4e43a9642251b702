"""Enrolling a device: keys are made here, the server learns their public halves once."""

from __future__ import annotations

import base64
import platform
from pathlib import Path

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from campus_code import step_at
from qr_terminals import SOFTWARE
from qr_terminals.client import enrol as send_enrolment
from qr_terminals.config import IDENTITY_FILE, Identity, read_identity
from qr_terminals.disk import HOME_MODE, only_instance, write_whole
from qr_terminals.errors import EnrolmentError, ServerError
from qr_terminals.keys import make_keys
from qr_terminals.uploaded import UPLOADED_FILE, write_uploaded

HEAD = "xm1:"
TOKEN_CHARACTERS_MAX = 128
_TEXTS = ("name", "merchant", "group_id", "school")


def parse_token(text: str) -> tuple[str, str]:
    """Take `xm1:<base_url>|<token>` apart: what the office shows as a QR code."""
    url, bar, token = text.strip().removeprefix(HEAD).partition("|")
    is_url = url.startswith(("http://", "https://"))
    is_token = 0 < len(token) <= TOKEN_CHARACTERS_MAX and token.isprintable()
    if not text.strip().startswith(HEAD) or not bar or not is_url or not is_token:
        raise EnrolmentError(
            "这不是登记码，登记码以 xm1: 开头。",
            "This is not an enrolment code (xm1:address|token).",
        )
    return url.rstrip("/"), token


def enrol(text: str, home: Path, at: int) -> Identity:
    """
    Enrol the device in `home` at Unix second `at`. EnrolmentError when it is enrolled already or
    the server refuses it.
    """
    base_url, token = parse_token(text)
    home.mkdir(mode=HOME_MODE, parents=True, exist_ok=True)
    with only_instance(home):
        if (home / IDENTITY_FILE).exists():
            raise EnrolmentError(
                f"{home} 已经登记过；要换成新终端请用另一个目录。",
                f"{home} is enrolled already; use another folder for another terminal.",
            )
        keys = make_keys(home)
        body = {
            "token": token,
            "signing_key": base64.b64encode(keys.signing_public).decode(),
            "sealing_key": base64.b64encode(keys.sealing_public).decode(),
            "model": platform.machine() or "unknown",
            "software": SOFTWARE,
        }
        try:
            told = send_enrolment(base_url, body)
        except ServerError as error:
            raise EnrolmentError(f"登记失败：{error.zh}", f"Not enrolled: {error.en}") from error
        identity = _identity(base_url, told)
        _go_on(home, told, at)
        write_whole(home / IDENTITY_FILE, identity)
    return read_identity(home)


def _identity(base_url: str, told: dict[str, object]) -> bytes:
    """Check the server's answer and lay it out for the disk."""
    terminal_id, key = told.get("terminal_id"), told.get("server_key")
    is_whole = type(terminal_id) is int and type(key) is str
    if not is_whole or not all(type(told.get(name)) is str for name in _TEXTS):
        raise _no_sense()
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(str(key), validate=True))
    except ValueError as error:
        raise _no_sense() from error
    layout = {name: told[name] for name in (*_TEXTS, "terminal_id", "server_key")}
    return orjson.dumps({**layout, "base_url": base_url})


def _go_on(home: Path, told: dict[str, object], at: int) -> None:
    """
    A new device of a terminal that had another: sequence and chain go on where that one ended, and
    what was shown until now cannot be shown again.
    """
    through, chain = told.get("confirmed_through", 0), told.get("last_hash", "")
    if type(through) is not int or type(chain) is not str:
        raise _no_sense()
    if through > 0:
        write_uploaded(home / UPLOADED_FILE, through, chain, step_at(at))


def _no_sense() -> EnrolmentError:
    return EnrolmentError(
        "服务器的登记回答不完整。", "The server's answer to the enrolment makes no sense."
    )
