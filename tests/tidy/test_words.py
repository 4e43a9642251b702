"""One word per thing: names in code do not use the words the glossary gave up."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.tidy.sources import MIGRATIONS, Source, findings, nothing, sample

GIVEN_UP = {
    "blacklist": "denylist",
    "whitelist": "card directory",
    "recharge": "top-up",
    "deposit": "top-up",
    "wallet": "purse",
    "subsidy": "benefit",
    "subsidies": "benefit",
    "bonus": "benefit",
    "payout": "settlement",
    "vendor": "merchant",
    "user": "cardholder",
    "users": "cardholder",
    "consumption": "payment",
    "complaint": "dispute",
    "rollback": "reversal",
    "threshold": "floor limit",
}
# (word, path, why it means something else there)
OTHER_MEANINGS = (
    ("wallet", "campus_code/", "WeChat's, Alipay's and UnionPay's: the codes we refuse"),
    ("wallet", "qr_terminals/", "the same: a terminal names whose code it was shown"),
    ("wallet", "simulators/", "the same: somebody shows one"),
    ("wallet", "scripts/", "the same: the lunch has one"),
    ("wallet", "tests/", "the same"),
    ("user", "simulators/databases.py", "MariaDB's own word for who connects"),
    ("rollback", "backend/tables/", "the database's own word for giving a transaction up"),
)


def defined(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """Yield every name that the file defines: classes, functions, arguments, variables, tables."""
    for node in source.nodes():
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, node.name
        elif isinstance(node, ast.arg):
            yield node, node.arg
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node, node.id if isinstance(node, ast.Name) else node.attr
        elif isinstance(node, ast.Assign) and (name := table_name(node)):
            yield node, name


def table_name(node: ast.Assign) -> str:
    """Return the name in `table = "cards"`, else nothing."""
    is_table = any(isinstance(target, ast.Name) and target.id == "table" for target in node.targets)
    value = node.value.value if isinstance(node.value, ast.Constant) else ""
    return value if is_table and isinstance(value, str) else ""


def words(name: str) -> list[str]:
    """Return the words of a snake_case or CamelCase name."""
    return re.findall(r"[a-z]+", re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower())


def given_up_words(source: Source) -> list[str]:
    return [
        source.at(node, f"{name}: say {GIVEN_UP[word]}, not {word}")
        for node, name in defined(source)
        for word in words(name)
        if word in GIVEN_UP
        and not any(word == w and source.path.startswith(p) for w, p, _ in OTHER_MEANINGS)
    ]


def direction_words(source: Source) -> list[str]:
    """It is `source` and `target`; from and to are prepositions."""
    return [
        source.at(node, f"{name}: say source or target")
        for node, name in defined(source)
        if name in {"from_", "to_", "frm", "dst", "src"} or name.startswith("from_account")
    ]


def test_names_use_the_words_of_the_glossary() -> None:
    nothing(findings(given_up_words, but=(MIGRATIONS, "tests/tidy/")))


def test_money_has_a_source_and_a_target() -> None:
    nothing(findings(direction_words, but=(MIGRATIONS, "tests/tidy/")))


@pytest.mark.parametrize(
    "text",
    [
        "blacklist = 1",
        "class Whitelist: ...",
        "def recharge_card(): ...",
        "def f(deposit_fen): ...",
        "class A:\n purse_wallet: int = 1",
        "self.user_id = 3",
        "class UserRow(Model):\n class Meta:\n  table = 'campus_users'",
        "SUBSIDY = 1",
        "for vendor in x: ...",
    ],
)
def test_the_word_check_sees(text: str) -> None:
    assert given_up_words(sample(text))


@pytest.mark.parametrize("text", ["denylist = 1", "x.user", "'a wallet'", "def superuser_(): ..."])
def test_the_word_check_lets_pass(text: str) -> None:
    assert not given_up_words(sample(text))


def test_a_word_may_mean_something_else_in_its_place_only() -> None:
    assert not given_up_words(sample("wallet = 1", "campus_code/code.py"))
    assert given_up_words(sample("wallet = 1", "backend/tables/purse.py"))


def test_the_direction_check_sees() -> None:
    assert direction_words(sample("def post(from_, to_): ..."))
    assert not direction_words(sample("def post(source, target): ..."))
