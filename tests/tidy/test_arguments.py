"""Clock, ids and randomness are arguments; faults are never swallowed."""

import ast

import pytest

from tests.tidy.sources import Source, findings, nothing, sample

# Those that build everything and hand it down, and the programs that play a person or a device.
ROOTS = (
    "backend/server.py",
    "backend/worker.py",
    "backend/schedule.py",
    "backend/migrate.py",
    "bank_gateway/__main__.py",
    "qr_terminals/__main__.py",
    "qr_terminals/program.py",
    "qr_terminals/clock.py",  # weighs the wall clock against others before it is believed
    "campus_code/__main__.py",
    "benchmarks/",
    "scripts/",
    "simulators/",
    "tests/",
)
PURE = ("campus_code/", "backend/domain/", "backend/tables/", "backend/usecases/")
CLOCKS = {"time.time", "time.time_ns", "time.localtime", "time.gmtime", "date.today"}
CLOCKS |= {"datetime.now", "datetime.utcnow", "datetime.today", "datetime.datetime.now"}
CLOCKS |= {"datetime.date.today", "datetime.datetime.utcnow", "dt.datetime.now", "timezone.now"}
CHANCE = {"uuid.uuid1", "uuid.uuid4", "uuid4", "os.urandom", "time.time_ns"}
CHANCE_MODULES = ("random.", "secrets.")
SKIPS = {"pytest.skip", "pytest.importorskip", "pytest.mark.skip", "pytest.mark.skipif"}
SKIPS |= {"pytest.xfail", "pytest.mark.xfail", "unittest.skip"}
BROAD = {"Exception", "BaseException", ""}


def dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return getattr(node, "id", "")


def own_clocks(source: Source) -> list[str]:
    return [
        source.at(node, f"{dotted(node)}: the clock is an argument")
        for node in source.nodes()
        if isinstance(node, ast.Attribute) and dotted(node) in CLOCKS
    ]


def clock_imports(source: Source) -> list[str]:
    return [
        source.at(node, f"from time import {name.name}: write time.{name.name}, so that it is seen")
        for node in source.nodes()
        if isinstance(node, ast.ImportFrom) and node.module == "time"
        for name in node.names
        if f"time.{name.name}" in CLOCKS
    ]


def own_chance(source: Source) -> list[str]:
    found = []
    for node in source.nodes():
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            is_comparison = name == "secrets.compare_digest"
            if (name in CHANCE or name.startswith(CHANCE_MODULES)) and not is_comparison:
                found.append(source.at(node, f"{name}: ids and randomness are arguments"))
    return found


def swallowed_faults(source: Source) -> list[str]:
    found = []
    for node in source.nodes():
        if isinstance(node, ast.ExceptHandler) and is_broad(node.type) and is_silent(node.body):
            found.append(source.at(node, "this except swallows every fault"))
        if (
            isinstance(node, ast.Call)
            and dotted(node.func) in {"suppress", "contextlib.suppress"}
            and any(is_broad(argument) for argument in node.args)
        ):
            found.append(source.at(node, "this suppress swallows every fault"))
    return found


def skipped_tests(source: Source) -> list[str]:
    return [
        source.at(node, f"{dotted(node)}: what is not run is not proven")
        for node in source.nodes()
        if isinstance(node, ast.Attribute) and dotted(node) in SKIPS
    ]


def is_broad(node: ast.AST | None) -> bool:
    if isinstance(node, ast.Tuple):
        return any(is_broad(part) for part in node.elts)
    return node is None or dotted(node) in BROAD


def is_silent(body: list[ast.stmt]) -> bool:
    """Return whether nothing is said and nothing raised: pass, ..., continue, bare return."""
    return all(
        isinstance(statement, ast.Pass | ast.Continue | ast.Break)
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        or (isinstance(statement, ast.Return) and not isinstance(statement.value, ast.Call))
        for statement in body
    )


def test_the_clock_is_an_argument() -> None:
    nothing(findings(own_clocks, but=ROOTS))
    nothing(findings(clock_imports))


def test_ids_and_randomness_are_arguments() -> None:
    others = tuple({s.split("/")[0] + "/" for s in ROOTS} - {"backend/", "campus_code/"})
    found = findings(own_chance, but=(*others, "campus_code/__main__.py", "backend/server.py"))
    assert [finding for finding in found if finding.startswith(PURE)] == []


def test_no_test_is_skipped() -> None:
    nothing(findings(skipped_tests))


@pytest.mark.parametrize("how", sorted(SKIPS))
def test_the_skip_check_sees(how: str) -> None:
    assert skipped_tests(sample(f"@{how}('why')\ndef test(): ..."))
    assert not skipped_tests(sample("@pytest.mark.slow\ndef test(): ..."))


def test_no_fault_is_swallowed() -> None:
    nothing(findings(swallowed_faults))


@pytest.mark.parametrize(
    "text",
    [
        "x = time.time()",
        "def f(clock=time.time): ...",
        "datetime.now(UTC)",
        "datetime.datetime.now()",
        "date.today()",
    ],
)
def test_the_clock_check_sees(text: str) -> None:
    assert own_clocks(sample(text))
    assert not own_clocks(sample("time.monotonic(); clock(); row.time"))


def test_the_clock_import_check_sees() -> None:
    assert clock_imports(sample("from time import time"))
    assert not clock_imports(sample("from time import monotonic, sleep"))


@pytest.mark.parametrize("text", ["secrets.token_bytes(8)", "random.random()", "uuid.uuid4()"])
def test_the_chance_check_sees(text: str) -> None:
    assert own_chance(sample(text))
    assert not own_chance(sample("secrets.compare_digest(a, b); randomness(8)"))


@pytest.mark.parametrize(
    "text",
    [
        "try: x()\nexcept: pass",
        "try: x()\nexcept Exception: pass",
        "try: x()\nexcept BaseException:\n    ...",
        "try: x()\nexcept (OSError, Exception): pass",
        "for a in b:\n  try: x()\n  except Exception: continue",
        "def f():\n  try: x()\n  except Exception: return None",
        "with suppress(Exception): x()",
        "with contextlib.suppress(BaseException): x()",
    ],
)
def test_the_swallow_check_sees(text: str) -> None:
    assert swallowed_faults(sample(text))


@pytest.mark.parametrize(
    "text",
    [
        "try: x()\nexcept OSError: pass",
        "try: x()\nexcept Exception:\n    undo()\n    raise",
        "try: x()\nexcept Exception as fault: log(fault)",
        "with suppress(ProcessLookupError): x()",
    ],
)
def test_the_swallow_check_lets_pass(text: str) -> None:
    assert not swallowed_faults(sample(text))
