"""What a box is to be: a till, a door, or a kiosk. Each has a program of its own and its unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from qr_terminals.config import Config
from qr_terminals.doors.program import read_lock
from qr_terminals.errors import ConfigError
from qr_terminals.kiosk.program import PORT as KIOSK_PORT

SETTINGS_FILE: Final = "terminal.toml"


class Role(StrEnum):
    """The word after `--as`."""

    TILL = "till"
    DOOR = "door"
    KIOSK = "kiosk"


UNITS: Final[Mapping[Role, str]] = {
    Role.TILL: "xiaoma-terminal.service",
    Role.DOOR: "xiaoma-door.service",
    Role.KIOSK: "xiaoma-kiosk.service",
}
TITLES: Final[Mapping[Role, str]] = {
    Role.TILL: "校码终端 Xiaoma terminal",
    Role.DOOR: "校码门禁 Xiaoma door",
    Role.KIOSK: "校码自助机 Xiaoma kiosk",
}
DOOR_ONLY: Final = ("lock", "serial_in", "serial_out", "contact")
KIOSK_ONLY: Final = ("printer",)
TILL_ONLY: Final = ("hid", "camera", "camera_command", "psam", "amount_fen")
WITHOUT: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.TILL: (*DOOR_ONLY, *KIOSK_ONLY),
    Role.DOOR: (*TILL_ONLY, *KIOSK_ONLY, "serial", "nfc", "page"),
    Role.KIOSK: (*TILL_ONLY, *DOOR_ONLY),
}
"""What the command line may not say for each."""


@dataclass(frozen=True, slots=True)
class Task:
    """
    One box's program: the words after `-m qr_terminals`, the devices it opens, and the port of the
    page that a screen on this box shows, None for none. A till reads its settings from a file.
    """

    role: Role
    words: tuple[str, ...]
    devices: tuple[str, ...] = ()
    page: int | None = None

    @property
    def unit(self) -> str:
        """The name of its systemd unit."""
        return UNITS[self.role]


def till_task(config: Config) -> Task:
    """A till's: everything is in its settings."""
    devices = (*config.serial, *config.hid, *config.camera)
    settings = str(config.home / SETTINGS_FILE)
    return Task(Role.TILL, ("--config", settings), devices, config.page)


def read_task(role: Role, told: Mapping[str, Any], config: Config) -> Task:
    """What the command line asks for. ConfigError for what is not of this role, or missing."""
    for name in WITHOUT[role]:
        if told.get(name) not in (None, ""):
            option = "--" + name.replace("_", "-")
            raise ConfigError(
                f"--as {role} 没有 {option} 这一项。", f"{option} is not for --as {role}."
            )
    if role is Role.DOOR:
        return _door(told, config)
    return _kiosk(told, config) if role is Role.KIOSK else till_task(config)


def _door(told: Mapping[str, Any], config: Config) -> Task:
    lock = told.get("lock") or ""
    if not lock:
        raise ConfigError(
            "门要给出 --lock，例如 relay:/dev/ttyUSB0。", "A door needs --lock, relay:PORT say."
        )
    port = read_lock(lock).port
    named = {name: told.get(name) or "" for name in ("serial_in", "serial_out", "contact")}
    words = ["door", "--home", str(config.home), "--lock", lock, "--plain"]
    for name, one in named.items():
        words += ["--" + name.replace("_", "-"), one] if one else []
    words += ["--control", config.control]
    devices = tuple(one for one in (named["serial_in"], named["serial_out"], port) if one)
    return Task(Role.DOOR, tuple(words), (*devices, *filter(None, (named["contact"],))))


def _kiosk(told: Mapping[str, Any], config: Config) -> Task:
    port = KIOSK_PORT if config.page is None else config.page
    if len(config.serial) > 1:
        raise ConfigError("自助机只用一支扫码枪。", "A kiosk has one scanner.")
    words = ["kiosk", "--home", str(config.home), "--port", str(port)]
    for name, one in (("--serial", "".join(config.serial)), ("--nfc", config.nfc)):
        words += [name, one] if one else []
    words += ["--printer", told["printer"]] if told.get("printer") else []
    return Task(Role.KIOSK, tuple(words), config.serial, port)
