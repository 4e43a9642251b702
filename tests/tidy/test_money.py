"""Money is an int of fen: never a fraction, never divided."""

import ast

import pytest

from tests.tidy.sources import MIGRATIONS, Source, findings, nothing, sample

FRACTIONS = {"float", "Decimal", "complex", "Fraction", "FloatField", "DecimalField"}


def name_of(node: ast.AST | None) -> str:
    if isinstance(node, ast.Call):
        return name_of(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return getattr(node, "id", "") or getattr(node, "arg", "") or getattr(node, "name", "")


def is_money(node: ast.AST | None) -> bool:
    name = name_of(node).lower()
    return name.endswith("_fen") or "_fen_" in name or name == "fen"


def names_a_fraction(node: ast.AST | None) -> bool:
    return node is not None and any(
        getattr(part, "id", getattr(part, "attr", "")) in FRACTIONS for part in ast.walk(node)
    )


def is_fraction_value(node: ast.AST | None) -> bool:
    return (isinstance(node, ast.Constant) and isinstance(node.value, float)) or (
        isinstance(node, ast.Call) and name_of(node) in FRACTIONS
    )


def fractions_of_money(source: Source) -> list[str]:
    found: list[ast.AST] = []
    for node in source.nodes():
        match node:
            case ast.AnnAssign() if is_money(node.target):
                if names_a_fraction(node.annotation) or is_fraction_value(node.value):
                    found.append(node)
            case ast.Assign() if any(map(is_money, node.targets)) and is_fraction_value(node.value):
                found.append(node)
            case ast.arg() if is_money(node) and names_a_fraction(node.annotation):
                found.append(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef() if is_money(node):
                if names_a_fraction(node.returns):
                    found.append(node)
            case ast.keyword() if is_money(node) and is_fraction_value(node.value):
                found.append(node)
            case ast.Call() if name_of(node) in FRACTIONS and any(map(is_money, node.args)):
                found.append(node)
            case _:
                pass
    return [source.at(node, "money is an int of fen") for node in found]


def divisions_of_money(source: Source) -> list[str]:
    return [
        source.at(node, "money is never divided with /: use divmod or a named rounding")
        for node in source.nodes()
        if isinstance(node, ast.BinOp | ast.AugAssign)
        and isinstance(node.op, ast.Div)
        and any(
            is_money(part)
            for part in ast.iter_child_nodes(node)
            if isinstance(part, ast.Name | ast.Attribute | ast.Call)
        )
    ]


def test_money_is_never_a_fraction() -> None:
    # tests feed fractions on purpose, to see them refused
    nothing(findings(fractions_of_money, but=(MIGRATIONS, "tests/")))


def test_money_is_never_divided() -> None:
    nothing(findings(divisions_of_money, but=("tests/tidy/",)))


@pytest.mark.parametrize(
    "text",
    [
        "amount_fen: float = 1",
        "amount_fen: int | float",
        "amount_fen: int = 1.0",
        "amount_fen = 12.5",
        "class R:\n amount_fen = fields.DecimalField()",
        "def f(amount_fen: float): ...",
        "def f(*, amount_fen: Decimal | None): ...",
        "def total_fen() -> float: ...",
        "post(amount_fen=0.5)",
        "float(row.amount_fen)",
        "amount_fen_max: float = 3",
    ],
)
def test_the_fraction_check_sees(text: str) -> None:
    assert fractions_of_money(sample(text))


@pytest.mark.parametrize(
    "text", ["a_fen / 100", "x = 100 / row.a_fen", "a_fen /= 2", "a_fen() / 3"]
)
def test_the_division_check_sees(text: str) -> None:
    assert divisions_of_money(sample(text))


@pytest.mark.parametrize("text", ["a_fen: int = 1", "a_fen = b_fen * 3", "seconds: float = 0.1"])
def test_the_money_checks_let_pass(text: str) -> None:
    assert not fractions_of_money(sample(text))
    assert not divisions_of_money(sample("divmod(a_fen, 100); a_fen // 100; seconds / 3"))
