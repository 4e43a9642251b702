"""
Looking at a box that is to be a terminal: each check gives one `Finding` with a sentence in both
languages. Nothing is changed but one file that is written, made durable and removed.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import importlib.util
import os
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from qr_terminals.clock import CLOCK_MIN
from qr_terminals.config import Config
from qr_terminals.disk import free_bytes

PYTHON_MIN = (3, 11)
PACKAGES = ("cryptography", "evdev", "httpx", "orjson", "pyotp", "serial", "uvicorn", "zxingcpp")
FREE_BYTES_MIN = 1_000_000_000
FREE_INODES_MIN = 10_000
DURABLE_WRITES = 10
DURABLE_SECONDS_MAX = 0.1  # an SD card that takes longer makes a queue
SKEW_SECONDS_MAX = 30
ANSWER_SECONDS = 5.0
PCSCD_SOCKET = Path("/run/pcscd/pcscd.comm")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `is_needed`: a terminal without it cannot take money as it should."""

    word: str
    is_good: bool
    zh: str
    en: str
    is_needed: bool = True

    @property
    def is_red(self) -> bool:
        """Whether it has to be put right first."""
        return self.is_needed and not self.is_good


@dataclass(frozen=True, slots=True)
class Rights:
    """As whom the program will run: its user and all its groups, as numbers."""

    uid: int
    gids: frozenset[int]

    def may_use(self, status: os.stat_result) -> bool:
        """Whether a device may be read and written, by its mode."""
        if self.uid == 0:
            return True
        mine, ours, others = stat.S_IRUSR | stat.S_IWUSR, stat.S_IRGRP | stat.S_IWGRP, 0o006
        if status.st_uid == self.uid:
            wanted = mine
        else:
            wanted = ours if status.st_gid in self.gids else others
        return status.st_mode & wanted == wanted


def look_at_box(
    config: Config,
    devices: Sequence[str],
    base_url: str,
    rights: Rights,
    clock: Callable[[], float],
) -> Iterator[Finding]:
    """Every check, one after the other; the last one asks the server. `devices` are their paths."""
    yield check_python()
    yield check_packages()
    yield check_clock(clock())
    yield check_space(config.home)
    yield check_durable(config.home)
    yield from check_devices(config, devices, rights)
    yield check_pcscd(PCSCD_SOCKET, is_needed=bool(config.nfc))
    yield from check_server(base_url, clock())


def check_python() -> Finding:
    """Whether this Python is new enough."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    wanted = ".".join(str(part) for part in PYTHON_MIN)
    return Finding(
        "python",
        sys.version_info[:2] >= PYTHON_MIN,
        f"Python {version}（需要 {wanted} 或更新）",
        f"Python {version} ({wanted} or newer is wanted)",
    )


def check_packages() -> Finding:
    """Whether what the terminal runs on is installed."""
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    told = "、".join(missing) or "齐全"
    return Finding(
        "packages",
        not missing,
        f"程序所需的包：{told}",
        f"packages: {', '.join(missing) + ' missing' if missing else 'all there'}",
    )


def check_clock(now: float) -> Finding:
    """Whether the clock was ever set; whether it is right, the server tells."""
    day = f"{dt.datetime.fromtimestamp(now, dt.UTC):%Y-%m-%d %H:%M} UTC"
    return Finding("clock", now >= CLOCK_MIN, f"本机时间 {day}", f"this box's time is {day}")


def check_space(home: Path) -> Finding:
    """Whether the journal has room for years."""
    place = existing(home)
    free = free_bytes(place)
    inodes = os.statvfs(place).f_favail
    is_good = free >= FREE_BYTES_MIN and (inodes == 0 or inodes >= FREE_INODES_MIN)
    gigabytes = f"{free / 1e9:.1f} GB"
    return Finding("space", is_good, f"剩余空间 {gigabytes}", f"{gigabytes} of disk are free")


def check_durable(home: Path) -> Finding:
    """Whether a write becomes durable, and how fast: every payment waits for one."""
    place = existing(home)
    path = place / f".xiaoma-{os.getpid()}"
    try:
        seconds = sorted(durable_writes(path))[DURABLE_WRITES // 2]
    except OSError as error:
        return Finding(
            "durable", False, f"{place} 不能写入：{error}", f"{place} cannot be written: {error}"
        )
    finally:
        path.unlink(missing_ok=True)
    milliseconds = f"{seconds * 1000:.1f} ms"
    return Finding(
        "durable",
        seconds <= DURABLE_SECONDS_MAX,
        f"落盘一次 {milliseconds}",
        f"a durable write takes {milliseconds}",
    )


def durable_writes(path: Path) -> list[float]:
    """Seconds of some appends with fsync; OSError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        seconds = []
        for _ in range(DURABLE_WRITES):
            begun_at = time.monotonic()
            os.write(handle, bytes(4096))
            os.fsync(handle)
            seconds.append(time.monotonic() - begun_at)
        return seconds
    finally:
        os.close(handle)


def check_devices(config: Config, paths: Sequence[str], rights: Rights) -> Iterator[Finding]:
    """Each reader, lock and contact that is named: is it there, and may the program use it?"""
    if not paths and not config.nfc:
        yield Finding(
            "readers",
            False,
            "没有指定读头，请用 --serial、--hid 或 --camera",
            "no reader is named; use --serial, --hid or --camera",
        )
    for path in paths:
        yield check_device(Path(path), rights)
    program = config.camera_command.split()[0] if config.camera else ""
    if program:
        yield Finding(
            "camera program",
            shutil.which(program) is not None,
            f"摄像头程序 {program}（Debian 软件包 v4l-utils）",
            f"the camera's program {program} (Debian package v4l-utils)",
        )


def check_device(path: Path, rights: Rights) -> Finding:
    """Whether a path is a device that is plugged in and that the program may open."""
    try:
        status = path.stat()
    except OSError:
        return Finding(f"{path}", False, "没有插上，或路径不对", "not plugged in, or another path")
    if not stat.S_ISCHR(status.st_mode):
        return Finding(f"{path}", False, "不是设备", "is no device")
    if rights.may_use(status):
        return Finding(f"{path}", True, "可用", "usable")
    return Finding(
        f"{path}",
        False,
        "程序没有读写权限；规则写好后拔下重插，再运行一次",
        "the program may not use it; once the rules are written plug it in anew, then run again",
    )


def check_pcscd(socket: Path, *, is_needed: bool) -> Finding:
    """Whether the service for card readers runs; a terminal of codes alone needs none."""
    is_there = socket.exists()
    zh, en = (
        ("在运行", "is running") if is_there else ("没有运行，刷卡不可用", "not running: no cards")
    )
    return Finding("pcscd", is_there, zh, en, is_needed)


def check_server(base_url: str, now: float) -> Iterator[Finding]:
    """Whether the server answers, and whether its clock and ours agree."""
    try:
        answer = httpx.get(f"{base_url}/open/health", timeout=ANSWER_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        why = str(error) or type(error).__name__
        yield Finding("server", False, f"{base_url} 连不上：{why}", f"{base_url}: no answer: {why}")
        return
    is_up = answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR
    yield Finding(
        "server",
        is_up,
        f"{base_url} 有回答（{answer.status_code}）",
        f"{base_url} answers ({answer.status_code})",
    )
    skew = clock_skew(answer.headers.get("date", ""), now)
    if skew is not None:
        yield Finding(
            "clock skew",
            abs(skew) <= SKEW_SECONDS_MAX,
            f"本机时间与服务器相差 {skew} 秒",
            f"this box's clock and the server's differ by {skew} s",
        )


def clock_skew(date: str, now: float) -> int | None:
    """Seconds that we are ahead of an HTTP date; None when it is none."""
    try:
        return round(now - email.utils.parsedate_to_datetime(date).timestamp())
    except ValueError:
        return None


def existing(path: Path) -> Path:
    """The path, or the nearest folder above it that is there."""
    while not path.exists():
        path = path.parent
    return path
