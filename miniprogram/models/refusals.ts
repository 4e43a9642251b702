/** Made by scripts/make_refusals.py from campus_code/refusals.py: not by hand. */

export interface RefusalSentences {
  readonly zh: string;
  readonly en: string;
  /** What is put behind the sentence when the evidence holds `seconds`. */
  readonly seconds?: { readonly zh: string; readonly en: string };
}

export const REFUSALS: Readonly<Record<string, RefusalSentences>> = {
  unreadable: {
    zh: "没有读清，请再扫一次。",
    en: "The code could not be read; try again.",
  },
  foreign_code: {
    zh: "这不是校园码。",
    en: "This is not a campus code.",
  },
  retired_format: {
    zh: "校园码版本已停用，请更新小程序。",
    en: "This code format is retired; update the mini-program.",
  },
  expired_credential: {
    zh: "凭证已过期，请联网打开小程序更新。",
    en: "The credential has expired; open the mini-program online.",
  },
  early: {
    zh: "手机时间快了，请校准。",
    en: "The phone's clock is ahead; set it right.",
    seconds: { zh: "（快 {seconds} 秒）", en: " (Ahead by {seconds} s.)" },
  },
  expired: {
    zh: "校园码已过期，请刷新。",
    en: "The code has expired; show a fresh one.",
    seconds: { zh: "（过期 {seconds} 秒）", en: " (Late by {seconds} s.)" },
  },
  wrong_code: {
    zh: "校园码无效。",
    en: "The code is not valid.",
  },
  unknown_card: {
    zh: "没有这张卡。",
    en: "There is no such card.",
  },
  replaced_credential: {
    zh: "此凭证已被新手机或新卡替换。",
    en: "This credential was replaced by a newer phone or card.",
  },
  frozen: {
    zh: "卡已冻结。",
    en: "The card is frozen.",
  },
  lost: {
    zh: "卡已挂失。",
    en: "The card was reported lost.",
  },
  closed: {
    zh: "卡已注销。",
    en: "The card is closed.",
  },
  already_used: {
    zh: "此码已用过，请等待刷新。",
    en: "This code was already used; wait for the next one.",
  },
  emergency_used: {
    zh: "今天的应急码已用过。",
    en: "Today's emergency code was already used.",
  },
  too_many_wrong_codes: {
    zh: "无效码过多，请稍候再试。",
    en: "Too many wrong codes; wait a moment.",
    seconds: { zh: "（还需 {seconds} 秒）", en: " ({seconds} s to go.)" },
  },
  card_removed: {
    zh: "卡拿开得太早，请再贴一次。",
    en: "The card was taken away too soon; hold it there again.",
  },
  wrong_chip: {
    zh: "这张卡验证不通过。",
    en: "This card could not prove that it is genuine.",
  },
  chip_not_taken: {
    zh: "这里不受理这种卡，请出示校园码或到卡务中心换卡。",
    en: "Cards of this kind are not taken; show a code, or change it at the card office.",
  },
  chip_keys_away: {
    zh: "这里现在无法验证实体卡，请出示校园码。",
    en: "Cards cannot be checked here now; show a code.",
  },
  class_not_accepted: {
    zh: "此处不受理您的卡类。",
    en: "Your class of card is not accepted here.",
  },
  outside_period: {
    zh: "现在不在供餐时间。",
    en: "This is outside the serving hours.",
  },
  too_soon: {
    zh: "刷得太快，请稍候。",
    en: "Too soon after the last tap; please wait.",
    seconds: { zh: "（还需 {seconds} 秒）", en: " ({seconds} s to go.)" },
  },
  no_price: {
    zh: "没有设定金额。",
    en: "No amount is set for this tap.",
  },
  amount_out_of_range: {
    zh: "金额超出允许范围。",
    en: "The amount is outside the allowed range.",
  },
  count_limit: {
    zh: "本餐次数已用完。",
    en: "No taps are left for this meal.",
  },
  single_limit: {
    zh: "超过单次限额。",
    en: "Over the limit for one payment.",
  },
  meal_limit: {
    zh: "超过本餐限额。",
    en: "Over the limit for this meal.",
  },
  day_limit: {
    zh: "超过当日限额。",
    en: "Over the limit for today.",
  },
  guardian_day_limit: {
    zh: "超过家长设定的当日限额。",
    en: "Over the limit your guardian set for today.",
  },
  guardian_kind_limit: {
    zh: "超过家长为这类商户设定的限额。",
    en: "Over the limit your guardian set for this kind of merchant.",
  },
  pin_required: {
    zh: "请输入密码。",
    en: "Please enter the PIN.",
  },
  wrong_pin: {
    zh: "密码错误。",
    en: "The PIN is wrong.",
  },
  insufficient_funds: {
    zh: "余额不足。",
    en: "There is not enough money.",
  },
  offline_limit: {
    zh: "网络中断，超过脱机限额。",
    en: "The network is down and this is over the offline limit.",
  },
  offline_count: {
    zh: "网络中断，脱机次数已用完。",
    en: "The network is down and no offline taps are left.",
  },
  offline_too_long: {
    zh: "终端离线过久，暂停收款。",
    en: "The terminal has been offline too long to take payments.",
    seconds: { zh: "（已离线 {seconds} 秒）", en: " (Offline for {seconds} s.)" },
  },
  clock_untrusted: {
    zh: "终端时间不可信，暂停收款。",
    en: "The terminal's clock cannot be trusted; payments are paused.",
  },
  terminal_revoked: {
    zh: "终端已停用。",
    en: "The terminal is revoked.",
  },
  reversed: {
    zh: "这笔已冲正。",
    en: "This payment was reversed.",
  },
  journal_fault: {
    zh: "终端无法保存流水，暂停收款。",
    en: "The terminal cannot keep its records; payments are paused.",
  },
  not_a_door: {
    zh: "这台终端还没有配置成门。",
    en: "This terminal is not set up as a door.",
  },
  doors_frozen: {
    zh: "门禁已冻结。",
    en: "The card's doors are frozen.",
  },
  not_admitted: {
    zh: "您没有这里的通行权限。",
    en: "Your card does not open this door.",
  },
  outside_hours: {
    zh: "现在不在开放时间。",
    en: "This door does not open to you at this hour.",
  },
  passback: {
    zh: "已经进入，请先刷出。",
    en: "This card is inside already; leave first.",
  },
  lockdown: {
    zh: "门已封锁。",
    en: "The door is locked down.",
  },
  emergency_not_taken: {
    zh: "这扇门不受理应急码。",
    en: "This door takes no emergency codes.",
  },
  door_stale: {
    zh: "门离线过久，暂停刷码开门。",
    en: "The door has been offline too long to open to codes.",
    seconds: { zh: "（已离线 {seconds} 秒）", en: " (Offline for {seconds} s.)" },
  },
  door_log_fault: {
    zh: "门无法保存记录，暂停刷码开门。",
    en: "The door cannot keep its log; it opens to no code.",
  },
};
