"""Make the project's own environment, on a machine that has only python3 and git.

Standard library only: this runs before anything is installed. The two commands begin with::

    if not __package__:  # run as a program: see the project, not only this folder
        sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=False)  # returns only inside .venv, with the lock installed

`reexec` calls `ensure`, which compares the lock's hash with the stamp in `.venv` and does nothing
(a few milliseconds) when they agree. `install_programs` is for what Debian brings, not pip;
`ensure_node_modules` is for the folders that Node works in. What is to be done is decided by pure
functions (`venv_step`, `missing_packages`, `apt_line`, `is_node_usable`); the rest carries it out.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import NoReturn

from scripts.turns import one_at_a_time

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "lock-stamp.json"
RUNTIME_LOCK = ROOT / "requirements.txt"
DEV_LOCK = ROOT / "requirements-dev.txt"
NODE_LOCK = ROOT / "requirements-node.txt"

PYTHON_MIN, NODE_MIN = (3, 11), (20, 19)
NODE_STAMP = "node_modules/.lock-stamp"
EXIT_NEEDS_HUMAN = 2
LOG_LINES_SHOWN = 30
SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")  # where Debian keeps mariadbd
NOTO_CJK = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
VPCD = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
POLICY_FILE = Path("/usr/sbin/policy-rc.d")
POLICY_TEXT = "#!/bin/sh\n# written by 校码 while it installs: start no service\nexit 101\n"


@dataclass(frozen=True)
class Program:
    """A program (or, by its path, a file) that Debian brings, its package, why we want it."""

    name: str
    package: str
    reason: str


TEST_PROGRAMS = (
    Program("systemd-analyze", "systemd", "reads the units that a terminal is given"),
    Program("mariadbd", "mariadb-server-core", "the tests' private MariaDB; -core has no service"),
    Program("mariadb-install-db", "mariadb-server-core", "makes its empty data directory"),
    Program("my_print_defaults", "mariadb-client-core", "mariadb-install-db calls it"),
    Program("redis-server", "redis-server", "the tests' private Redis"),
    Program("chromium", "chromium", "shows the mini-program's preview to the browser tests"),
    Program(NOTO_CJK, "fonts-noto-cjk", "Chinese in the browser tests' pictures"),
    Program("strace", "strace", "kills a process at a chosen system call, for the fault tests"),
    Program("pcscd", "pcscd", "the tests' private card reader service"),
    Program(VPCD, "vsmartcard-vpcd", "a card reader without hardware for it; never on a terminal"),
)
BUILD_PROGRAMS = (
    Program("gcc", "gcc", "builds what has no wheel for Linux: pyscard"),
    Program("/usr/include/PCSC/winscard.h", "libpcsclite-dev", "what pyscard is built against"),
    Program(f"{sysconfig.get_path('include')}/Python.h", "python3-dev", "the same, of Python"),
)
BUILT = ("pyscard",)
"""Built from their locked source, with the build tools of the lock, after everything else."""


class Step(Enum):
    """What has to happen to `.venv`."""

    NOTHING = "nothing"
    ADD_DEV = "add what developers need"
    REMAKE = "make it anew"


@dataclass(frozen=True)
class Stamp:
    """Hashes of the locks that were installed completely; written last, so half-made has none."""

    runtime: str = ""
    dev: str = ""


def venv_step(stamp: Stamp | None, wanted: Stamp, *, dev: bool, is_usable: bool) -> Step:
    """Return what to do with `.venv`. A pure decision; `wanted` holds the hashes on disk."""
    if stamp is None or not is_usable or stamp.runtime != wanted.runtime:
        return Step.REMAKE
    if not dev or stamp.dev == wanted.dev:
        return Step.NOTHING
    return Step.REMAKE if stamp.dev else Step.ADD_DEV


def missing_packages(
    programs: Sequence[Program], find: Callable[[str], str | None]
) -> tuple[str, ...]:
    """Return the Debian packages, each once, whose programs `find` does not find."""
    return tuple(dict.fromkeys(p.package for p in programs if find(p.name) is None))


def apt_line(packages: Sequence[str]) -> str:
    """Return the one line a person without root rights has to ask for."""
    names = " ".join(packages)
    return f"sudo apt-get update && sudo apt-get install -y --no-install-recommends {names}"


def read_stamp(path: Path) -> Stamp | None:
    """Return the stamp in `path`, or None when it is absent or not one of ours."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        return Stamp(runtime=str(fields["runtime"]), dev=str(fields["dev"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def lock_hashes(runtime: Path, dev: Path) -> Stamp:
    """Return the hashes of both locks as they are on disk."""
    return Stamp(*(hashlib.sha256(lock.read_bytes()).hexdigest() for lock in (runtime, dev)))


def venv_python(venv: Path) -> Path:
    """Return where a virtual environment keeps its interpreter."""
    return venv / "bin" / "python"


def is_usable(venv: Path) -> bool:
    """Return whether the interpreter and its library are there (Debian may have moved on)."""
    python = venv_python(venv)
    if not python.exists():  # follows the link: false when the base interpreter is gone
        return False
    version = python.resolve().name.removeprefix("python")
    libraries = [folder.name for folder in venv.glob("lib/python*/site-packages/pip/..")]
    return bool(libraries) and (version in {"", "3"} or (venv / f"lib/python{version}").is_dir())


def find_program(name: str) -> str | None:
    """Return the path of a program, also where a plain user's PATH does not look, or of a file."""
    if name.startswith("/"):
        return name if Path(name).exists() else None
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(SYSTEM_FOLDERS))


def ensure(*, dev: bool) -> Path:
    """Make `.venv` agree with the lock and return its interpreter.

    `dev` adds what the checks need. Exits with status 2, and one apt line, when a person with
    root rights is needed. Two processes may call it at once: the second waits for the first.
    """
    if sys.version_info < PYTHON_MIN:
        ask_human(f"需要 Python 3.11 或更新 · needs Python 3.11 or newer, this is {sys.version}")
    python = venv_python(VENV)
    if _step(dev=dev) is Step.NOTHING:
        return python
    with one_at_a_time(ROOT / "var" / "environment.lock"):
        step = _step(dev=dev)
        if step is Step.NOTHING:
            return python
        if dev:  # all in one apt line
            install_programs((*BUILD_PROGRAMS, *TEST_PROGRAMS))
        if step is Step.REMAKE:
            _remake()
        lock = DEV_LOCK if dev else RUNTIME_LOCK
        _pip_install(python, lock)
        wanted = lock_hashes(RUNTIME_LOCK, DEV_LOCK)
        stamp = {"runtime": wanted.runtime, "dev": wanted.dev if dev else ""}
        STAMP.write_text(json.dumps(stamp), encoding="utf-8")
    return python


def reexec(*, dev: bool) -> None:
    """Go on inside `.venv`: start this program again there, or return when already inside."""
    inside = Path(sys.prefix) == VENV
    if inside and _step(dev=dev) is not Step.NOTHING:
        # never take away the floor one stands on: let the base interpreter remake it
        base = str(getattr(sys, "_base_executable", sys.executable))
        os.execv(base, [base, *sys.orig_argv[1:]])  # noqa: S606  the arguments are our own
    python = ensure(dev=dev)
    if not inside:
        sys.stdout.flush()
        os.execv(python, [str(python), *sys.orig_argv[1:]])  # noqa: S606  the same


def install_programs(programs: Sequence[Program]) -> None:
    """Install the Debian packages of those `programs` that are missing.

    As root with apt, starting no service; else exits with status 2 and one apt line.
    """
    packages = missing_packages(programs, find_program)
    if packages:
        _apt_install(packages)


def is_node_usable(said: str) -> bool:
    """Return whether `node --version` says a version that our packages run on. Pure."""
    numbers = re.match(r"v(\d+)\.(\d+)\.", said)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= NODE_MIN


def ensure_node() -> Path:
    """Return the folder of a usable `node` and `npm`: the system's, else a wheel in `.venv`."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and is_node_usable(_said(node, "--version")):
        return Path(node).parent
    folder = venv_python(VENV).parent
    with one_at_a_time(ROOT / "var" / "node.lock"):
        if not is_node_usable(_said(str(folder / "node"), "--version")):
            print("安装 Node · installing Node into .venv", flush=True)
            _pip_install(ensure(dev=False), NODE_LOCK)
    return folder


def ensure_node_modules(folder: Path) -> dict[str, str]:
    """Make `node_modules` of a folder agree with its package-lock.json.

    Returns the environment to start `npm` and `node` in. Exits with status 1 and npm's own last
    lines when a package cannot be had.
    """
    bin_folder = str(ensure_node())
    environ = {**os.environ, "PATH": os.pathsep.join([bin_folder, os.environ.get("PATH", "")])}
    name = os.path.relpath(folder, ROOT)
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / NODE_STAMP
    with one_at_a_time(ROOT / "var" / f"{name.replace(os.sep, '-')}.lock"):
        if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
            return environ
        print(f"安装 Node 依赖 · Node packages of {name} …", flush=True)
        begun_at = time.monotonic()
        command = [f"{bin_folder}/npm", "ci", "--no-audit", "--no-fund", "--no-progress"]
        _run([*command, "--prefix", str(folder)], f"npm ci ({name})", environ=environ)
        stamp.write_text(wanted, encoding="utf-8")
        print(f"完成 · done, {time.monotonic() - begun_at:.0f} s", flush=True)
    return environ


def ask_human(*sentences: str) -> NoReturn:
    """Print what a person has to do and exit with status 2."""
    for sentence in sentences:
        print(sentence, file=sys.stderr)
    raise SystemExit(EXIT_NEEDS_HUMAN)


def _step(*, dev: bool) -> Step:
    return venv_step(
        read_stamp(STAMP), lock_hashes(RUNTIME_LOCK, DEV_LOCK), dev=dev, is_usable=is_usable(VENV)
    )


def _said(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()


def _remake() -> None:
    if importlib.util.find_spec("ensurepip") is None:  # Debian splits it off from python3
        _apt_install(("python3-venv",))
        importlib.invalidate_caches()
    print("建立 .venv · making .venv", flush=True)
    if VENV.is_symlink() or VENV.is_file():
        VENV.unlink()
    elif VENV.exists():
        shutil.rmtree(VENV)
    base = str(getattr(sys, "_base_executable", sys.executable))
    _run([base, "-m", "venv", str(VENV)], "python3 -m venv")


def split_lock(text: str, built: Sequence[str]) -> tuple[str, str]:
    """Return a lock's text without the packages of these names, and the text with them alone."""
    parts: tuple[list[str], list[str]] = ([], [])
    is_built = False
    for line in text.splitlines(keepends=True):
        if pin := re.match(r"([A-Za-z0-9][\w.-]*)==", line):
            is_built = pin[1].lower() in built
        parts[is_built].append(line)
    return "".join(parts[0]), "".join(parts[1])


def _pip_install(python: Path, lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    total = len(re.findall(r"^[A-Za-z0-9][^ ]*==", text, re.MULTILINE))
    begun_at = time.monotonic()
    # the lock names everything, so nothing is left to resolve: an old pip, meeting a wish with an
    # extra (coverage[toml]>=7), would rather take a release newer than the locked one, and refuse
    command = [str(python), "-m", "pip", "install", "--no-deps", "--require-hashes"]
    command += ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    seen = 0

    def show(line: str) -> None:
        nonlocal seen
        if line.startswith(("Collecting ", "Requirement already satisfied")):
            seen = min(seen + 1, total)
            _progress(seen, total, line.split()[1] if line.startswith("Coll") else "")
        elif line.startswith("Installing collected"):
            _progress(seen, total, "正在安装 · installing")

    wheels, sources = split_lock(text, BUILT)
    path = os.pathsep.join([str(python.parent), os.environ.get("PATH", "")])  # swig is there
    how = (wheels, ("--only-binary", ":all:")), (sources, ("--no-build-isolation",))
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / lock.name
        for pins, options in how:
            if pins:
                part.write_text(pins, encoding="utf-8")
                whole = [*command, *options, "-r", str(part)]
                _run(whole, "pip install", show=show, environ={**os.environ, "PATH": path})
    _run([str(python), "-m", "pip", "check"], "pip check")  # that the lock did name everything
    seconds = time.monotonic() - begun_at
    _progress(total, total, f"完成 · done, {seconds:.0f} s", end="\n")


def _progress(count: int, total: int, what: str, end: str = "") -> None:
    """Draw one line over the previous one; on something that is not a screen, only the last."""
    width = 24
    filled = width * count // max(total, 1)
    bar = "█" * filled + "░" * (width - filled)
    if sys.stdout.isatty():
        print(f"\r\033[K安装依赖 · packages {bar} {count}/{total} {what}", end=end, flush=True)
    elif end:
        print(f"安装依赖 · packages {count}/{total} {what}", end=end, flush=True)


def _apt_install(packages: Sequence[str]) -> None:
    apt = find_program("apt-get")
    if os.geteuid() != 0 or apt is None:
        ask_human(
            "缺少系统软件包,请运行 · Debian packages are missing, please run:", apt_line(packages)
        )
    print(f"安装系统软件包 · installing Debian packages: {' '.join(packages)}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with _no_services():
        _run([apt, "update"], "apt-get update", environ=quiet)
        install = [apt, "install", "-y", "--no-install-recommends", *packages]
        _run(install, "apt-get install", environ=quiet)


@contextlib.contextmanager
def _no_services() -> Iterator[None]:
    """Keep Debian from starting what it installs, by Debian's own means (policy-rc.d)."""
    if POLICY_FILE.exists():  # the administrator has a policy of his own
        yield
        return
    POLICY_FILE.write_text(POLICY_TEXT, encoding="utf-8")
    POLICY_FILE.chmod(0o755)
    try:
        yield
    finally:
        POLICY_FILE.unlink()


def _run(
    command: Sequence[str],
    name: str,
    *,
    show: Callable[[str], None] | None = None,
    environ: dict[str, str] | None = None,
) -> None:
    """Run a command, give each line to `show`; on failure print its last lines and exit 1."""
    lines: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environ
    ) as process:
        for line in process.stdout or ():
            lines.append(line.rstrip())
            if show is not None:
                show(lines[-1])
    if process.returncode != 0:
        print("\n".join(["", *lines[-LOG_LINES_SHOWN:]]), file=sys.stderr)
        print(f"失败 · failed: {name} (status {process.returncode})", file=sys.stderr)
        raise SystemExit(1)
