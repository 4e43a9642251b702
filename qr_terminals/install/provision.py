r"""
One command that makes a box a terminal, and says how ready it is.

    python -m qr_terminals provision "xm1:https://campus.example|TOKEN" \
        --home /var/lib/xiaoma --serial /dev/serial/by-id/… --owner xiaoma [--as door|kiosk]

It looks at the box, enrols it, writes the settings, makes a first sync, writes systemd unit and
udev rules, and ends in a score. Running it again changes only what is not so yet; the code is
wanted only the first time. `--dry-run` looks and says what it would do. Status 0: ready; 1:
something is red; 2: the command itself is wrong.
"""

from __future__ import annotations

import argparse
import getpass
import grp
import os
import pwd
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qr_terminals.condition import Links
from qr_terminals.config import IDENTITY_FILE, Config, Identity, read_config, read_identity
from qr_terminals.disk import PRIVATE_MODE, only_instance
from qr_terminals.enrol import enrol, parse_token
from qr_terminals.errors import ConfigError, InUseError, TerminalError
from qr_terminals.install.checks import Finding, Rights, look_at_box
from qr_terminals.install.files import (
    DEVICE_GROUPS,
    PROGRAM,
    RULES_FOLDER,
    SCREEN,
    UNIT_FOLDER,
    Laid,
    lay_rules,
    lay_screen,
    lay_settings,
    lay_unit,
    write,
)
from qr_terminals.install.first_sync import first_sync
from qr_terminals.install.roles import DOOR_ONLY, KIOSK_ONLY, Role, Task, read_task
from qr_terminals.readiness import READY_MIN, Condition, measure

STEPS = 6
EXIT_RED = 1
PARTS = {
    "keys": "密钥期限",
    "rules": "规则",
    "denylist": "挂失名单",
    "clock": "时间",
    "journal": "待传流水",
    "disk": "磁盘",
}
"""The parts of the terminal's own readiness, in Chinese; their English is their name."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """
    What the command line asks for. `code` is "" when the box is enrolled already; `viewer` is who
    runs the browser on this box's screen, "" for none. `program` is what the unit names.
    """

    code: str
    config: Config
    task: Task
    owner: str
    is_dry: bool
    viewer: str = ""
    program: Path = PROGRAM
    unit_folder: Path = UNIT_FOLDER
    rules_folder: Path = RULES_FOLDER


@dataclass(slots=True)
class Progress:
    """Says each step and each finding as it comes, and keeps the findings."""

    say: Say
    findings: list[Finding] = field(default_factory=list)
    step: int = 0

    def begin(self, zh: str, en: str) -> None:
        """The next step."""
        self.step += 1
        self.say(f"[{self.step}/{STEPS}] {zh} · {en}")

    def note(self, finding: Finding) -> None:
        """One finding."""
        self.findings.append(finding)
        mark = "✔" if finding.is_good else ("✘" if finding.is_needed else "–")
        self.say(f"  {mark} {finding.word}: {finding.zh} · {finding.en}")

    def tell(self, zh: str, en: str) -> None:
        """Something that is neither good nor bad."""
        self.say(f"    {zh} · {en}")


def provision(wish: Wish, say: Say, clock: Callable[[], float]) -> int:
    """Do it, in order; the exit status. A step that fails is red and the next ones are tried."""
    progress = Progress(say)
    base_url = _base_url(wish)
    progress.begin("检查本机", "looking at this box")
    for finding in look_at_box(
        wish.config, wish.task.devices, base_url, _rights(wish.owner), clock
    ):
        progress.note(finding)
    progress.begin("登记", "enrolling")
    identity = _enrol(wish, progress, int(clock()))
    progress.begin("写入设置", "writing the settings")
    if wish.task.role is Role.TILL:
        _write(lay_settings(wish.config), PRIVATE_MODE, wish, progress)
    else:
        progress.tell("设置都在系统服务里", "all settings stand in the systemd unit")
    progress.begin("第一次同步", "the first sync")
    condition = _sync(wish, identity, progress)
    progress.begin("写入系统服务和设备规则", "writing the systemd unit and the udev rules")
    home, folder = wish.config.home, wish.unit_folder
    laid = [lay_unit(wish.task, home, wish.owner, folder, wish.program)]
    laid += [lay_screen(wish.task, wish.viewer, wish.unit_folder)] if wish.viewer else []
    for one in (*laid, lay_rules(wish.owner, wish.rules_folder)):
        _write(one, 0o644, wish, progress)
    _give(wish, progress)
    progress.begin("就绪评分", "readiness score")
    score = _score(condition, progress)
    return _conclude(progress, wish, score)


def score_of(findings: Iterable[Finding]) -> int:
    """0 to 100: how much of what is needed is so; 100 only when all of it is."""
    needed = [finding.is_good for finding in findings if finding.is_needed]
    return 100 * sum(needed) // len(needed) if needed else 0


def _base_url(wish: Wish) -> str:
    """Where the server is: of the code, or of the earlier enrolment, which must agree."""
    home = wish.config.home
    told = parse_token(wish.code)[0] if wish.code else ""
    if not (home / IDENTITY_FILE).exists():
        if not told:
            raise ConfigError(
                f"{home} 还没有登记，请给出卡务中心的登记码 xm1:…",
                f"{home} is not enrolled yet; give the office's code xm1:…",
            )
        return told
    known = read_identity(home).base_url
    if told and told != known:
        raise ConfigError(
            f"{home} 已登记到 {known}，不能改到 {told}；请用另一个目录。",
            f"{home} is enrolled at {known}, not {told}; use another folder.",
        )
    return known


def _rights(owner: str) -> Rights:
    """What the unit's program may do: its own groups and those the unit adds."""
    known = pwd.getpwnam(owner)
    gids = set(os.getgrouplist(owner, known.pw_gid))
    gids |= {one.gr_gid for one in grp.getgrall() if one.gr_name in DEVICE_GROUPS}
    return Rights(known.pw_uid, frozenset(gids))


def _enrol(wish: Wish, progress: Progress, at: int) -> Identity | None:
    home = wish.config.home
    if (home / IDENTITY_FILE).exists():
        identity = read_identity(home)
        place = f"{identity.merchant} {identity.name}"
        progress.note(Finding("enrolled", True, f"已登记：{place}", f"already, as {place}"))
        return identity
    if wish.is_dry:
        progress.tell("将会登记到服务器", "would enrol at the server")
        return None
    try:
        identity = enrol(wish.code, home, at)
    except TerminalError as error:
        progress.note(Finding("enrolled", False, error.zh, error.en))
        return None
    place = f"{identity.merchant} {identity.name}"
    progress.note(Finding("enrolled", True, f"已登记：{place}", f"enrolled as {place}"))
    return identity


def _sync(wish: Wish, identity: Identity | None, progress: Progress) -> Condition | None:
    """The first sync, and a till's condition after it if that could be seen."""
    if wish.is_dry:
        progress.tell("将会同步一次", "would sync once")
        return None
    if identity is None:
        progress.note(Finding("synced", False, "没有登记，不能同步", "not enrolled, so not synced"))
        return None
    try:
        with only_instance(wish.config.home):
            condition = first_sync(wish.task, wish.config, identity, _links(wish, progress))
    except InUseError:
        progress.tell("终端程序正在运行，由它自己同步", "the terminal is running and syncs itself")
        return None
    except TerminalError as error:
        progress.note(Finding("synced", False, error.zh, error.en))
        return None
    progress.note(Finding("synced", True, "与服务器同步了一次", "one sync with the server"))
    return condition


def _links(wish: Wish, progress: Progress) -> Links:
    paths = set(wish.task.devices)
    usable = sum(one.is_good for one in progress.findings if one.word in paths)
    return Links(len(paths), usable, can_write=True)


def _score(condition: Condition | None, progress: Progress) -> int:
    """The terminal's own readiness with its parts; never more than what was found allows."""
    if condition is None:
        return score_of(progress.findings)
    readiness = measure(condition)
    for name, worth in readiness.parts.items():
        if name != "reader":  # each was told by its path
            zh = PARTS.get(name, name)
            is_good = worth >= READY_MIN
            progress.note(Finding(name, is_good, f"{zh} {worth}/100", f"{worth}/100"))
    return min(readiness.score, score_of(progress.findings))


def _write(laid: Laid, mode: int, wish: Wish, progress: Progress) -> None:
    path = laid.path
    if laid.is_there:
        progress.note(Finding(path.name, True, f"{path} 已是这样", f"{path} is so already"))
    elif wish.is_dry:
        progress.tell(f"将会写入 {path}", f"would write {path}")
    else:
        try:
            write(laid, mode)
        except OSError as error:
            why = error.strerror or str(error)
            progress.note(
                Finding(path.name, False, f"{path} 写不了：{why}", f"{path} not written: {why}")
            )
        else:
            progress.note(Finding(path.name, True, f"已写入 {path}", f"{path} is written"))


def _give(wish: Wish, progress: Progress) -> None:
    """The home belongs to whoever the program runs as."""
    home = wish.config.home
    if wish.is_dry or not home.exists():
        return
    owner = pwd.getpwnam(wish.owner)
    try:
        for path in (home, *home.iterdir()):  # also what a later run has written as root
            if path.lstat().st_uid != owner.pw_uid:
                os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)
    except PermissionError:
        progress.note(
            Finding(
                "owner",
                False,
                f"{home} 不属于 {wish.owner}，请以 root 运行",
                f"{home} does not belong to {wish.owner}; run this as root",
            )
        )


def _conclude(progress: Progress, wish: Wish, score: int) -> int:
    red = [finding for finding in progress.findings if finding.is_red]
    for finding in red:
        progress.say(f"  ✘ {finding.word}: {finding.zh} · {finding.en}")
    if wish.is_dry:
        progress.say(f"演练：没有改动任何东西，{score}/100 · dry run: nothing was changed")
        return EXIT_RED if red else 0
    if red:
        progress.say(
            f"✘ {score}/100 还有 {len(red)} 项要处理 · {len(red)} to put right, then again"
        )
        return EXIT_RED
    progress.say(f"✔ {score}/100 就绪 · ready")
    progress.say("    systemctl daemon-reload && udevadm control --reload && udevadm trigger")
    units = [wish.task.unit, *([SCREEN] if wish.viewer else [])]
    progress.say(f"    systemctl enable --now {' '.join(units)}")
    return 0


def read_wish(words: list[str]) -> Wish:
    """The command line. ConfigError."""
    parser = argparse.ArgumentParser(
        prog="qr_terminals provision", description="Make this box a terminal."
    )
    parser.add_argument("code", nargs="?", default="", help="the office's code: xm1:address|token")
    parser.add_argument("--as", dest="role", choices=list(Role), default=Role.TILL)
    parser.add_argument("--home", required=True, help="the terminal's own folder")
    parser.add_argument("--serial", action="append", help="port of a code scanner")
    parser.add_argument("--hid", action="append", help="a scanner that is a keyboard")
    parser.add_argument("--camera", action="append", help="a camera")
    parser.add_argument("--nfc", help="part of the card reader's name, or any")
    parser.add_argument("--psam", help="part of the name of the slot the PSAM sits in")
    parser.add_argument("--camera-command", dest="camera_command", help="the program that films")
    parser.add_argument("--control", help="unix socket for typed lines")
    parser.add_argument("--page", type=int, help="port of the cashier's page on this box")
    parser.add_argument("--amount-fen", dest="amount_fen", type=int, help="amount for everybody")
    parser.add_argument("--lock", help="of a door: simulated, relay:PORT or osdp:PORT")
    parser.add_argument("--serial-in", dest="serial_in", help="of a door: the scanner outside")
    parser.add_argument("--serial-out", dest="serial_out", help="of a door: the scanner inside")
    parser.add_argument("--contact", help="of a door: port of the fire contact")
    parser.add_argument("--printer", help="of a kiosk: a CUPS printer")
    parser.add_argument("--screen", default="", help="who runs the browser on this box's screen")
    parser.add_argument("--owner", default=getpass.getuser(), help="who the program runs as")
    parser.add_argument("--program", help="a link to this program's folder, for updates")
    parser.add_argument("--unit-folder", type=Path, default=UNIT_FOLDER)
    parser.add_argument("--rules-folder", type=Path, default=RULES_FOLDER)
    parser.add_argument("--dry-run", action="store_true", help="look, and change nothing")
    told: dict[str, Any] = vars(parser.parse_args(words))
    folders = {name: told.pop(name) for name in ("unit_folder", "rules_folder")}
    code, owner, is_dry = told.pop("code"), told.pop("owner"), told.pop("dry_run")
    role, viewer = Role(told.pop("role")), told.pop("screen")
    own = {name: told.pop(name) for name in (*DOOR_ONLY, *KIOSK_ONLY)}
    program = _program(told.pop("program"))
    told["plain"] = True  # under systemd lines go to its journal; the cashier looks at the page
    told["home"] = os.path.abspath(told["home"])  # noqa: PTH100  a unit knows no relative paths
    told["control"] = told["control"] or f"{told['home']}/control"
    for name in (owner, *([viewer] if viewer else [])):
        _require_owner(name)
    config = read_config(None, told)
    task = read_task(role, {**told, **own}, config)
    if viewer and (task.page is None or viewer == owner):
        raise ConfigError(
            "--screen 要有本机页面（--page），并且不能与 --owner 是同一个用户。",
            "--screen needs a page on this box (--page) and another user than --owner.",
        )
    return Wish(code, config, task, owner, is_dry, viewer, program, **folders)


def _program(said: str | None) -> Path:
    """The program's folder as the unit is to name it. ConfigError."""
    if said is None:
        return PROGRAM
    path = Path(os.path.abspath(said))  # noqa: PTH100  a link stays a link
    if not path.exists() or not path.samefile(PROGRAM):
        raise ConfigError(
            f"--program：{path} 不是指向本程序目录 {PROGRAM} 的链接。",
            f"--program: {path} is no link to this program's folder {PROGRAM}.",
        )
    return path


def _require_owner(name: str) -> None:
    try:
        pwd.getpwnam(name)
        grp.getgrnam(name)
    except KeyError as error:
        raise ConfigError(
            f"系统里没有用户和组 {name}，先运行 adduser --system --group {name}",
            f"There is no user and group {name}; first run adduser --system --group {name}",
        ) from error
