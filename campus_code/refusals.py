"""Every reason a tap can be refused, with one Chinese and one English sentence each."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Literal, Self

Evidence = Mapping[str, int | str]
Language = Literal["zh", "en"]

_WALLET_NAMES: Mapping[Language, Mapping[str, str]] = {
    "zh": {"wechat_pay": "微信支付", "alipay": "支付宝", "unionpay": "云闪付"},
    "en": {"wechat_pay": "WeChat Pay", "alipay": "Alipay", "unionpay": "UnionPay"},
}


class Refusal(enum.Enum):
    """
    A reason to refuse. `value` is the word on the wire; it never changes its meaning.

    Credential reasons are raised (`RefusedError`), policy reasons are answered (`Declined`).
    """

    zh: str
    en: str

    def __new__(cls, word: str, zh: str, en: str) -> Self:
        """Make a member whose value is the wire word."""
        member = object.__new__(cls)
        member._value_ = word
        member.zh = zh
        member.en = en
        return member

    # what was shown
    UNREADABLE = ("unreadable", "没有读清，请再扫一次。", "The code could not be read; try again.")
    FOREIGN_CODE = ("foreign_code", "这不是校园码。", "This is not a campus code.")
    RETIRED_FORMAT = (
        "retired_format",
        "校园码版本已停用，请更新小程序。",
        "This code format is retired; update the mini-program.",
    )
    EXPIRED_CREDENTIAL = (
        "expired_credential",
        "凭证已过期，请联网打开小程序更新。",
        "The credential has expired; open the mini-program online.",
    )
    EARLY = ("early", "手机时间快了，请校准。", "The phone's clock is ahead; set it right.")
    EXPIRED = ("expired", "校园码已过期，请刷新。", "The code has expired; show a fresh one.")
    WRONG_CODE = ("wrong_code", "校园码无效。", "The code is not valid.")
    UNKNOWN_CARD = ("unknown_card", "没有这张卡。", "There is no such card.")
    REPLACED_CREDENTIAL = (
        "replaced_credential",
        "此凭证已被新手机或新卡替换。",
        "This credential was replaced by a newer phone or card.",
    )
    FROZEN = ("frozen", "卡已冻结。", "The card is frozen.")
    LOST = ("lost", "卡已挂失。", "The card was reported lost.")
    CLOSED = ("closed", "卡已注销。", "The card is closed.")
    ALREADY_USED = (
        "already_used",
        "此码已用过，请等待刷新。",
        "This code was already used; wait for the next one.",
    )
    EMERGENCY_USED = (
        "emergency_used",
        "今天的应急码已用过。",
        "Today's emergency code was already used.",
    )
    TOO_MANY_WRONG_CODES = (
        "too_many_wrong_codes",
        "无效码过多，请稍候再试。",
        "Too many wrong codes; wait a moment.",
    )
    CARD_REMOVED = (
        "card_removed",
        "卡拿开得太早，请再贴一次。",
        "The card was taken away too soon; hold it there again.",
    )
    WRONG_CHIP = (
        "wrong_chip",
        "这张卡验证不通过。",
        "This card could not prove that it is genuine.",
    )
    CHIP_NOT_TAKEN = (
        "chip_not_taken",
        "这里不受理这种卡，请出示校园码或到卡务中心换卡。",
        "Cards of this kind are not taken; show a code, or change it at the card office.",
    )
    CHIP_KEYS_AWAY = (
        "chip_keys_away",
        "这里现在无法验证实体卡，请出示校园码。",
        "Cards cannot be checked here now; show a code.",
    )
    # what the rules say
    CLASS_NOT_ACCEPTED = (
        "class_not_accepted",
        "此处不受理您的卡类。",
        "Your class of card is not accepted here.",
    )
    OUTSIDE_PERIOD = ("outside_period", "现在不在供餐时间。", "This is outside the serving hours.")
    TOO_SOON = ("too_soon", "刷得太快，请稍候。", "Too soon after the last tap; please wait.")
    NO_PRICE = ("no_price", "没有设定金额。", "No amount is set for this tap.")
    AMOUNT_OUT_OF_RANGE = (
        "amount_out_of_range",
        "金额超出允许范围。",
        "The amount is outside the allowed range.",
    )
    COUNT_LIMIT = ("count_limit", "本餐次数已用完。", "No taps are left for this meal.")
    SINGLE_LIMIT = ("single_limit", "超过单次限额。", "Over the limit for one payment.")
    MEAL_LIMIT = ("meal_limit", "超过本餐限额。", "Over the limit for this meal.")
    DAY_LIMIT = ("day_limit", "超过当日限额。", "Over the limit for today.")
    GUARDIAN_DAY_LIMIT = (
        "guardian_day_limit",
        "超过家长设定的当日限额。",
        "Over the limit your guardian set for today.",
    )
    GUARDIAN_KIND_LIMIT = (
        "guardian_kind_limit",
        "超过家长为这类商户设定的限额。",
        "Over the limit your guardian set for this kind of merchant.",
    )
    PIN_REQUIRED = ("pin_required", "请输入密码。", "Please enter the PIN.")
    WRONG_PIN = ("wrong_pin", "密码错误。", "The PIN is wrong.")
    INSUFFICIENT_FUNDS = ("insufficient_funds", "余额不足。", "There is not enough money.")
    OFFLINE_LIMIT = (
        "offline_limit",
        "网络中断，超过脱机限额。",
        "The network is down and this is over the offline limit.",
    )
    OFFLINE_COUNT = (
        "offline_count",
        "网络中断，脱机次数已用完。",
        "The network is down and no offline taps are left.",
    )
    OFFLINE_TOO_LONG = (
        "offline_too_long",
        "终端离线过久，暂停收款。",
        "The terminal has been offline too long to take payments.",
    )
    CLOCK_UNTRUSTED = (
        "clock_untrusted",
        "终端时间不可信，暂停收款。",
        "The terminal's clock cannot be trusted; payments are paused.",
    )
    TERMINAL_REVOKED = ("terminal_revoked", "终端已停用。", "The terminal is revoked.")
    REVERSED = ("reversed", "这笔已冲正。", "This payment was reversed.")
    JOURNAL_FAULT = (
        "journal_fault",
        "终端无法保存流水，暂停收款。",
        "The terminal cannot keep its records; payments are paused.",
    )
    # what doors say
    NOT_A_DOOR = (
        "not_a_door",
        "这台终端还没有配置成门。",
        "This terminal is not set up as a door.",
    )
    DOORS_FROZEN = ("doors_frozen", "门禁已冻结。", "The card's doors are frozen.")
    NOT_ADMITTED = ("not_admitted", "您没有这里的通行权限。", "Your card does not open this door.")
    OUTSIDE_HOURS = (
        "outside_hours",
        "现在不在开放时间。",
        "This door does not open to you at this hour.",
    )
    PASSBACK = ("passback", "已经进入，请先刷出。", "This card is inside already; leave first.")
    LOCKDOWN = ("lockdown", "门已封锁。", "The door is locked down.")
    EMERGENCY_NOT_TAKEN = (
        "emergency_not_taken",
        "这扇门不受理应急码。",
        "This door takes no emergency codes.",
    )
    DOOR_STALE = (
        "door_stale",
        "门离线过久，暂停刷码开门。",
        "The door has been offline too long to open to codes.",
    )
    DOOR_LOG_FAULT = (
        "door_log_fault",
        "门无法保存记录，暂停刷码开门。",
        "The door cannot keep its log; it opens to no code.",
    )

    def sentence(self, language: Language, evidence: Evidence | None = None) -> str:
        """One sentence for people, with a detail after it when the evidence holds one."""
        plain = self.zh if language == "zh" else self.en
        return plain + _detail(self, language, evidence or {})


def _detail(refusal: Refusal, language: Language, evidence: Evidence) -> str:
    is_zh = language == "zh"
    seconds = evidence.get("seconds")
    if isinstance(seconds, int) and refusal in _SECONDS:
        zh, en = _SECONDS[refusal]
        return zh.format(seconds) if is_zh else en.format(seconds)
    wallet = _WALLET_NAMES[language].get(str(evidence.get("wallet", "")))
    if wallet is not None:
        return f"（{wallet}付款码）" if is_zh else f" (A {wallet} payment code.)"
    limit = evidence.get("limit_fen")
    if isinstance(limit, int):
        return f"（限额 {yuan(limit)} 元）" if is_zh else f" (Limit {yuan(limit)} yuan.)"
    left = evidence.get("free_megabytes")
    if isinstance(left, int):
        return f"（磁盘已满，只剩 {left} MB）" if is_zh else f" (Its disk is full, {left} MB left.)"
    return ""


_SECONDS: Mapping[Refusal, tuple[str, str]] = {
    Refusal.EARLY: ("（快 {} 秒）", " (Ahead by {} s.)"),
    Refusal.EXPIRED: ("（过期 {} 秒）", " (Late by {} s.)"),
    Refusal.TOO_SOON: ("（还需 {} 秒）", " ({} s to go.)"),
    Refusal.TOO_MANY_WRONG_CODES: ("（还需 {} 秒）", " ({} s to go.)"),
    Refusal.OFFLINE_TOO_LONG: ("（已离线 {} 秒）", " (Offline for {} s.)"),
    Refusal.DOOR_STALE: ("（已离线 {} 秒）", " (Offline for {} s.)"),
}


def yuan(amount_fen: int) -> str:
    """Fen as yuan with two decimals, for people: 1250 → 12.50."""
    sign = "-" if amount_fen < 0 else ""
    return f"{sign}{abs(amount_fen) // 100}.{abs(amount_fen) % 100:02d}"
