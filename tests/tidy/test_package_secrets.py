"""Nothing secret is in what a phone downloads: no key, no AppSecret, nothing that looks random."""

import math
import re
from collections import Counter

import pytest

from tests.tidy.sources import ROOT, paths

PACKAGE = "miniprogram/"
NOT_UPLOADED = re.compile(
    r"miniprogram/(tests|node_modules)/|\.(md|mjs|d\.ts)$|miniprogram/(package(-lock)?|tsconfig)\.json"
)
SECRET = re.compile(
    r"-----BEGIN|PRIVATE KEY|app_?secret|appsecret|api_?v3_?key|mch_?key|access_token|"
    r"api\.mch\.weixin|api\.weixin\.qq\.com|XIAOMA_|AKID[A-Za-z0-9]{13,}",
    re.IGNORECASE,
)
"""Words of keys, and addresses that only a server with a secret has a use for."""
RUN = re.compile(r"[A-Za-z0-9+/_=-]{20,}")
HEX = re.compile(r"\b[0-9a-fA-F]{32,}\b")
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
"""Base64's own, in models/bytes.ts."""
BITS_MIN = 3.6
DIGITS_MIN = 3


def bits_a_letter(text: str) -> float:
    """Shannon's entropy of the letters of a text."""
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())


def looks_random(text: str) -> list[str]:
    """Runs of letters that nobody would type: capitals, small ones and digits well mixed."""
    found = [run for run in HEX.findall(text) if len(set(run)) > 8]
    for run in RUN.findall(text):
        kinds = (str.islower, str.isupper, str.isdigit)
        mixed = all(any(kind(letter) for letter in run) for kind in kinds)
        digits = sum(letter.isdigit() for letter in run)
        if run != ALPHABET and mixed and digits >= DIGITS_MIN and bits_a_letter(run) >= BITS_MIN:
            found.append(run)
    return found


def uploaded() -> list[tuple[str, str]]:
    """Every text of the package as WeChat's tool takes it up."""
    names = [one for one in paths() if one.startswith(PACKAGE) and not NOT_UPLOADED.search(one)]
    return [(name, (ROOT / name).read_text(encoding="utf-8")) for name in names]


def test_the_package_is_looked_at() -> None:
    names = {name for name, _text in uploaded()}
    assert {"miniprogram/app.ts", "miniprogram/services/payment.ts"} <= names
    assert "miniprogram/project.config.json" in names
    assert any(name.startswith("miniprogram/packages/topup/") for name in names)


def test_no_word_of_a_secret_is_in_the_package() -> None:
    found = [(name, hit.group()) for name, text in uploaded() for hit in SECRET.finditer(text)]
    assert found == []


def test_nothing_in_the_package_looks_random() -> None:
    assert [(name, run) for name, text in uploaded() for run in looks_random(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        'const key = "9f86d081884c7d659a2feaa0c55ad015";',
        'secret: "q8Zr2VxT5mW0bKd7LhYc3NfA",',
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7",
    ],
)
def test_a_planted_key_is_seen(text: str) -> None:
    assert looks_random(text)


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PRIVATE KEY-----",
        'const APP_SECRET = "";',
        "https://api.weixin.qq.com/sns/jscode2session",
        "apiV3Key",
    ],
)
def test_a_planted_word_is_seen(text: str) -> None:
    assert SECRET.search(text)


def test_names_of_things_are_no_secrets() -> None:
    assert looks_random("readTopUpInvitations packages/topup/invitations/index") == []
