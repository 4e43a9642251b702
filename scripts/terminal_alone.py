"""Show that a terminal stands alone: a fresh environment, its own lock, nothing else of ours.

`python3 scripts/terminal_alone.py` makes var/terminal-alone anew when a lock has changed: an
environment with qr_terminals/requirements.txt and the few packages pytest needs, and beside it a
copy of campus_code, qr_terminals, the simulated camera and the terminal's tests. No backend is
there to be imported. Then the program is asked for help in it, every module is imported, and some
of its tests run.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
from scripts import environment

ROOT = environment.ROOT
FOLDER = ROOT / "var" / "terminal-alone"
VENV = FOLDER / "venv"
TREE = FOLDER / "tree"
STAMP = FOLDER / "stamp"
LOCK = ROOT / "qr_terminals" / "requirements.txt"
PYTEST = ("pytest", "pluggy", "iniconfig", "packaging", "pytest-timeout", "hypothesis",
          "sortedcontainers", "attrs")  # fmt: skip
COPIED = ("campus_code", "qr_terminals", "simulators/__init__.py", "simulators/camera",
          "tests/__init__.py", "tests/terminals")  # fmt: skip
TESTS = ("test_framing.py", "test_hid.py", "test_typed_codes.py")
INI = """[pytest]
pythonpath = .
addopts = --import-mode=importlib -p no:cacheprovider
timeout = 60
markers = slow: takes more than ten seconds
"""
FOREIGN = re.compile(
    r"^(?:from|import) (?:backend|scripts|tests\.rig|simulators\.(?!camera))", re.MULTILINE
)
TESTS_SECONDS_MAX = 900.0
IMPORT_ALL = """
import pkgutil, sys, qr_terminals, campus_code
for package in (campus_code, qr_terminals):
    for one in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not one.name.endswith("__main__"):
            __import__(one.name)
ours = {"backend", "scripts", "simulators", "tests"} & {name.split(".")[0] for name in sys.modules}
assert not ours, f"a terminal imports {ours}"
print(sum(name.startswith(("qr_terminals", "campus_code")) for name in sys.modules), "modules")
"""


def main() -> int:
    """Make it, look at it; the exit status."""
    environment.reexec(dev=True)
    begun_at = time.monotonic()
    make_environment()
    copy_tree()
    python = environment.venv_python(VENV)
    is_whole = sys.argv[1:] == ["--all"]
    names = alone() if is_whole else TESTS
    chosen = [f"tests/terminals/{name}" for name in names]
    commands = (
        [str(python), "-c", IMPORT_ALL],
        [str(python), "-m", "qr_terminals", "--help"],
        [str(python), "-m", "pytest", "-q", *chosen],
    )
    for command in commands:
        status = run(command)
        if status != 0:
            print(f"失败 · failed: {' '.join(command[1:4])} (status {status})", file=sys.stderr)
            return 1
    print(f"终端独立可用 · a terminal stands alone, {time.monotonic() - begun_at:.0f} s")
    return 0


def alone() -> list[str]:
    """The tests that need no more than was copied."""
    paths = sorted((ROOT / "tests" / "terminals").glob("test_*.py"))
    return [path.name for path in paths if not FOREIGN.search(path.read_text("utf-8"))]


def make_environment() -> None:
    """The environment, anew when a lock has changed since."""
    parts = [LOCK.read_bytes(), environment.DEV_LOCK.read_bytes(), repr(PYTEST).encode()]
    wanted = hashlib.sha256(b"".join(parts)).hexdigest()
    if STAMP.exists() and STAMP.read_text("utf-8") == wanted:
        return
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    base = str(getattr(sys, "_base_executable", sys.executable))
    must([base, "-m", "venv", "--without-pip", str(VENV)])
    wheels, built = environment.split_lock(LOCK.read_text("utf-8"), environment.BUILT)
    dev = environment.DEV_LOCK.read_text("utf-8")
    _, pytest_pins = environment.split_lock(dev, PYTEST)
    install(wheels, "--only-binary", ":all:")
    install(build(built), "--no-index", is_lock=False)
    install(without(pytest_pins, wheels), "--only-binary", ":all:")
    STAMP.write_text(wanted, encoding="utf-8")


def install(what: str, *options: str, is_lock: bool = True) -> None:
    """Install a lock's text, or the file of this name, with our own pip into the environment."""
    command = [sys.executable, "-m", "pip", "--python", str(environment.venv_python(VENV))]
    command += ["install", "-qq", "--no-deps", "--no-input", "--no-compile", *options]
    command += ["--disable-pip-version-check", "--no-warn-script-location"]
    if not is_lock:
        must([*command, what])
        return
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / "lock.txt"
        lock.write_text(what, encoding="utf-8")
        must([*command, "--require-hashes", "-r", str(lock)])


def build(pin: str) -> str:
    """The wheel of what has none, built from its locked source with the lock's own tools."""
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / "lock.txt"
        lock.write_text(pin, encoding="utf-8")
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        command = [sys.executable, "-m", "pip", "wheel", "-qq", "--no-deps", "--no-input"]
        command += ["--no-build-isolation", "--require-hashes", "--disable-pip-version-check"]
        must([*command, "-w", str(FOLDER), "-r", str(lock)], {**os.environ, "PATH": path})
    return str(next(FOLDER.glob("*.whl")))


def without(pins: str, others: str) -> str:
    """A lock's text without what another holds already."""
    names = [line.split("==")[0].lower() for line in others.splitlines() if "==" in line]
    return environment.split_lock(pins, names)[0]


def copy_tree() -> None:
    """What a terminal's box gets, the camera's simulator and the tests; nothing else of ours."""
    shutil.rmtree(TREE, ignore_errors=True)
    for name in COPIED:
        source, target = ROOT / name, TREE / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    (TREE / "pytest.ini").write_text(INI, encoding="utf-8")


def run(command: Sequence[str]) -> int:
    """Run a command in the copy, with nothing of our own environment on its path; its status."""
    environ = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, cwd=TREE, env=environ, check=False, timeout=TESTS_SECONDS_MAX)
    return done.returncode


def must(command: Sequence[str], environ: dict[str, str] | None = None) -> None:
    """Run a command that has to succeed."""
    if subprocess.run(command, env=environ, check=False).returncode != 0:
        raise SystemExit(f"失败 · failed: {' '.join(command[:5])}")


if __name__ == "__main__":
    sys.exit(main())
