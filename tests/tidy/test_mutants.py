"""The list of mutants cannot rot: every guard it names still stands, once, and so do its tests."""

import ast
from collections import Counter
from functools import cache

from scripts.mutant_lists import MUTANTS
from tests.tidy.sources import ROOT

GUARDS_MIN = 80


@cache
def _text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def _tests_in(path: str) -> frozenset[str]:
    tree = ast.parse(_text(path))
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, functions))


def test_every_guard_stands_exactly_once() -> None:
    wrong = [(str(one), _text(one.file).count(one.source)) for one in MUTANTS]
    assert [(guard, count) for guard, count in wrong if count != 1] == []


def test_every_mutant_is_another_program() -> None:
    for one in MUTANTS:
        mutated = _text(one.file).replace(one.source, one.replacement)
        compile(mutated, one.file, "exec")  # a mutant that cannot be read proves nothing
        assert mutated != _text(one.file), str(one)


def test_every_named_test_exists() -> None:
    gone = []
    for one in MUTANTS:
        for test in one.tests:
            path, _, name = test.partition("::")
            is_there = (ROOT / path).exists()
            if not is_there or (name and name.partition("[")[0] not in _tests_in(path)):
                gone.append(test)
    assert gone == []


def test_no_mutant_is_named_twice() -> None:
    counted = Counter((one.file, one.source, one.replacement) for one in MUTANTS)
    assert [key for key, times in counted.items() if times > 1] == []
    assert len(MUTANTS) >= GUARDS_MIN
