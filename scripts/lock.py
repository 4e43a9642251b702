"""Lock what the project installs: every version and every file's hash.

`python3 scripts/lock.py` follows the .in files and keeps the versions that are locked already;
`--upgrade` takes the newest, `--upgrade-package NAME` one of them. The locks say nothing about
where packages come from: that is the machine's own setting of pip.
"""

import re
import subprocess
import sys
from pathlib import Path

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
from scripts import environment

HEADER = """\
# Made by `python3 scripts/lock.py` from {source}; do not edit.
# Python 3.11 and later. Install: pip install --no-deps --require-hashes -r {lock}
"""
LOCKS = (
    # in this order: the later ones take the versions of the first
    ("requirements.in", "requirements.txt", None),
    ("requirements-dev.in", "requirements-dev.txt", "requirements.txt"),
    ("qr_terminals/requirements.in", "qr_terminals/requirements.txt", "requirements.txt"),
    ("bank_gateway/requirements.in", "bank_gateway/requirements.txt", "requirements.txt"),
    ("requirements-node.in", "requirements-node.txt", None),
)
HASHED_PIN = re.compile(r"^[A-Za-z0-9][\w.-]*==\S+( ;.*)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def strangers(text: str) -> list[str]:
    """Return the lines of a lock that are neither pin, hash nor comment: URLs, options, paths."""
    return [
        line
        for line in text.splitlines()
        if line.strip()
        and not (line.lstrip().startswith("#") or HASHED_PIN.match(line) or HASH.match(line))
    ] + [line for line in text.splitlines() if "://" in line]


def make(source: str, lock: str, like: str | None, extra: list[str]) -> None:
    """Write one lock; `like` names a lock whose versions this one takes."""
    command = [sys.executable, "-m", "piptools", "compile", "--generate-hashes", "--allow-unsafe"]
    command += ["--strip-extras", "--no-header", "--no-annotate", "--quiet", "--newline=lf"]
    command += ["--no-emit-index-url", "--no-emit-trusted-host", "--no-emit-find-links"]
    command += ["--no-emit-options", "--resolver=backtracking", f"--output-file={lock}"]
    command += [f"--constraint={like}"] if like else []
    print(f"锁定 · locking {lock}", flush=True)
    subprocess.run([*command, *extra, source], cwd=environment.ROOT, check=True)
    path = environment.ROOT / lock
    text = path.read_text(encoding="utf-8")
    if bad := strangers(text):
        path.unlink()
        raise SystemExit(f"{lock}: 不该出现的行 · lines that do not belong in a lock: {bad}")
    path.write_text(HEADER.format(source=source, lock=lock) + text, encoding="utf-8")


def main() -> None:
    """Make every lock; arguments are given to pip-compile."""
    environment.reexec(dev=True)
    for source, lock, like in LOCKS:
        make(source, lock, like, sys.argv[1:])


if __name__ == "__main__":
    main()
