"""The words of messages: they fit WeChat's keywords whatever the names, in two languages."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.domain.message import (
    CONFIRM,
    Channel,
    Language,
    RefundStep,
    Stock,
    Template,
    asked_now,
    channel_for,
)
from backend.domain.message_text import THING_LENGTH_MAX, compose, compose_letter, cut
from campus_code.directory import CardState
from simulators.wechat.partner import TEMPLATE_SETTINGS, TEMPLATES, VALUES

OFFSET = 8 * 3600
AT = 1_767_240_000
MONEY = {"amount_fen": "1205", "at": str(AT)}
SAMPLES: dict[Template, list[dict[str, str]]] = {
    Template.PAYMENT: [
        {"merchant": "清真窗口", "charged_fen": "1205", "occurred_at": str(AT)},
        {"merchant": "清真窗口", "charged_fen": "0", "occurred_at": str(AT), "courtesy": "1"},
    ],
    Template.FREEZE: [{"state": state.name, "at": str(AT)} for state in list(CardState)[1:3]],
    Template.TOP_UP: [MONEY],
    Template.LOW: [MONEY | {"left": left} for left in ("0", "1")],
    Template.OVER: [MONEY],
    Template.REFUND: [
        MONEY | {"step": step} | more
        for step in RefundStep
        for more in ({}, {"merchant": "清真窗口"})
    ],
    Template.BENEFIT: [MONEY],
    Template.DISPUTE: [
        {"merchant": "清真窗口", "decision": word, "at": str(AT)} for word in ("upheld", "refused")
    ],
    Template.LOT: [MONEY],
}


def fits(template: Template, words: dict[str, str]) -> None:
    """As WeChat itself looks at it."""
    keywords = TEMPLATES[TEMPLATE_SETTINGS[f"XIAOMA_WECHAT_{template.name}_TEMPLATE"]]
    body = compose(template, words, OFFSET)
    assert tuple(body) == keywords
    for keyword, value in body.items():
        assert VALUES[keyword.rstrip("0123456789")].fullmatch(value), (template, keyword, value)


@pytest.mark.parametrize("template", list(Template))
def test_every_kind_fits_its_template_and_reads_in_both_languages(template: Template) -> None:
    for sample in SAMPLES[template]:
        for who in ({}, {"who": "王小明"}):
            fits(template, sample | who)
            zh, en = [
                compose_letter(template, sample | who, OFFSET, language=one, school="示范大学")
                for one in Language
            ]
            assert zh.text.startswith("【示范大学】")
            assert re.search(r"[\u4e00-\u9fff]", zh.title)
            plain = (
                en.text.removeprefix("[示范大学] ").replace("清真窗口", "").replace("王小明", "")
            )
            assert not re.search(r"[\u4e00-\u9fff]", plain), plain
            assert ("王小明" in zh.text) is bool(who)


def test_what_a_message_says() -> None:
    payment, gift = SAMPLES[Template.PAYMENT]
    assert compose(Template.PAYMENT, payment | {"who": "王小明"}, OFFSET) == {
        "thing1": "王小明·清真窗口",
        "amount2": "12.05元",
        "time3": "2026年1月1日 12:00",
    }
    letter = compose_letter(
        Template.PAYMENT, payment, OFFSET, language=Language.ZH, school="示范大学"
    )
    assert letter.text == "【示范大学】2026年1月1日 12:00在清真窗口消费12.05元。"
    assert compose(Template.PAYMENT, gift, OFFSET) == {
        "thing1": "学校请的一餐·清真窗口",
        "amount2": "0.00元",
        "time3": "2026年1月1日 12:00",
    }
    gifts = [
        compose_letter(Template.PAYMENT, gift, OFFSET, language=one, school="E").text
        for one in (Language.ZH, Language.EN)
    ]
    assert gifts == [
        "【E】2026年1月1日 12:00在清真窗口用餐，这是学校请的一餐，没有扣您的钱。",
        "[E] A meal on the school at 清真窗口, 2026-01-01 12:00: you paid nothing.",
    ]
    english = compose_letter(
        Template.LOW, SAMPLES[Template.LOW][1], OFFSET, language=Language.EN, school="Example"
    )
    assert english.text == "[Example] The balance of 12.05 yuan may not cover tomorrow."
    code = compose_letter(CONFIRM, {"code": "012345"}, OFFSET, language=Language.EN, school="E")
    assert "012345" in code.text


def test_facts_that_make_no_message_are_refused() -> None:
    with pytest.raises(ValueError, match="fen"):
        compose(Template.TOP_UP, MONEY | {"amount_fen": "-1"}, OFFSET)
    with pytest.raises(KeyError):
        compose(Template.TOP_UP, {"at": "1"}, OFFSET)


@example(merchant=" ", who=" ", fen=0)
@example(merchant="窗" * 40, who="王" * 40, fen=5)
@given(merchant=st.text(), who=st.text(), fen=st.integers(0, 10**9))
def test_names_of_any_length_fit(merchant: str, who: str, fen: int) -> None:
    words = {"merchant": merchant, "charged_fen": str(fen), "occurred_at": "0", "who": who}
    fits(Template.PAYMENT, words)


@given(text=st.text(), length_max=st.integers(2, 40))
def test_a_cut_is_seen_and_short(text: str, length_max: int) -> None:
    plain = " ".join(text.split())
    shown = cut(text, length_max)
    assert len(shown) <= length_max
    assert shown == plain or shown.endswith("…")


def test_a_cut_takes_no_character_apart() -> None:
    assert cut("窗" * 40, THING_LENGTH_MAX) == "窗" * 19 + "…"
    assert cut("窗" * 20, THING_LENGTH_MAX) == "窗" * 20
    accent = "e\u0301"
    assert cut(accent * 4, 4) == f"{accent}…"
    family = "👨\u200d👩\u200d👧"
    assert cut(f"ab{family}", 5) == "ab…"


# ------------------------------------------------------------------------------------ who, how


def test_ways_are_tried_in_their_order_and_only_those_agreed_to_by_then() -> None:
    both = {Channel.MAIL: 10, Channel.SMS: 20}
    assert channel_for(Stock(1, agreed_at=5), both, 30) is Channel.WECHAT
    assert channel_for(Stock(0, agreed_at=5), both, 30) is Channel.SMS
    assert channel_for(Stock(1, agreed_at=25), both, 15) is Channel.MAIL
    assert channel_for(Stock(), both, 9) is None
    lasting = Stock(0, is_long_term=True, agreed_at=5)
    assert channel_for(lasting, {}, 30) is Channel.WECHAT
    assert channel_for(Stock(0, is_long_term=True, agreed_at=5, refused_at=6), {}, 30) is None


def test_a_tap_asks_for_the_scarcest_three() -> None:
    stocks = {
        Template.PAYMENT: Stock(2),
        Template.FREEZE: Stock(5),
        Template.TOP_UP: Stock(0),
        Template.LOW: Stock(1),
        Template.OVER: Stock(0, refused_at=100),
        Template.LOT: Stock(3),
    }
    none: frozenset[Template] = frozenset()
    assert asked_now(stocks, none, 101) == (Template.TOP_UP, Template.LOW, Template.PAYMENT)
    assert asked_now(stocks, none, 100 + 86_400)[:2] == (Template.TOP_UP, Template.OVER)
    lasting = frozenset({Template.PAYMENT, Template.LOW})
    stocks[Template.PAYMENT] = Stock(0, is_long_term=True, agreed_at=1)
    stocks[Template.LOW] = Stock(0)
    assert asked_now(stocks, lasting, 101) == (Template.LOW,), "never mixed in one dialogue"
    assert asked_now({Template.FREEZE: Stock(5)}, none, 1) == ()
