"""Build the mini-program for browsers: `python3 scripts/build_preview.py --target var/preview`.

Installs Node and the preview's packages first where they are missing. Exit status 0: built; 1: the
mini-program has mistakes, or something could not be installed (the last lines say what).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from scripts import environment

    environment.reexec(dev=False)

from scripts.environment import ensure_node_modules

ROOT = Path(__file__).resolve().parents[1]
PREVIEW = ROOT / "simulators" / "preview"
BUILD_SECONDS_MAX = 60.0


def main(words: list[str]) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="build_preview", description="生成手机预览 · build the preview"
    )
    parser.add_argument("--target", type=Path, default=ROOT / "var" / "preview")
    told = parser.parse_args(words)
    environ = ensure_node_modules(PREVIEW)
    command = ["node", str(PREVIEW / "build.mjs"), "--target", str(told.target.resolve())]
    try:
        done = subprocess.run(command, env=environ, timeout=BUILD_SECONDS_MAX, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"预览没有生成 · the preview was not built: {error}", file=sys.stderr)
        return 1
    return 1 if done.returncode else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
