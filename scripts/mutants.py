"""Remove every guard about money or trust, one at a time, and see a test die of it.

`python3 scripts/mutants.py` copies the tracked tree, runs the named tests once as it is, then
puts in one mutant after the other and runs only the tests that must fail. It prints killed or
survived for each and ends with status 1 when one survived. `--list` shows them, `-k word` chooses.
"""

from __future__ import annotations

import argparse
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
from scripts import environment
from scripts.mutant_lists import MUTANTS
from scripts.mutant_lists.mutant import Mutant

ROOT = environment.ROOT
JOBS = 2
SECONDS_MAX = 300
TESTS_FAILED = 1  # pytest's own exit status; others mean that it ran nothing


class Workshop:
    """A copy of the tracked tree in which one mutant at a time lives."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
        )
        for name in listed.stdout.decode().split("\0"):
            if name and (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, folder / name)

    def test(self, tests: Sequence[str], *, is_stopping: bool = True) -> tuple[int, str]:
        """Run tests here; pytest's exit status and its last line."""
        command = [
            str(environment.venv_python(environment.VENV)),
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
        ]
        command += ["-x"] if is_stopping else ["-n", str(JOBS)]
        try:
            done = subprocess.run(
                [*command, *tests],
                cwd=self.folder,
                capture_output=True,
                text=True,
                timeout=SECONDS_MAX if is_stopping else None,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return TESTS_FAILED, "hung"
        lines = done.stdout.strip().splitlines() or [done.stderr.strip()]
        failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
        return done.returncode, (failed or lines)[-1]

    def try_out(self, mutant: Mutant) -> tuple[bool, str]:
        """Whether the named tests fail with the mutant in place, and how."""
        path = self.folder / mutant.file
        text = path.read_text(encoding="utf-8")
        if text.count(mutant.source) != 1:
            return False, f"{mutant.source!r} stands there {text.count(mutant.source)} times"
        path.write_text(text.replace(mutant.source, mutant.replacement), encoding="utf-8")
        try:
            status, line = self.test(mutant.tests)
        finally:
            path.write_text(text, encoding="utf-8")
        return status == TESTS_FAILED, line


def chosen(word: str) -> list[Mutant]:
    """The mutants whose file, guard, tests or sentence hold the word."""
    return [
        one for one in MUTANTS if word in " ".join((one.file, one.source, *one.tests, one.breaks))
    ]


def run(mutants: Sequence[Mutant], jobs: int, *, is_trusting: bool) -> list[tuple[Mutant, str]]:
    """Try every mutant; answers those that no test killed, and what was said."""
    from rich.progress import Progress

    survived = []
    workshops: queue.Queue[Workshop] = queue.Queue()
    with tempfile.TemporaryDirectory(prefix="xm-mutants-") as folder, Progress() as progress:
        for number in range(jobs):
            workshops.put(Workshop(Path(folder) / str(number)))
        if not is_trusting:
            progress.console.print("tests without a mutant …")
            workshop = workshops.get()
            tests = sorted({test for one in mutants for test in one.tests})
            status, line = workshop.test(tests, is_stopping=False)
            workshops.put(workshop)
            if status:
                progress.console.print(line, markup=False)
                raise SystemExit("these tests fail without any mutant: nothing is proven")
        bar = progress.add_task("mutants", total=len(mutants))
        lock = threading.Lock()

        def try_one(mutant: Mutant) -> tuple[Mutant, bool, str]:
            workshop = workshops.get()
            try:
                return (mutant, *workshop.try_out(mutant))
            finally:
                workshops.put(workshop)

        with ThreadPoolExecutor(jobs) as pool:
            for future in as_completed([pool.submit(try_one, one) for one in mutants]):
                mutant, is_killed, line = future.result()
                word = "killed  " if is_killed else "SURVIVED"
                with lock:
                    progress.console.print(f"{word} {mutant}", markup=False, highlight=False)
                    if not is_killed:
                        progress.console.print(f"         {line}", markup=False)
                        survived.append((mutant, line))
                    progress.advance(bar)
    return survived


def main() -> int:
    """Read the command line and do it; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="show the mutants and run nothing")
    parser.add_argument("-k", default="", metavar="WORD", help="only those that hold this word")
    parser.add_argument("-j", type=int, default=JOBS, metavar="N", help="at once (2)")
    parser.add_argument("--trust", action="store_true", help="leave out the run without a mutant")
    wish = parser.parse_args()
    mutants = chosen(wish.k)
    if wish.list:
        for one in mutants:
            print(f"{one}\n    {one.breaks}\n    {' '.join(one.tests)}")
        print(f"{len(mutants)} mutants")
        return 0
    survived = run(mutants, wish.j, is_trusting=wish.trust)
    print(f"{len(mutants) - len(survived)} killed, {len(survived)} survived")
    return 1 if survived or not mutants else 0


if __name__ == "__main__":
    sys.exit(main())
