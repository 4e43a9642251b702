"""The files that make a box a terminal: settings, systemd unit, udev rules."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from qr_terminals.config import Config
from qr_terminals.disk import sync_folder
from qr_terminals.install.roles import SETTINGS_FILE, TITLES, Task

PROGRAM = Path(__file__).parents[2]
TEMPLATES = Path(__file__).parent
TEMPLATE = "xiaoma-terminal.service"
SCREEN = "xiaoma-screen.service"
RULES = "60-xiaoma-terminal.rules"
UNIT_FOLDER = Path("/etc/systemd/system")
RULES_FOLDER = Path("/etc/udev/rules.d")
PUBLIC_MODE = 0o644
DEVICE_GROUPS = ("dialout", "video")
HOMES = ("/home", "/root", "/run/user")


@dataclass(frozen=True, slots=True)
class Laid:
    """One file as it is to be."""

    path: Path
    text: str

    @property
    def is_there(self) -> bool:
        """Whether it is so already."""
        try:
            return self.path.read_text("utf-8") == self.text
        except (OSError, UnicodeDecodeError):
            return False


def lay_settings(config: Config) -> Laid:
    """The settings file in the terminal's home."""
    lines = ["# Written by `python -m qr_terminals provision`; run it again to change it."]
    lines.append(f"home = {quoted(str(config.home))}")
    for name in ("serial", "hid", "camera"):
        paths = getattr(config, name)
        if paths:
            lines.append(f"{name} = [{', '.join(quoted(path) for path in paths)}]")
    if config.serial:
        lines.append(f"baud_rate = {config.baud_rate}")
    if config.camera:
        lines.append(f"camera_command = {quoted(config.camera_command)}")
    if config.control:
        lines.append(f"control = {quoted(config.control)}")
    if config.nfc:
        lines.append(f"nfc = {quoted(config.nfc)}")
    if config.psam:
        lines.append(f"psam = {quoted(config.psam)}")
    if config.page is not None:
        lines.append(f"page = {config.page}")
    if config.amount_fen:
        lines.append(f"amount_fen = {config.amount_fen}")
    lines += [f"plain = {str(config.plain).lower()}", f"sync_seconds = {config.sync_seconds}", ""]
    return Laid(config.home / SETTINGS_FILE, "\n".join(lines))


def lay_unit(
    task: Task, home: Path, owner: str, folder: Path = UNIT_FOLDER, program: Path = PROGRAM
) -> Laid:
    """
    The systemd unit that keeps the program of a task running as `owner`. `program` is the program's
    folder, or a link to it: then whatever the link leads to is what starts next.
    """
    python = by_way_of(program, sys.executable)
    used = (str(home), str(program), str(PROGRAM), python, os.path.realpath(sys.executable))
    is_in_homes = any(path.startswith(f"{hidden}/") for hidden in HOMES for path in used)
    words = {
        "OWNER": owner,
        "PROGRAM": str(program),
        "PYTHON": python,
        "TITLE": TITLES[task.role],
        "WORDS": " ".join(unit_word(one) for one in task.words),
        "HOME": str(home),
        "PROTECT_HOME": "no" if is_in_homes else "yes",
        "GROUPS": " ".join(DEVICE_GROUPS),
    }
    return Laid(folder / task.unit, filled(TEMPLATE, words))


def by_way_of(program: Path, path: str) -> str:
    """A path below the program's own folder, by another way to that folder."""
    for own in (PROGRAM, PROGRAM.resolve()):
        if Path(path).is_relative_to(own):
            return str(program / Path(path).relative_to(own))
    return path


def lay_screen(task: Task, viewer: str, folder: Path = UNIT_FOLDER) -> Laid:
    """The unit of the browser that shows the page on this box's own screen, run as `viewer`."""
    words = {"VIEWER": viewer, "UNIT": task.unit, "PORT": str(task.page)}
    return Laid(folder / SCREEN, filled(SCREEN, words))


def unit_word(word: str) -> str:
    """A word of a unit's command line as systemd reads it: quoted, nothing expanded."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    told = escaped.replace("%", "%%").replace("$", "$$")
    return f'"{told}"' if told != word or not word or " " in word else word


def lay_rules(group: str, folder: Path = RULES_FOLDER) -> Laid:
    """The udev rules that give readers to the terminal's group alone."""
    return Laid(folder / RULES, filled(RULES, {"GROUP": group}))


def filled(template: str, words: dict[str, str]) -> str:
    """A template's text with every @NAME@ filled in."""
    text = (TEMPLATES / template).read_text("utf-8")
    for name, word in words.items():
        text = text.replace(f"@{name}@", word)
    return text


def quoted(text: str) -> str:
    """A TOML string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def write(laid: Laid, mode: int = PUBLIC_MODE) -> None:
    """Replace a file whole. OSError."""
    fresh = laid.path.with_name(laid.path.name + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(laid.text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(laid.path)
    sync_folder(laid.path.parent)
