"""What we install: locked, hashed, reasoned, and without what must not be there."""

import importlib.metadata
import importlib.util
import re
import tomllib

import pytest
from packaging.version import Version

from tests.tidy.sources import PACKAGES, ROOT

INPUTS = (
    "requirements.in",
    "requirements-dev.in",
    "requirements-node.in",
    "qr_terminals/requirements.in",
    "bank_gateway/requirements.in",
)
LOCKS = (
    "requirements.txt",
    "requirements-dev.txt",
    "qr_terminals/requirements.txt",
    "bank_gateway/requirements.txt",
)
NODE_LOCK = "requirements-node.txt"
PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==(\S+)(?: ;.*)? \\$", re.MULTILINE)
# a floor and why
FLOORS = {
    "aiomysql": ("0.3.2", "earlier pools lose a connection at cancellation"),
    "sanic": ("25.12.1", "earlier ones lack a security fix"),
}


def unreasoned(text: str) -> list[str]:
    """Return the direct dependencies without a one-line reason."""
    lines = [line for line in text.splitlines() if line and not line.startswith(("#", "-r "))]
    return [line for line in lines if not re.search(r"\S\s+# \S.{10,}", line)]


def unhashed(text: str) -> list[str]:
    """Return the lines of a lock that are neither a pin, nor a hash, nor a comment."""
    return [
        line
        for line in text.splitlines()
        if not (
            not line
            or line.startswith("#")
            or PIN.match(line)
            or re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line)
        )
    ]


def pins(lock: str) -> dict[str, str]:
    """Return name → version of a lock."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return {name.lower().replace("_", "-"): version for name, version in PIN.findall(text)}


@pytest.mark.parametrize("path", INPUTS)
def test_each_dependency_has_a_reason(path: str) -> None:
    assert unreasoned((ROOT / path).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", [*LOCKS, NODE_LOCK])
def test_the_locks_are_pins_and_hashes_only(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert unhashed(text) == []
    assert len(PIN.findall(text)) > (1 if path == NODE_LOCK else 5)
    assert re.search(r"\\\n(?!    --hash)", text) is None  # no pin without a hash


@pytest.mark.parametrize("path", LOCKS[1:])
def test_the_locks_agree(path: str) -> None:
    runtime = pins(LOCKS[0])
    here = pins(path)
    assert {name: here[name] for name in here if name in runtime} == {
        name: runtime[name] for name in here if name in runtime
    }


def test_the_dev_lock_holds_all_of_the_runtime_lock() -> None:
    assert pins(LOCKS[0]).items() <= pins(LOCKS[1]).items()


def test_a_terminal_installs_nothing_of_the_server() -> None:
    server_only = {"sanic", "tortoise-orm", "aiomysql", "pymysql", "redis"}
    assert pins(LOCKS[2]).keys() & server_only == set()


def test_a_bank_gateway_installs_nothing_that_reads_the_server_s_tables() -> None:
    assert pins(LOCKS[3]).keys() & {"tortoise-orm", "aiomysql", "pymysql", "redis"} == set()


@pytest.mark.parametrize("name", FLOORS)
def test_what_is_installed_is_new_enough(name: str) -> None:
    floor, why = FLOORS[name]
    assert Version(importlib.metadata.version(name)) >= Version(floor), why
    assert Version(pins(LOCKS[0])[name]) >= Version(floor), why


def test_what_is_installed_is_what_is_locked() -> None:
    locked = pins(LOCKS[1])
    here = {name: importlib.metadata.version(name) for name in pins(LOCKS[0])}
    assert here == {name: locked[name] for name in here}


def test_asyncmy_is_not_installed() -> None:
    """Tortoise would prefer it, and its pool lets waiters starve for seconds."""
    assert importlib.util.find_spec("asyncmy") is None
    assert all("asyncmy" not in pins(lock) for lock in LOCKS)


def test_every_package_is_under_contract() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    linter = settings["tool"]["importlinter"]
    here = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    house = next(contract for contract in linter["contracts"] if contract["id"] == "house")
    named = {name.strip() for layer in house["layers"] for name in layer.split("|")}
    assert here == set(PACKAGES) == set(linter["root_packages"]) == named


def test_every_left_out_rule_has_a_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    rules = re.findall(r'^ +"[A-Z]+[0-9]*",.*$', text, re.MULTILINE)
    assert len(rules) > 30
    assert [rule for rule in rules if not re.search(r"# \S.{4,}", rule)] == []


def test_the_lock_checks_can_fail() -> None:
    assert unreasoned("sanic\n") == ["sanic"]
    assert unreasoned("sanic  # the web server\n") == []
    assert unhashed("--find-links somewhere\n") == ["--find-links somewhere"]
    assert unhashed("sanic==25.12.1\n") == ["sanic==25.12.1"]
    assert unhashed("sanic @ file:///x\n") == ["sanic @ file:///x"]
