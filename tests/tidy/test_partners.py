"""No partner is called inside a database transaction: an answer may take seconds."""

import ast

import pytest

from tests.tidy.sources import Source, findings, nothing, sample

PARTNERS = {"wechat", "wechat_pay", "bank", "library"}


def opens_transaction(node: ast.AsyncWith) -> bool:
    return any(
        isinstance(item.context_expr, ast.Call)
        and getattr(item.context_expr.func, "id", "") in {"transaction", "in_transaction"}
        for item in node.items
    )


def called_inside(source: Source) -> list[str]:
    """Return the calls of a partner, or with one as an argument, in a transaction's block."""
    found = []
    for block in source.nodes():
        if not isinstance(block, ast.AsyncWith) or not opens_transaction(block):
            continue
        for statement in block.body:
            found += [
                source.at(node, f"{node.id} in a transaction: ask before, or note it and ask after")
                for node in ast.walk(statement)
                if isinstance(node, ast.Name) and node.id in PARTNERS
            ]
    return found


def test_no_partner_is_called_in_a_transaction() -> None:
    nothing(findings(called_inside, but=("tests/",)))


@pytest.mark.parametrize(
    "text, count",
    [
        ("async def f():\n async with transaction():\n  await wechat.openid_of(code)", 1),
        ("async def f():\n async with transaction():\n  if x:\n   await ask(code, wechat)", 1),
        ("async def f():\n await wechat.send(x)\n async with transaction():\n  await g()", 0),
        ("async def f():\n async with asyncio.timeout(3):\n  await wechat.send(x)", 0),
    ],
)
def test_the_partner_check_sees(text: str, count: int) -> None:
    assert len(called_inside(sample(text, "backend/usecases/x/y.py"))) == count
