import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import environment
from scripts.environment import (
    TEST_PROGRAMS,
    Program,
    Stamp,
    Step,
    apt_line,
    is_usable,
    lock_hashes,
    missing_packages,
    read_stamp,
    venv_step,
)
from scripts.turns import one_at_a_time

ROOT = Path(__file__).resolve().parents[2]
WANTED = Stamp(runtime="r2", dev="d2")


@pytest.mark.parametrize(
    "stamp, dev, usable, step",
    [
        (None, False, True, Step.REMAKE),  # half made: the stamp is written last
        (None, True, False, Step.REMAKE),
        (Stamp("r2", "d2"), True, True, Step.NOTHING),
        (Stamp("r2", "d2"), False, True, Step.NOTHING),
        (Stamp("r2", ""), False, True, Step.NOTHING),
        (Stamp("r2", ""), True, True, Step.ADD_DEV),
        (Stamp("r2", "d1"), False, True, Step.NOTHING),
        (Stamp("r2", "d1"), True, True, Step.REMAKE),
        (Stamp("r1", "d2"), False, True, Step.REMAKE),
        (Stamp("r2", "d2"), True, False, Step.REMAKE),  # its interpreter is gone
    ],
)
def test_the_environment_is_made_again_only_when_it_must(
    stamp: Stamp | None, *, dev: bool, usable: bool, step: Step
) -> None:
    assert venv_step(stamp, WANTED, dev=dev, is_usable=usable) is step


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"runtime": "r"}', '"x"'])
def test_a_damaged_stamp_is_no_stamp(tmp_path: Path, text: str) -> None:
    path = tmp_path / "stamp"
    assert read_stamp(path) is None
    path.write_text(text)
    assert read_stamp(path) is None
    path.write_text(json.dumps({"runtime": "r", "dev": ""}))
    assert read_stamp(path) == Stamp("r", "")


def test_a_changed_lock_has_another_hash(tmp_path: Path) -> None:
    runtime, dev = tmp_path / "r.txt", tmp_path / "d.txt"
    runtime.write_text("a==1")
    dev.write_text("a==1\nb==1")
    before = lock_hashes(runtime, dev)
    runtime.write_text("a==2")
    after = lock_hashes(runtime, dev)
    assert before.runtime != after.runtime
    assert before.dev == after.dev


def test_each_missing_package_is_asked_for_once() -> None:
    programs = [Program("a", "p", "why"), Program("b", "p", "why"), Program("c", "q", "why")]
    assert missing_packages(programs, lambda _: None) == ("p", "q")
    assert missing_packages(programs, lambda name: None if name == "c" else name) == ("q",)
    assert missing_packages(programs, str) == ()


def test_every_debian_program_has_a_reason() -> None:
    assert all(program.reason for program in TEST_PROGRAMS)
    assert "\n" not in apt_line(["a", "b"])
    assert apt_line(["a", "b"]).endswith(" a b")


def test_a_half_made_environment_is_not_usable(tmp_path: Path) -> None:
    assert not is_usable(tmp_path)
    (tmp_path / "bin").mkdir()
    python = tmp_path / "bin" / "python"
    python.symlink_to(tmp_path / "gone")
    assert not is_usable(tmp_path)
    python.unlink()
    python.symlink_to(Path(sys.executable).resolve())
    assert not is_usable(tmp_path)  # an interpreter without a library
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (tmp_path / "lib" / version / "site-packages" / "pip").mkdir(parents=True)
    assert is_usable(tmp_path)


def test_without_venv_and_root_a_person_gets_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Debian's python3 without python3-venv, and nobody who could install it."""
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(SystemExit) as left:
        environment._remake()
    assert left.value.code == 2
    said = capsys.readouterr().err.splitlines()
    assert [line for line in said if "apt" in line] == [apt_line(["python3-venv"])]
    assert not (tmp_path / ".venv").exists()


def test_what_apt_installs_starts_no_service(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    policy = tmp_path / "policy-rc.d"
    monkeypatch.setattr(environment, "POLICY_FILE", policy)
    with environment._no_services():
        assert policy.stat().st_mode & stat.S_IXUSR
        assert subprocess.run([policy], check=False).returncode == 101
    assert not policy.exists()


def test_the_administrators_own_policy_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    policy = tmp_path / "policy-rc.d"
    policy.write_text("mine")
    monkeypatch.setattr(environment, "POLICY_FILE", policy)
    with environment._no_services():
        assert policy.read_text() == "mine"
    assert policy.read_text() == "mine"


def test_a_failing_command_shows_its_last_lines(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        environment._run([sys.executable, "-c", "print('the reason'); exit(3)"], "a name")
    assert left.value.code == 1
    said = capfd.readouterr().err
    assert "the reason" in said
    assert "a name (status 3)" in said


def test_the_bootstrap_needs_only_the_standard_library() -> None:
    """Imported with site-packages away, as on a fresh machine."""
    code = "import sys; sys.path.insert(0, '.'); import scripts.environment"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], cwd=ROOT, check=False)
    assert done.returncode == 0


def test_two_processes_do_not_make_it_at_once(tmp_path: Path) -> None:
    lock = tmp_path / "var" / "lock"
    other = "import sys; sys.path.insert(0, '.'); from pathlib import Path\n"
    other += "from scripts import turns as e\n"
    other += f"with e.one_at_a_time(Path({str(lock)!r})): print('in', flush=True)"
    with one_at_a_time(lock):
        process = subprocess.Popen(
            [sys.executable, "-c", other], cwd=ROOT, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        assert process.stdout is not None
        assert "waiting for another process" in process.stdout.readline()
    assert process.communicate(timeout=10)[0] == "in\n"


def test_packages_are_installed_by_their_hashes_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A real pip refuses a real file whose hash is not the one in the lock."""
    (tmp_path / "xiaoma_sample-1.0-py3-none-any.whl").write_bytes(b"not what was locked")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    lock = tmp_path / "requirements.txt"
    for hashes, reason in [(f" --hash=sha256:{'0' * 64}", "DO NOT MATCH"), ("", "require-hashes")]:
        lock.write_text(f"xiaoma-sample==1.0{hashes}\n")
        with pytest.raises(SystemExit):
            environment._pip_install(Path(sys.executable), lock)
        assert reason in capsys.readouterr().err


def test_what_is_built_from_source_is_installed_apart() -> None:
    text = (
        "# made\na==1 \\\n    --hash=sha256:aa\npyscard==2.3.1 \\\n    --hash=sha256:bb\nz==3 \\\n"
    )
    wheels, sources = environment.split_lock(text, environment.BUILT)
    assert sources == "pyscard==2.3.1 \\\n    --hash=sha256:bb\n"
    assert wheels == text.replace(sources, "")
    assert environment.split_lock(wheels, environment.BUILT) == (wheels, "")
