"""Each package that our code imports is asked for by name, by those who run that code."""

import ast
import importlib.metadata
import re
import sys

import pytest

from tests.tidy.sources import PACKAGES, ROOT, Source, findings, nothing, sample

SERVER = "requirements.in"
TERMINAL = "qr_terminals/requirements.in"
BANK = "bank_gateway/requirements.in"
DEV = "requirements-dev.in"
# A terminal installs its own short list and gets campus_code with it; tests may use everything.
LISTS = {
    "campus_code/": (TERMINAL,),
    "qr_terminals/": (TERMINAL,),
    "bank_gateway/": (BANK,),
    "backend/": (SERVER,),
    "simulators/": (SERVER,),
    "scripts/": (SERVER,),
    "benchmarks/": (SERVER, BANK, DEV),
    "tests/": (SERVER, TERMINAL, BANK, DEV),
}
DISTRIBUTIONS = importlib.metadata.packages_distributions()


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def asked_for(paths: tuple[str, ...]) -> set[str]:
    """Return the names in these lists of direct dependencies."""
    lines = [line for path in paths for line in (ROOT / path).read_text("utf-8").splitlines()]
    return {plain(match[0]) for line in lines if (match := re.match(r"[A-Za-z0-9][\w.-]*", line))}


def imported(source: Source) -> list[tuple[ast.AST, str]]:
    """Return the foreign top-level modules that a file imports, wherever it does."""
    found: list[tuple[ast.AST, str]] = []
    for node in source.nodes():
        if isinstance(node, ast.Import):
            found += [(node, alias.name.split(".")[0]) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append((node, node.module.split(".")[0]))
    own = {*sys.stdlib_module_names, *PACKAGES, "__future__"}
    return [(node, name) for node, name in found if name not in own]


def not_asked_for(source: Source) -> list[str]:
    folder = source.path.split("/")[0] + "/"
    names = asked_for(LISTS[folder])
    return [
        source.at(node, f"{module}: add it to {' or '.join(LISTS[folder])}, with its reason")
        for node, module in imported(source)
        if not {plain(name) for name in DISTRIBUTIONS.get(module, [module])} & names
    ]


def test_every_import_is_asked_for() -> None:
    nothing(findings(not_asked_for))


@pytest.mark.parametrize(
    "path, text, count",
    [
        ("backend/x.py", "import sanic, no_such_thing", 1),
        ("backend/x.py", "from pypika_tortoise import Query", 1),  # came with Tortoise, unasked
        ("backend/x.py", "import hypothesis", 1),
        ("tests/x.py", "import hypothesis, sanic", 0),
        ("qr_terminals/x.py", "def f():\n import tortoise.models", 1),
        ("campus_code/x.py", "from PIL import Image; import serial", 0),
        ("backend/x.py", "from . import y; import os.path; import campus_code.code", 0),
    ],
)
def test_the_import_check_sees(path: str, text: str, count: int) -> None:
    assert len(not_asked_for(sample(text, path))) == count
