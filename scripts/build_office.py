"""Build the office's web: `python3 scripts/build_office.py`; the server gives it out at /office.

Installs Node and the packages first where they are missing, and builds nothing anew when nothing
has changed. Exit status 0: it is there; 1: it has mistakes, or something could not be installed
(the last lines say what).
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
from pathlib import Path

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=False)

from scripts.environment import ensure_node_modules
from scripts.turns import one_at_a_time

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "admin_web"
SOURCES = ("src", "public", "index.html", "package-lock.json", "vite.config.ts", "tsconfig.json")
STAMP = ".built"
BUILD_SECONDS_MAX = 180.0


def sources_hash(web: Path) -> str:
    """SHA-256 over the names and contents of all that a build is made of."""
    whole = hashlib.sha256()
    for name in SOURCES:
        place = web / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file():
                whole.update(f"{path.relative_to(web)}\0".encode())
                whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def build(target: Path) -> int:
    """Build into `target` unless what stands there was built of the same; the exit status."""
    with one_at_a_time(ROOT / "var" / "office.lock"):
        wanted = sources_hash(WEB)
        stamp = target / STAMP
        if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
            return 0
        status = _build(target)
        if status == 0:
            stamp.write_text(wanted, encoding="utf-8")
        return status


def _build(target: Path) -> int:
    environ = ensure_node_modules(WEB)
    command = ["node", str(WEB / "node_modules" / "vite" / "bin" / "vite.js"), "build"]
    command += ["--logLevel", "warn", "--emptyOutDir", "--outDir", str(target)]
    try:
        done = subprocess.run(command, cwd=WEB, env=environ, timeout=BUILD_SECONDS_MAX, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"管理网页没有生成 · the office's web was not built: {error}", file=sys.stderr)
        return 1
    return 1 if done.returncode else 0


def main(words: list[str]) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="build_office", description="生成管理网页 · build the office's web"
    )
    parser.add_argument("--target", type=Path, default=WEB / "dist")
    return build(parser.parse_args(words).target.resolve())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
