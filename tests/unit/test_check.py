import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts.check import (
    NODE_FOLDERS,
    ROOT,
    STAGES,
    Outcome,
    Stage,
    Wish,
    chosen,
    has_check,
    pytest_command,
    read_junit,
    read_node_result,
    read_wish,
    report,
    run_bounded,
    tool,
)

SAMPLE = """
import pytest

def test_good(): pass
def test_bad(): assert False
@pytest.mark.skip
def test_skipped(): pass
@pytest.mark.xfail
def test_known_bad(): assert False
@pytest.fixture
def broken(): raise OSError
def test_no_setup(broken): pass
@pytest.fixture
def leaves_badly():
    yield
    raise OSError
def test_no_teardown(leaves_badly): pass
@pytest.mark.parametrize("n", [1, 2])
def test_twice(n): assert n
"""


@pytest.fixture(scope="module")
def junit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What pytest itself writes about a test file with every kind of outcome."""
    folder = tmp_path_factory.mktemp("sample")
    (folder / "test_sample.py").write_text(SAMPLE)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["--rootdir=.", "-c", "/dev/null", "--junitxml=junit.xml", "test_sample.py"]
    done = subprocess.run(command, cwd=folder, check=False, stdout=subprocess.DEVNULL)
    assert done.returncode == 1
    return folder / "junit.xml"


def test_each_test_counts_once(junit: Path) -> None:
    outcome = read_junit(junit, status=1, is_ci=False)
    assert (outcome.passed, outcome.failed, outcome.skipped) == (3, 3, 2)
    names = [name.split("::")[1] for name in outcome.failures]
    assert names == ["test_bad", "test_no_setup", "test_no_teardown"]


def test_ci_takes_a_skipped_test_for_a_failed_one(junit: Path) -> None:
    outcome = read_junit(junit, status=1, is_ci=True)
    assert (outcome.passed, outcome.failed, outcome.skipped) == (3, 5, 0)


@pytest.mark.parametrize("status", [2, 3, 4, 5])
def test_a_run_that_broke_is_a_failure(tmp_path: Path, status: int) -> None:
    """No tests found, a usage error, an interrupt: pytest names no failed test then."""
    outcome = read_junit(tmp_path / "absent.xml", status=status, is_ci=False)
    assert (outcome.passed, outcome.failed) == (0, 1)


def test_ci_fails_when_only_skipped_tests_are_left(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    path.write_text('<testsuites><testsuite><testcase classname="a" name="b"><skipped/>'
                    "</testcase></testsuite></testsuites>")  # fmt: skip
    assert read_junit(path, status=0, is_ci=True).failed == 1
    assert read_junit(path, status=0, is_ci=False).failed == 0


def test_all_stages_run_unless_some_are_named() -> None:
    node = [name for name, folder in NODE_FOLDERS.items() if has_check(ROOT / folder)]
    assert "miniprogram" in node
    assert [stage.name for stage in chosen(STAGES, ())] == [
        "format", "lint", "types", "imports", "openapi", *node, "terminal", "tests",
    ]  # fmt: skip
    assert [stage.name for stage in chosen(STAGES, ("tests", "lint"))] == ["lint", "tests"]


def test_the_command_line_is_given_on() -> None:
    wish = read_wish(["--only", "tests", "--fast", "-k", "damm", "tests/unit"], is_ci=False)
    assert wish == Wish(("tests",), is_fast=True, keyword="damm", paths=("tests/unit",))
    command = pytest_command(wish)
    assert command[-3:] == ["-k", "damm", "tests/unit"]
    assert "not slow" in command
    assert "--cov" not in command
    assert "--cov" in pytest_command(Wish())


@pytest.mark.parametrize(
    "text, status, passed, failed",
    [
        ('{"passed": 7, "failed": 0}', 0, 7, 0),
        ('{"passed": 5, "failed": 2, "failures": ["a", "b"]}', 1, 5, 2),
        ('{"passed": 5, "failed": 2}', 1, 5, 2),
        ('{"passed": 7, "failed": 0}', 1, 7, 1),  # it broke after it had counted
        ('{"passed": 0, "failed": 0}', 0, 0, 1),  # nothing was looked at
        ('{"passed": 7}', 0, 0, 1),
        ("[]", 0, 0, 1),
        ("{", 0, 0, 1),
    ],
)
def test_what_node_found_is_counted(
    tmp_path: Path, text: str, status: int, passed: int, failed: int
) -> None:
    path = tmp_path / "miniprogram.json"
    path.write_text(text)
    outcome = read_node_result(path, status=status)
    assert (outcome.passed, outcome.failed) == (passed, failed)
    assert bool(outcome.failures) == bool(failed)
    assert read_node_result(tmp_path / "absent.json", status=0).failed == 1


def test_a_folder_is_checked_when_it_says_how(tmp_path: Path) -> None:
    assert not has_check(tmp_path)
    package = tmp_path / "package.json"
    package.write_text('{"scripts": {"test": "x"}}')
    assert not has_check(tmp_path)
    package.write_text('{"scripts": {"check": "x"}}')
    assert has_check(tmp_path)


def test_an_unknown_stage_is_refused() -> None:
    with pytest.raises(SystemExit) as left:
        read_wish(["--only", "nonsense"], is_ci=False)
    assert left.value.code == 2


@pytest.mark.parametrize("module, failed", [("this", 0), ("no_such_module_anywhere", 1)])
def test_a_tool_counts_as_one(module: str, failed: int) -> None:
    outcome = tool(module)(Wish())
    assert (outcome.passed, outcome.failed) == (1 - failed, failed)


def test_what_does_not_end_is_cut_off_with_its_children(tmp_path: Path) -> None:
    """As an interpreter that waits for a forgotten connection, and the workers under it."""
    child = "import os, time; open('child', 'w').write(str(os.getpid())); time.sleep(60)"
    code = f"import os, subprocess, sys; os.chdir({str(tmp_path)!r})\n"
    code += f"subprocess.run([sys.executable, '-c', {child!r}])"
    assert run_bounded([sys.executable, "-c", code], 1.5) == -9
    child_id = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 5
    while is_running(child_id) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_running(child_id)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("status", [0, 1, 5])
def test_what_ends_by_itself_keeps_its_status(status: int) -> None:
    assert run_bounded([sys.executable, "-c", f"exit({status})"], 30) == status


def test_the_report_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    stages = [
        Stage("a", "甲", "first", lambda _: Outcome(passed=2)),
        Stage("b", "乙", "second", lambda _: Outcome(1, 1, 3, ("why",))),
    ]
    assert report(stages, Wish()) == Outcome(3, 1, 3, ("why",))
    said = capsys.readouterr().out
    assert "[1/2] 甲 · first" in said
    assert "✗ why" in said
    assert "1 passed, 1 failed, 3 skipped" in said
