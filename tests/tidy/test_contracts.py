"""Each import contract of pyproject.toml can fail: a small house in which it is broken."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tidy.sources import PACKAGES, ROOT

RINGS = ("api", "gateways", "usecases", "tables", "domain", "migrations", "usecases/cards")
MODULES = ("server", "worker", "migrate", "config", "usecases/ports", "usecases/cards/issue_card")
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """The house with all its rooms, empty."""
    for folder in (*PACKAGES, *(f"backend/{ring}" for ring in RINGS)):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / "__init__.py").touch()
    for module in MODULES:
        (tmp_path / f"backend/{module}.py").touch()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(house: Path, contract: str) -> tuple[int, str]:
    """Return import-linter's status and words about one contract."""
    command = [sys.executable, "-c", LINT, "--no-cache", "--no-logo", "--contract", contract]
    plain = {**os.environ, "COLUMNS": "200"}
    plain.pop("PYTHONPATH", None)
    done = subprocess.run(
        command, cwd=house, env=plain, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    "contract, path, text",
    [
        ("house", "campus_code/x.py", "import backend"),
        ("house", "backend/x.py", "import tests"),
        ("rings", "backend/domain/x.py", "import backend.tables"),
        ("rings", "backend/tables/x.py", "import backend.usecases.ports"),
        ("rings", "backend/usecases/cards/x.py", "import backend.gateways"),
        ("rings", "backend/api/x.py", "import backend.gateways"),
        ("rings", "backend/usecases/cards/x.py", "import backend.config"),
        ("rings", "backend/newcomer.py", ""),
        ("usecases", "backend/usecases/cards/x.py", "import backend.usecases.cards.issue_card"),
        ("gateways", "backend/gateways/x.py", "import backend.usecases.cards.issue_card"),
        ("gateways", "backend/gateways/x.py", "import backend.tables"),
        ("terminals", "qr_terminals/x.py", "import backend.domain"),
        ("terminals", "qr_terminals/x.py", "import tortoise"),
        ("bank_gateway", "bank_gateway/x.py", "import backend.domain"),
        ("no_bank", "backend/gateways/x.py", "import bank_gateway"),
        ("no_bank", "backend/gateways/x.py", "import iso8583"),
        ("campus_code", "campus_code/x.py", "import socket"),
        ("campus_code", "campus_code/x.py", "import simulators"),
        ("domain", "backend/domain/x.py", "import tortoise"),
        ("domain", "backend/domain/x.py", "import time"),
        ("no_web_below", "backend/usecases/cards/x.py", "import sanic"),
        ("wire", "simulators/x.py", "import qr_terminals"),
        ("wire", "simulators/x.py", "import bank_gateway"),
        ("circles", "backend/domain/x.py", "import backend.domain.y"),
    ],
)
def test_each_contract_can_be_broken(house: Path, contract: str, path: str, text: str) -> None:
    (house / "backend/domain/y.py").write_text("import backend.domain.x\n")
    (house / "backend/domain/x.py").touch()
    (house / path).write_text(f"{text}\n")
    status, words = lint(house, contract)
    assert status == 1
    assert "0 kept, 1 broken" in words, words


def test_the_empty_house_keeps_every_contract(house: Path) -> None:
    command = [sys.executable, "-c", LINT, "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=house, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert " 0 broken" in done.stdout
