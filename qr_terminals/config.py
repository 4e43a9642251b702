"""
The settings of one terminal, read once.

A terminal's home folder holds everything: `terminal.json` (written by enrolling: which server,
which terminal), `device.keys`, what the server sent, and the journal. A settings file (TOML) says
the rest; every setting can also be given on the command line.
"""

from __future__ import annotations

import base64
import ipaddress
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from qr_terminals.errors import ConfigError
from qr_terminals.neighbours import MULTICAST_ADDRESS, MULTICAST_PORT
from qr_terminals.readers.camera import COMMAND

IDENTITY_FILE = "terminal.json"
SYNC_SECONDS = 15.0
PATHS = ("serial", "hid", "camera")
READERS_MAX = 8


@dataclass(frozen=True, slots=True)
class Config:
    """
    `home`: the folder. `serial`, `hid`, `camera`: the paths of scanners on serial ports, of
    scanners that are keyboards, and of cameras; `camera_command` is the program that films, with
    `{device}` for the path. `nfc`: a part of the contactless reader's name, "any" for the first
    there is, "" for none. `psam`: a part of the name of the slot with the PSAM, "" for none; `nfc`
    has to be named then, for "any" may be the same slot. `control`: a unix socket for typed lines,
    "" for standard input. `plain`: one JSON line an event instead of the big screen. `amount_fen`:
    an amount asked of everybody until another is typed, 0 for none. `neighbours`: whether to talk
    to the terminals of the same network, by which of this machine's addresses ("": the kernel's
    choice), and at which multicast address and port. `page`: the port of the cashier's page on this
    box, 0 for any, None for no page. `console`: the Textual screen in this text terminal, instead
    of `plain` and the big screen.
    """

    home: Path
    serial: tuple[str, ...] = ()
    hid: tuple[str, ...] = ()
    camera: tuple[str, ...] = ()
    camera_command: str = COMMAND
    nfc: str = ""
    psam: str = ""
    baud_rate: int = 9600
    control: str = ""
    plain: bool = False
    amount_fen: int = 0
    sync_seconds: float = SYNC_SECONDS
    neighbours: bool = True
    neighbours_interface: str = ""
    neighbours_address: str = MULTICAST_ADDRESS
    neighbours_port: int = MULTICAST_PORT
    page: int | None = None
    console: bool = False

    def __post_init__(self) -> None:
        if not 0.1 <= self.sync_seconds <= 3600:
            raise _wrong("sync_seconds", "0.1..3600")
        if not 0 <= self.amount_fen <= 10_000_000:
            raise _wrong("amount_fen", "0..10000000")
        if self.page is not None and not 0 <= self.page <= 65_535:
            raise _wrong("page", "0..65535")
        if self.psam and (self.psam in ("any", self.nfc) or self.nfc in ("", "any")):
            raise _wrong("psam", "a slot's name, beside nfc with another")
        if not 300 <= self.baud_rate <= 921_600:
            raise _wrong("baud_rate", "300..921600")
        if not 1024 <= self.neighbours_port <= 65_535:
            raise _wrong("neighbours_port", "1024..65535")
        if not _is_multicast(self.neighbours_address):
            raise _wrong("neighbours_address", "224.0.0.0..239.255.255.255")
        if self.neighbours_interface and not _is_address(self.neighbours_interface):
            raise _wrong("neighbours_interface", "IPv4")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this terminal is, as the server said when it was enrolled."""

    base_url: str
    terminal_id: int
    name: str
    merchant: str
    group_id: str
    school: str
    server_key: Ed25519PublicKey


def read_config(path: Path | None, told: Mapping[str, Any]) -> Config:
    """Settings from a TOML file, then from the command line; ConfigError names what is wrong."""
    settings: dict[str, Any] = {}
    if path is not None:
        settings = _read_toml(path)
    settings.update({name: value for name, value in told.items() if value is not None})
    known = {one.name for one in fields(Config)}
    for name in settings:
        if name not in known:
            raise ConfigError(f"不认识的设置项 {name}。", f"There is no setting {name}.")
    if "home" not in settings:
        raise ConfigError("没有指定终端目录，请用 --home。", "No home folder is named; use --home.")
    for name in PATHS:
        if name in settings:
            settings[name] = _paths(name, settings[name])
    wanted = {"home": str, "control": str, "plain": bool, "baud_rate": int}
    wanted |= {"amount_fen": int, "neighbours": bool, "neighbours_port": int}
    wanted |= {"neighbours_interface": str, "neighbours_address": str, "page": int}
    wanted |= {"camera_command": str, "nfc": str, "psam": str, "console": bool}
    for name, kind in wanted.items():
        if name in settings and type(settings[name]) is not kind:
            raise _wrong(name, kind.__name__)
    if type(settings.get("sync_seconds", 1.0)) not in (int, float):
        raise _wrong("sync_seconds", "number")
    return Config(**{**settings, "home": Path(settings["home"])})


def read_identity(home: Path) -> Identity:
    """What enrolling wrote; ConfigError when the device is not enrolled."""
    path = home / IDENTITY_FILE
    if not path.exists():
        raise ConfigError(
            f"{home} 里没有已登记的终端，请先运行 enrol。",
            f"{home} holds no enrolled terminal; run enrol first.",
        )
    try:
        told = orjson.loads(path.read_bytes())
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(told["server_key"]))
        return Identity(
            base_url=told["base_url"],
            terminal_id=int(told["terminal_id"]),
            name=told["name"],
            merchant=told["merchant"],
            group_id=told["group_id"],
            school=told["school"],
            server_key=key,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} 已损坏。", f"{path} is damaged: {error!r}.") from error


def _is_address(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def _is_multicast(text: str) -> bool:
    return _is_address(text) and ipaddress.IPv4Address(text).is_multicast


def _paths(name: str, told: object) -> tuple[str, ...]:
    """One path or several, each once."""
    paths: list[object] = told if isinstance(told, list) else [told]
    texts = [path for path in paths if isinstance(path, str) and path]
    if len(texts) < len(paths) or len(texts) > READERS_MAX:
        raise _wrong(name, f"a path, or a list of at most {READERS_MAX}")
    if len(set(texts)) < len(texts):
        raise _wrong(name, "paths that differ")
    return tuple(texts)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"读不到设置文件 {path}。", f"{path} cannot be read: {error}.") from error
    except ValueError as error:
        raise ConfigError(f"设置文件 {path} 有错。", f"{path} is not TOML: {error}.") from error


def _wrong(name: str, wanted: str) -> ConfigError:
    return ConfigError(f"设置项 {name} 应为 {wanted}。", f"The setting {name} must be {wanted}.")
