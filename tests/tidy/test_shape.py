"""How long, how wide, and by what names."""

import ast
import re

import pytest

from tests.tidy.sources import MIGRATIONS, ROOT, Source, findings, nothing, paths, sample

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 400
POSITIONAL_MAX = 5
GENERATED = (
    "miniprogram/models/api.ts",
    "admin_web/src/api/schema.ts",
)  # by scripts/export_openapi.py
CODE_SUFFIXES = (".py", ".ts", ".js", ".mjs", ".vue", ".wxss", ".wxml")
EMPTY_NAMES = {"base", "common", "core", "helper", "helpers", "manager", "misc", "service", "util"}
EMPTY_NAMES |= {"managers", "services", "utils", "shared", "stuff"}
NOT_OURS = ("miniprogram/vendor/", "miniprogram/models/api.ts")  # bundled and generated
NAMED_BY_WECHAT = "miniprogram/services/"  # what a mini-program calls its way to wx.request
EMPTY_CLASS = re.compile(r"(Service|Manager|Helper|Util|Utils)$")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def long_functions(source: Source) -> list[str]:
    return [
        source.at(node, f"{node.name} has {lines} lines, at most {FUNCTION_LINES_MAX}")
        for node in source.nodes()
        if isinstance(node, Function)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]


def long_files(source: Source) -> list[str]:
    lines = source.text.count("\n")
    return [f"{source.path} has {lines} lines, at most {FILE_LINES_MAX}"] * (lines > FILE_LINES_MAX)


def many_arguments(source: Source) -> list[str]:
    found = []
    for node in source.nodes():
        if isinstance(node, Function):
            names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
            count = len(names) - (names[:1] in (["self"], ["cls"]))
            if count > POSITIONAL_MAX:
                found.append(source.at(node, f"{node.name} takes {count} positional arguments"))
    return found


def empty_names(path: str) -> list[str]:
    named = path.removeprefix(NAMED_BY_WECHAT)
    parts = {part.split(".")[0].lower() for part in named.split("/")}
    return [f"{path}: '{part}' names nothing" for part in sorted(parts & EMPTY_NAMES)]


def empty_classes(source: Source) -> list[str]:
    return [
        source.at(node, f"class {node.name}: say what it is, not that it does something")
        for node in source.nodes()
        if isinstance(node, ast.ClassDef) and EMPTY_CLASS.search(node.name)
    ]


def rows_by_other_names(source: Source) -> list[str]:
    """In tables/ what ends in Row is a row and nothing else is; elsewhere nothing is a Row."""
    is_table = source.path.startswith("backend/tables/")
    found = []
    for node in source.nodes():
        if isinstance(node, ast.ClassDef):
            bases = {base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
                     for base in node.bases}  # fmt: skip
            is_row = any(base == "Model" or base.endswith("Row") for base in bases)
            if is_row and not node.name.endswith("Row"):
                found.append(source.at(node, f"{node.name} is a row: its name ends in Row"))
            if not is_table and node.name.endswith("Row"):
                found.append(source.at(node, f"{node.name}: only backend/tables has rows"))
    return found


def test_functions_are_short() -> None:
    nothing(findings(long_functions, but=(MIGRATIONS,)))


def test_files_are_short() -> None:
    nothing(findings(long_files, but=(MIGRATIONS,)))


def test_other_code_files_are_short() -> None:
    code = [path for path in paths() if path.endswith(CODE_SUFFIXES) and path[-3:] != ".py"]
    code = [path for path in code if path not in GENERATED]
    code = [path for path in code if not path.startswith(NOT_OURS)]
    assert [path for path in code if long_files(Source(path, read(path)))] == []


def test_functions_take_few_positional_arguments() -> None:
    assert findings(many_arguments, but=("tests/",)) == []  # a test's arguments are fixtures


def test_no_file_has_an_empty_name() -> None:
    assert [finding for path in paths() for finding in empty_names(path)] == []


def test_no_class_has_an_empty_name() -> None:
    nothing(findings(empty_classes))


def test_rows_and_only_rows_end_in_row() -> None:
    nothing(findings(rows_by_other_names, but=("tests/",)))


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


# ------------------------------------------------------------------- the checks can fail


@pytest.mark.parametrize("lines, count", [(FUNCTION_LINES_MAX, 0), (FUNCTION_LINES_MAX + 1, 1)])
def test_the_function_check_counts(lines: int, count: int) -> None:
    body = "    x = 1\n" * (lines - 1)
    assert len(long_functions(sample(f"async def f():\n{body}"))) == count
    assert len(long_functions(sample(f"class A:\n  def f(self):\n{body}"))) == count


@pytest.mark.parametrize("lines, count", [(FILE_LINES_MAX, 0), (FILE_LINES_MAX + 1, 1)])
def test_the_file_check_counts(lines: int, count: int) -> None:
    assert len(long_files(sample("x = 1\n" * lines))) == count


@pytest.mark.parametrize(
    "text, count",
    [
        ("def f(a, b, c, d, e): ...", 0),
        ("def f(a, b, c, d, e, f): ...", 1),
        ("def f(a, b, /, c, d, e, f): ...", 1),
        ("def f(a, b, *, c, d, e, f): ...", 0),
        ("class A:\n def f(self, a, b, c, d, e): ...", 0),
        ("class A:\n def f(self, a, b, c, d, e, f): ...", 1),
    ],
)
def test_the_argument_check_counts(text: str, count: int) -> None:
    assert len(many_arguments(sample(text))) == count


@pytest.mark.parametrize("path", ["backend/utils.py", "backend/core/x.py", "a/Common/b.ts"])
def test_the_name_check_sees(path: str) -> None:
    assert empty_names(path)
    assert not empty_names("backend/usecases/cards/issue_card.py")


@pytest.mark.parametrize("name", ["CardService", "Manager", "MoneyHelper", "FooUtils"])
def test_the_class_check_sees(name: str) -> None:
    assert empty_classes(sample(f"class {name}: ..."))
    assert not empty_classes(sample("class CardDirectory: ..."))


def test_the_row_check_sees() -> None:
    table = "backend/tables/card.py"
    assert rows_by_other_names(sample("class Card(Model): ...", table))
    assert rows_by_other_names(sample("class Card(models.Model): ...", table))
    assert not rows_by_other_names(sample("class CardRow(Model): ...", table))
    assert rows_by_other_names(sample("class CardRow: ...", "backend/domain/card.py"))
