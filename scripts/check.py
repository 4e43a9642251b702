"""Check everything: format, lint, types, import contracts, tidiness, all tests with coverage.

What Node runs is checked by each folder's own `npm run check`, which ends with status 0 or 1 and
leaves var/check/<name>.json: {"passed": n, "failed": n, "failures": [names]}.

`python3 scripts/check.py` needs python3 and git, installs the rest, and ends with a line
`N passed, N failed`: each check that is not a test counts as one, each test as one. Status 0 only
when nothing failed. With CI=true a skipped test is a failed one: what CI did not see is not proven.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

if not __package__:  # run as a program: see the project, not only this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])
from scripts import environment

ROOT = environment.ROOT
FOLDERS = (
    "backend", "bank_gateway", "benchmarks", "campus_code", "qr_terminals", "scripts",
    "simulators", "tests",
)  # fmt: skip
WORKERS = 2  # the smallest machine we support has two cores; more make timing tests lie
TESTS_SECONDS_MAX = 3600.0
SHORT = ("--output-format", "concise")
RESULTS = ROOT / "var" / "check"
JUNIT = RESULTS / "junit.xml"
NODE_FOLDERS = {
    "miniprogram": "miniprogram",
    "preview": "simulators/preview",
    "admin_web": "admin_web",
}
NODE_SECONDS_MAX = 900.0
COVERAGE = ROOT / "var" / "coverage"


@dataclass(frozen=True)
class Outcome:
    """What one stage found. `skipped` tests are neither passed nor failed until CI counts them."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: tuple[str, ...] = ()

    def __add__(self, other: "Outcome") -> "Outcome":
        """Both together."""
        return Outcome(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
            self.failures + other.failures,
        )


@dataclass(frozen=True)
class Wish:
    """What the caller asked for on the command line."""

    only: tuple[str, ...] = ()
    is_fast: bool = False
    is_ci: bool = False
    keyword: str = ""
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stage:
    """One part of the check; `run` does it and prints what is wrong."""

    name: str
    zh: str
    en: str
    run: Callable[[Wish], Outcome] = field(repr=False)


def read_junit(path: Path, *, status: int, is_ci: bool) -> Outcome:
    """Count what pytest wrote to its junit file.

    A test is failed when it or its fixtures failed, however often it is named. `status` is
    pytest's own exit status: a run that broke without naming a failed test counts as one failure.
    """
    verdicts: dict[str, str] = {}
    rank = {"passed": 0, "skipped": 1, "failed": 2}
    root = ET.parse(path).getroot() if path.exists() else None  # noqa: S314  our own file
    for case in () if root is None else root.iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        found = {child.tag for child in case}
        verdict = "passed"
        if found & {"failure", "error"}:
            verdict = "failed"
        elif "skipped" in found:
            verdict = "failed" if is_ci else "skipped"
        verdicts[name] = max(verdict, verdicts.get(name, verdict), key=rank.__getitem__)
    failures = [name for name, verdict in verdicts.items() if verdict == "failed"]
    if status != 0 and not failures:
        failures.append(f"pytest ended with status {status}")
    every = list(verdicts.values())
    return Outcome(
        every.count("passed"), len(failures), every.count("skipped"), tuple(sorted(failures))
    )


def pytest_command(wish: Wish) -> list[str]:
    """Return the pytest command line for this wish."""
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={JUNIT}", "--durations=15"]
    command += ["--numprocesses", str(WORKERS), "--dist", "worksteal", "-p", "no:cacheprovider"]
    if wish.is_fast:
        command += ["-m", "not slow"]
    else:
        command += ["--cov", "--cov-report="]
    if wish.keyword:
        command += ["-k", wish.keyword]
    return [*command, *wish.paths]


def chosen(stages: Sequence[Stage], only: Sequence[str]) -> list[Stage]:
    """Return the stages asked for, in their order; all of them when none was named."""
    return [stage for stage in stages if not only or stage.name in only]


def tool(*arguments: str) -> Callable[[Wish], Outcome]:
    """Return a stage that runs one tool and counts as one check."""

    def run(_: Wish) -> Outcome:
        done = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, check=False)
        if done.returncode == 0:
            return Outcome(passed=1)
        return Outcome(failed=1, failures=(" ".join(arguments),))

    return run


def import_contracts(_: Wish) -> Outcome:
    """Run import-linter, which has no `python -m` form."""
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", code, "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode == 0:
        return Outcome(passed=1)
    return Outcome(failed=1, failures=("lint-imports",))


def tests(wish: Wish) -> Outcome:
    """Run pytest in parallel and count its junit file."""
    JUNIT.parent.mkdir(parents=True, exist_ok=True)
    COVERAGE.mkdir(parents=True, exist_ok=True)
    JUNIT.unlink(missing_ok=True)
    status = run_bounded(pytest_command(wish), TESTS_SECONDS_MAX)
    if not wish.is_fast:
        show_coverage()
    return read_junit(JUNIT, status=status, is_ci=wish.is_ci)


def openapi(_: Wish) -> Outcome:
    """See whether what the server says about itself is what is written down."""
    command = [sys.executable, "scripts/export_openapi.py", "--check"]
    if subprocess.run(command, cwd=ROOT, check=False).returncode == 0:
        return Outcome(passed=1)
    return Outcome(failed=1, failures=("scripts/export_openapi.py --check",))


def terminal_alone(_: Wish) -> Outcome:
    """See whether a terminal works with its own lock and without the rest of us."""
    command = [sys.executable, "scripts/terminal_alone.py"]
    if subprocess.run(command, cwd=ROOT, check=False).returncode == 0:
        return Outcome(passed=1)
    return Outcome(failed=1, failures=("scripts/terminal_alone.py",))


def node_check(name: str) -> Callable[[Wish], Outcome]:
    """Return a stage that runs `npm run check` of a Node folder and counts what it counted."""

    def run(_: Wish) -> Outcome:
        folder = ROOT / NODE_FOLDERS[name]
        environ = environment.ensure_node_modules(folder)
        npm = shutil.which("npm", path=environ["PATH"])
        result = RESULTS / f"{name}.json"
        RESULTS.mkdir(parents=True, exist_ok=True)
        result.unlink(missing_ok=True)
        command = [npm or "npm", "run", "--silent", "check"]
        status = run_bounded(command, NODE_SECONDS_MAX, folder=folder, environ=environ)
        return read_node_result(result, status=status)

    return run


def read_node_result(path: Path, *, status: int) -> Outcome:
    """Count what a Node folder's check left behind; without a result the whole check failed."""
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
        passed, failed = int(result["passed"]), int(result["failed"])
        failures = tuple(str(one) for one in result.get("failures", ()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Outcome(failed=1, failures=(f"{path.stem}: npm run check left no result",))
    if (status != 0 or not passed) and not failed:
        return Outcome(passed, 1, 0, (f"{path.stem}: npm run check ended with status {status}",))
    return Outcome(passed, failed, 0, failures or (path.stem,) * bool(failed))


def has_check(folder: Path) -> bool:
    """Return whether a Node folder has something to run for us."""
    package = folder / "package.json"
    return package.exists() and "check" in json.loads(package.read_text("utf-8"))["scripts"]


def run_bounded(
    command: Sequence[str],
    seconds_max: float,
    *,
    folder: Path = ROOT,
    environ: Mapping[str, str] | None = None,
) -> int:
    """Run a command and all it starts for a bounded time; return its status, -9 when cut off.

    One unclosed aiosqlite connection keeps an interpreter from leaving, where no test's own
    timeout can see it.
    """
    with subprocess.Popen(command, cwd=folder, env=environ, process_group=0) as process:
        try:
            return process.wait(seconds_max)
        except subprocess.TimeoutExpired:
            print(f"\n超时 · cut off after {seconds_max:.0f} s", flush=True)
            return -signal.SIGKILL
        finally:  # also at Ctrl-C: a group of its own would not hear it
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def show_coverage() -> None:
    """Print the one figure, and keep the table for whoever wants it."""
    table = COVERAGE / "report.txt"
    with table.open("w", encoding="utf-8") as report_file:
        command = [sys.executable, "-m", "coverage", "report"]
        subprocess.run(command, cwd=ROOT, check=False, stdout=report_file)
    lines = table.read_text(encoding="utf-8").splitlines() or ["?"]
    total = next((line for line in lines if line.startswith("TOTAL")), lines[-1])
    print(f"覆盖率 · coverage {total.split()[-1]} ({table.relative_to(ROOT)})")


STAGES = (
    Stage("format", "格式", "format (ruff)", tool("ruff", "format", "--check", *SHORT, ".")),
    Stage("lint", "规范", "lint (ruff)", tool("ruff", "check", *SHORT, ".")),
    Stage("types", "类型", "types (mypy)", tool("mypy", *FOLDERS)),
    Stage("imports", "导入契约", "import contracts (import-linter)", import_contracts),
    Stage("openapi", "接口文档", "openapi.json and its types", openapi),
    *(
        Stage(name, name, f"{folder} (npm run check)", node_check(name))
        for name, folder in NODE_FOLDERS.items()
        if has_check(ROOT / folder)
    ),
    Stage("terminal", "终端独立", "a terminal alone, with its own lock", terminal_alone),
    Stage("tests", "测试", "tests (pytest)", tests),
)


def read_wish(arguments: Sequence[str], *, is_ci: bool) -> Wish:
    """Read the command line; paths and -k go to pytest."""
    parser = argparse.ArgumentParser(description="Check everything, as CI does.")
    names = [stage.name for stage in STAGES]
    one_stage = f"run this stage only, may be repeated: {', '.join(names)}"
    parser.add_argument(
        "--only", action="append", default=[], choices=names, metavar="STAGE", help=one_stage
    )
    parser.add_argument("--fast", action="store_true", help="no slow tests and no coverage")
    parser.add_argument("-k", dest="keyword", default="", help="only tests whose name matches")
    parser.add_argument("paths", nargs="*", help="only tests in these files or folders")
    asked = parser.parse_args(arguments)
    return Wish(tuple(asked.only), asked.fast, is_ci, asked.keyword, tuple(asked.paths))


def report(stages: Sequence[Stage], wish: Wish) -> Outcome:
    """Run the stages one after the other, saying what runs and how long each took."""
    total = Outcome()
    timings = []
    for number, stage in enumerate(stages, 1):
        print(f"\n[{number}/{len(stages)}] {stage.zh} · {stage.en}", flush=True)
        begun_at = time.monotonic()
        outcome = stage.run(wish)
        seconds = time.monotonic() - begun_at
        mark = "✗" if outcome.failed else "✓"
        skipped = f", {outcome.skipped} skipped" if outcome.skipped else ""
        counts = f"{outcome.passed} passed, {outcome.failed} failed{skipped}"
        timings.append(f"  {mark} {stage.name:11} {seconds:7.1f} s  {counts}")
        total += outcome
    print("\n" + "\n".join(timings))
    for failure in total.failures:
        print(f"  ✗ {failure}")
    return total


def main() -> None:
    """Make the environment, run the stages, end with the one line that counts."""
    environment.reexec(dev=True)
    environment.install_programs(environment.TEST_PROGRAMS)
    wish = read_wish(sys.argv[1:], is_ci=os.environ.get("CI", "") in {"true", "1"})
    total = report(chosen(STAGES, wish.only), wish)
    print(f"{total.passed} passed, {total.failed} failed")
    raise SystemExit(1 if total.failed or not total.passed else 0)


if __name__ == "__main__":
    main()
