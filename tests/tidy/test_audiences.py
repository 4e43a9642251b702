"""Each folder of backend/api is one audience: one rule of who may enter, used by nobody else."""

import ast

import pytest

from tests.tidy.sources import Source, findings, nothing, paths, sample

AUDIENCES = {"student", "guardian", "staff", "terminal", "merchant", "admin", "open", "webhooks"}


def neighbours(source: Source) -> list[str]:
    """Return the imports from one audience's folder into another's."""
    parts = source.path.split("/")
    if parts[:2] != ["backend", "api"] or len(parts) < 4:
        return []
    found = []
    for node in source.nodes():
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            steps = name.split(".")
            is_audience = steps[:2] == ["backend", "api"] and {*steps[2:3]} <= AUDIENCES
            if is_audience and steps[2] != parts[2]:
                found.append(source.at(node, f"{parts[2]} imports {name}"))
    return found


def test_no_audience_imports_another() -> None:
    nothing(findings(neighbours))


def test_every_folder_of_the_api_is_an_audience() -> None:
    folders = {path.split("/")[2] for path in paths()
               if path.startswith("backend/api/") and path.count("/") > 2}  # fmt: skip
    assert folders <= AUDIENCES


@pytest.mark.parametrize(
    "text",
    [
        "import backend.api.admin.cards",
        "from backend.api.admin import x",
        "from backend.api import admin",
    ],
)
def test_the_audience_check_sees(text: str) -> None:
    assert neighbours(sample(text, "backend/api/student/cards.py"))
    assert not neighbours(sample(text, "backend/api/admin/cards.py"))
    assert not neighbours(sample("from backend.api import errors", "backend/api/student/cards.py"))
