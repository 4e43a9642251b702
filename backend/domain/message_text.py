"""The words of messages: keywords for WeChat's templates, letters for SMS and e-mail.

WeChat refuses a message whose values do not look as their keywords say: a `thing` has at most 20
characters, a `phrase` at most 5 and all of them Chinese, an `amount` is a number with 元.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from backend.domain.letter import Letter
from backend.domain.message import CONFIRM, ENDING, Language, RefundStep, Template
from campus_code.directory import CardState

THING_LENGTH_MAX: Final = 20
"""Characters a keyword of the kind "thing" may have."""
WHO_LENGTH_MAX: Final = 6
"""Characters of a child's name before the place, so that the place still stands there."""
JOINS: Final = "·"
NAMELESS: Final = "校园卡"
"""What stands where there is no name: WeChat takes no empty value."""
COURTESY_ZH: Final = "学校请的一餐"
CUT: Final = "…"
_ZWJ: Final = "\u200d"

Words = Mapping[str, str]


_FREEZE_WORDS: Final = {
    CardState.FROZEN.name: ("校园卡消费已冻结", "the card is frozen"),
    CardState.LOST.name: ("校园卡已挂失", "the card was reported lost"),
    ENDING: ("校园卡到期", "the card ends"),
}
_STEPS: Final = {
    RefundStep.STARTED: ("退款中", "A refund is on its way"),
    RefundStep.ARRIVED: ("退款成功", "A refund has arrived"),
    RefundStep.FAILED: ("退款失败", "A refund failed, the money is in the purse again"),
    RefundStep.RETURNED: ("消费退款", "A payment was refunded to the purse"),
    RefundStep.REVERSED: ("消费冲正", "A payment was undone"),
    RefundStep.IN_CASH: ("现金退款", "Money was paid out in cash"),
}
_LOW_ZH: Final[Mapping[bool, str]] = {True: "余额可能不够今天使用", False: "余额可能不够明天使用"}
_LOW_EN: Final = {True: "today", False: "tomorrow"}
_DECISIONS: Final = {
    "upheld": ("已支持", "it was decided in your favour"),
    "refused": ("未支持", "the payment stands"),
}
_TITLES: Final[Mapping[str, tuple[str, str]]] = {
    Template.PAYMENT: ("消费提醒", "Payment"),
    Template.FREEZE: ("校园卡状态", "Card"),
    Template.TOP_UP: ("充值到账", "Top-up"),
    Template.LOW: ("余额不足提醒", "Low balance"),
    Template.OVER: ("大额消费提醒", "Spending today"),
    Template.REFUND: ("退款通知", "Refund"),
    Template.BENEFIT: ("补助到账", "Benefit"),
    Template.DISPUTE: ("争议答复", "Dispute"),
    Template.LOT: ("充值退款期限", "Refund date"),
    CONFIRM: ("验证码", "Confirmation code"),
}


def compose(template: Template, words: Words, utc_offset_seconds: int) -> dict[str, str]:
    """Keyword → value, as the templates of the manual name their keywords."""
    return _COMPOSED[template](words, utc_offset_seconds)


def compose_letter(
    template: str, words: Words, utc_offset_seconds: int, *, language: Language, school: str
) -> Letter:
    """The same as a sentence; `template` is a Template or CONFIRM."""
    is_zh = language is Language.ZH
    title = _TITLES[template][0 if is_zh else 1]
    at = words.get("occurred_at") or words.get("at")
    when = _local(int(at), utc_offset_seconds, language) if at else ""
    text = (_text_zh if is_zh else _text_en)(template, words, when)
    who = words.get("who", "")
    if who:
        text = f"{who}：{text}" if is_zh else f"{who}: {text}"
    head = f"【{school}】" if is_zh else f"[{school}] "
    return Letter(f"{head}{title}", f"{head}{text}")


def cut(text: str, length_max: int) -> str:
    """The beginning of a text, an ellipsis where it was cut, no character cut apart."""
    text = " ".join(text.split())
    if len(text) <= length_max:
        return text
    end = length_max - len(CUT)
    while end and (unicodedata.combining(text[end]) or _ZWJ in text[end - 1 : end + 1]):
        end -= 1
    return text[:end] + CUT


def _thing(words: Words, text: str) -> str:
    text = cut(text, THING_LENGTH_MAX) or NAMELESS
    who = cut(words.get("who", ""), WHO_LENGTH_MAX)
    return cut(f"{who}{JOINS}{text}", THING_LENGTH_MAX) if who else text


def _payment(words: Words, offset: int) -> dict[str, str]:
    return {
        "thing1": _thing(words, _place(words)),
        "amount2": yuan(int(words["charged_fen"])),
        "time3": _local(int(words["occurred_at"]), offset),
    }


def _place(words: Words) -> str:
    is_courtesy = "courtesy" in words
    return f"{COURTESY_ZH}{JOINS}{words['merchant']}" if is_courtesy else words["merchant"]


def _freeze(words: Words, offset: int) -> dict[str, str]:
    return {
        "thing1": _thing(words, _FREEZE_WORDS[words["state"]][0]),
        "time2": _local(int(words["at"]), offset),
    }


def _told(text: Callable[[Words], str]) -> Callable[[Words, int], dict[str, str]]:
    """thing1, amount2, time3: what most templates look like."""

    def made(words: Words, offset: int) -> dict[str, str]:
        return {
            "thing1": _thing(words, text(words)),
            "amount2": yuan(int(words["amount_fen"])),
            "time3": _local(int(words["at"]), offset),
        }

    return made


def _refund(words: Words, offset: int) -> dict[str, str]:
    return {
        "phrase1": _STEPS[RefundStep(words["step"])][0],
        "amount2": yuan(int(words["amount_fen"])),
        "time3": _local(int(words["at"]), offset),
        "thing4": _thing(words, words.get("merchant", "")),
    }


def _dispute(words: Words, offset: int) -> dict[str, str]:
    return {
        "phrase1": _DECISIONS[words["decision"]][0],
        "thing2": _thing(words, words["merchant"]),
        "time3": _local(int(words["at"]), offset),
    }


_COMPOSED: Final[Mapping[Template, Callable[[Words, int], dict[str, str]]]] = {
    Template.PAYMENT: _payment,
    Template.FREEZE: _freeze,
    Template.TOP_UP: _told(lambda _: "校园卡充值到账"),
    Template.LOW: _told(lambda words: _LOW_ZH[words["left"] == "0"]),
    Template.OVER: _told(lambda _: "当日消费已超过500元"),
    Template.REFUND: _refund,
    Template.BENEFIT: _told(lambda _: "补助已到账"),
    Template.DISPUTE: _dispute,
    Template.LOT: _told(lambda _: "此后不能原路退回"),
}


def _text_zh(template: str, words: Words, when: str) -> str:
    if template == CONFIRM:
        return f"验证码 {words['code']}，15 分钟内有效。如非本人操作，请忽略。"
    if template == Template.PAYMENT and "courtesy" in words:
        return f"{when}在{words['merchant']}用餐，这是{COURTESY_ZH}，没有扣您的钱。"
    if template == Template.PAYMENT:
        return f"{when}在{words['merchant']}消费{yuan(int(words['charged_fen']))}。"
    if template == Template.FREEZE:
        return f"{when}{_FREEZE_WORDS[words['state']][0]}。"
    if template == Template.DISPUTE:
        return f"您在{words['merchant']}的消费争议有了答复：{_DECISIONS[words['decision']][0]}。"
    amount = yuan(int(words["amount_fen"]))
    if template == Template.REFUND:
        step = _STEPS[RefundStep(words["step"])][0]
        place = words.get("merchant")
        return f"{when}{step}{amount}{f'（{place}）' if place else ''}。"
    return {
        Template.TOP_UP: f"{when}校园卡充值{amount}已到账。",
        Template.LOW: f"余额{amount}，{_LOW_ZH[words.get('left') == '0'].removeprefix('余额')}。",
        Template.OVER: f"当日消费已超过500元，共{amount}。",
        Template.BENEFIT: f"{when}补助{amount}已到账。",
        Template.LOT: f"一笔充值还剩{amount}，{when}以后不能原路退回。",
    }[Template(template)]


def _text_en(template: str, words: Words, when: str) -> str:
    if template == CONFIRM:
        return f"Your code is {words['code']}, for 15 minutes. Not you? Please ignore this."
    if template == Template.PAYMENT and "courtesy" in words:
        return f"A meal on the school at {words['merchant']}, {when}: you paid nothing."
    if template == Template.PAYMENT:
        return f"{_plain(words['charged_fen'])} yuan paid at {words['merchant']}, {when}."
    if template == Template.FREEZE:
        return f"{_FREEZE_WORDS[words['state']][1].capitalize()}, {when}."
    if template == Template.DISPUTE:
        decided = _DECISIONS[words["decision"]][1]
        return f"Your contested payment at {words['merchant']}: {decided}."
    amount = _plain(words["amount_fen"])
    if template == Template.REFUND:
        place = words.get("merchant")
        step = _STEPS[RefundStep(words["step"])][1]
        return f"{step}: {amount} yuan{f' ({place})' if place else ''}, {when}."
    return {
        Template.TOP_UP: f"A top-up of {amount} yuan has arrived, {when}.",
        Template.LOW: f"The balance of {amount} yuan may not cover"
        f" {_LOW_EN[words.get('left') == '0']}.",
        Template.OVER: f"More than 500 yuan spent in one day: {amount} yuan.",
        Template.BENEFIT: f"A benefit of {amount} yuan has arrived, {when}.",
        Template.LOT: f"{amount} yuan of a top-up cannot go back to its payer after {when}.",
    }[Template(template)]


def yuan(fen: int) -> str:
    """An amount as WeChat takes it; ValueError for a negative one."""
    return f"{_plain(str(fen))}元"


def _plain(text: str) -> str:
    fen = int(text)
    if fen < 0:
        raise ValueError(f"{fen} fen is no amount to tell anybody")
    return f"{fen // 100}.{fen % 100:02}"


def _local(at: int, utc_offset_seconds: int, language: Language = Language.ZH) -> str:
    when = datetime.fromtimestamp(at + utc_offset_seconds, UTC)
    if language is Language.EN:
        return f"{when:%Y-%m-%d %H:%M}"
    return f"{when.year}年{when.month}月{when.day}日 {when:%H:%M}"
