"""The written document and the mini-program's types, made of the routes as they stand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backend.api.app import server_document
from scripts import environment, export_openapi
from scripts.export_openapi import PHONE, as_text, part_of, references, stale, types_of


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    return server_document()


def test_a_phone_hears_of_nothing_that_is_not_for_it(whole: dict[str, Any]) -> None:
    part = part_of(whole, PHONE)
    assert "/student/card" in part["paths"]
    assert "/staff/lookups" in part["paths"]
    assert not [path for path in part["paths"] if path.startswith(("/admin", "/terminal"))]
    names = set(part["components"]["schemas"])
    assert {"CardTold", "ErrorTold", "PaymentTold"} <= names  # the last only within a page
    assert set(references(part)) == names
    assert names < set(whole["components"]["schemas"])


def test_the_text_is_stable_and_readable(whole: dict[str, Any]) -> None:
    text = as_text(whole)
    assert text == as_text(server_document())
    assert json.loads(text) == whole
    assert "校码" in text
    assert text.endswith("}\n")


def test_what_differs_is_stale(tmp_path: Path) -> None:
    same, other, absent = (tmp_path / name for name in ("same", "other", "absent"))
    same.write_text("1")
    other.write_text("2")
    assert stale({same: "1", other: "1", absent: "1"}) == [other, absent]


def test_the_check_names_the_file_and_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Main as it is, on files of its own; only the making of types is left out."""
    document, types = tmp_path / "openapi.json", tmp_path / "api.ts"
    office = tmp_path / "schema.ts"
    own = {"ROOT": tmp_path, "DOCUMENT": document, "TYPES": types, "OFFICE_TYPES": office}
    for name, value in own.items():
        monkeypatch.setattr(export_openapi, name, value)
    monkeypatch.setattr(environment, "reexec", lambda **_: None)
    monkeypatch.setattr(export_openapi, "types_of", lambda _: "types")
    monkeypatch.setattr("sys.argv", ["export_openapi.py", "--check"])
    with pytest.raises(SystemExit) as left:
        export_openapi.main()
    assert left.value.code == 1
    said = capsys.readouterr().out
    assert "openapi.json" in said
    assert "run: python3 scripts/export_openapi.py" in said
    assert not document.exists()
    monkeypatch.setattr("sys.argv", ["export_openapi.py"])
    export_openapi.main()
    assert types.read_text() == office.read_text() == "types"
    monkeypatch.setattr("sys.argv", ["export_openapi.py", "--check"])
    export_openapi.main()
    document.write_text(document.read_text().replace("fen", "yuan"))
    with pytest.raises(SystemExit):
        export_openapi.main()


@pytest.mark.timeout(180)
def test_the_types_are_typescript_of_the_answers(whole: dict[str, Any]) -> None:
    """By the true generator: what is required is required, what may be null says so."""
    text = types_of(part_of(whole, PHONE))
    assert text.startswith("// Made by `python3 scripts/export_openapi.py`")
    assert "export type CardTold = components['schemas']['CardTold'];" in text
    assert "spent_fen: number;" in text
    assert 'state: "active" | "frozen" | "lost" | "closed";' in text
    assert "merchant_id: number | null;" in text
    assert "denylist?: number;" in text
