"""What nobody may guess, and what may not be in anybody's phone."""

from __future__ import annotations

import math
import os
import re
from collections import Counter

from backend.domain.top_up import ORDER_RANDOM_BYTES, order_number, refund_number
from tests.tidy.sources import ROOT

NUMBERS = 1_000_000
SECRET_WORDS = re.compile(
    rb"PRIVATE KEY|BEGIN CERTIFICATE|PUB_KEY_ID_|apiclient|app_?secret|api_?v3_?key|mch_?id",
    re.IGNORECASE,
)
LITERAL = re.compile(r"""["'`]([A-Za-z0-9+/=_\-]{32,})["'`]""")
ENTROPY_MAX = 4.3
"""Bits a character: 32 random hex digits have less than 4, 32 random base64 characters near 5."""
HEX = re.compile(r"[0-9a-fA-F]{32,}")
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LOCK = "package-lock.json"
SHIPPED = (".ts", ".js", ".json", ".wxml", ".wxs", ".wxss")


def test_a_million_numbers_are_a_million() -> None:
    """P11: more than 96 random bits, and none twice."""
    assert ORDER_RANDOM_BYTES * 8 >= 96
    made = {order_number(os.urandom(ORDER_RANDOM_BYTES)) for _ in range(NUMBERS)}
    assert len(made) == NUMBERS
    assert {len(one) for one in made} == {26}
    assert refund_number(bytes(ORDER_RANDOM_BYTES)) not in made


def shipped() -> list[tuple[str, bytes]]:
    """Everything of the mini-program that goes into its package."""
    files = (ROOT / "miniprogram").rglob("*")
    kept = (
        one
        for one in files
        if one.suffix in SHIPPED and one.name != LOCK and "node_modules" not in one.parts
    )
    return [
        (str(one.relative_to(ROOT)), one.read_bytes()) for one in kept if "tests" not in one.parts
    ]


def suspicious(text: str) -> list[str]:
    """Literals that look like keys."""
    found = []
    for literal in LITERAL.findall(text):
        counted = Counter(literal).values()
        bits = -sum(n / len(literal) * math.log2(n / len(literal)) for n in counted)
        is_random = bits > ENTROPY_MAX and ALPHABET not in literal
        if is_random or HEX.fullmatch(literal):
            found.append(literal)
    return found


def test_no_secret_is_in_the_package() -> None:
    """P15: thousands of mini-programs were found to carry their merchant's keys."""
    files = shipped()
    assert len(files) > 50
    assert [name for name, raw in files if SECRET_WORDS.search(raw)] == []
    assert [
        (name, suspicious(raw.decode())) for name, raw in files if suspicious(raw.decode())
    ] == []


def test_the_search_would_find_one() -> None:
    assert SECRET_WORDS.search(b'const appSecret = "x"')
    assert SECRET_WORDS.search(b"-----BEGIN PRIVATE KEY-----")
    assert suspicious('"5157F09EFDC096DE15EBE81A47057A72A7B5A1F1"')
    assert suspicious('"Zk9x2Q1mVt7bLpR8sYw3Hc5Ud0Ga6JfN"')
    assert not suspicious('"packages/topup/invited/index/that/is/a/path"')
