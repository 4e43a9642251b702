// Every word on the page, Chinese and English. `say` follows the language that was chosen.

const KEPT = 'language';
const LANGUAGES = ['zh', 'en'];

const WORDS = {
  amount: ['金额', 'Amount'],
  keys: ['价键', 'Keys'],
  codes: ['菜号', 'Codes'],
  charge: ['收款', 'Charge'],
  add: ['加菜', 'Add'],
  clear: ['清除', 'Clear'],
  language: ['English', '中文'],
  period: ['餐次', 'Period'],
  synced: ['{0}分钟前同步 · 待传 {1}', 'synced {0} min ago · {1} pending'],
  synced_now: ['刚刚同步 · 待传 {0}', 'synced just now · {0} pending'],
  never_synced: ['尚未同步', 'not synced yet'],
  ready: ['就绪 {0}', 'Ready {0}'],
  records: ['最近十笔', 'Last ten'],
  no_records: ['还没有收款。', 'Nothing was taken yet.'],
  shift: ['班次', 'Shift'],
  no_shift: ['未开班', 'No shift'],
  open_shift: ['开班', 'Open shift'],
  close_shift: ['结班', 'Close shift'],
  cashier: ['收银员编号（可不填）', 'Cashier number (optional)'],
  counted: ['清点金额，元（可不填）', 'Counted, yuan (optional)'],
  difference: ['差额', 'Difference'],
  since: ['自 {0}', 'since {0}'],
  last_shift: ['上一班', 'The last shift'],
  payments: ['笔数', 'Payments'],
  charged: ['收款', 'Charged'],
  voided: ['撤销', 'Voided'],
  stands: ['合计', 'Total'],
  offline_count: ['其中脱机', 'Of these offline'],
  this_period: ['本餐', 'This meal'],
  today: ['今日', 'Today'],
  this_shift: ['本班', 'This shift'],
  void: ['撤销', 'Void'],
  was_voided: ['已撤销', 'voided'],
  void_sure: ['撤销第 {0} 笔 ¥{1}？', 'Void payment {0}, ¥{1}?'],
  yes_void: ['确认撤销', 'Void it'],
  authority: ['授权密码', 'Authority PIN'],
  pin: ['请持卡人输入密码', 'Cardholder: please enter the PIN'],
  back: ['返回', 'Back'],
  close: ['关闭', 'Close'],
  enter: ['确定', 'OK'],
  more: ['更多', 'More'],
  training_on: ['进入培训模式', 'Begin training'],
  training_off: ['结束培训模式', 'End training'],
  training: ['培训模式 · 不收款 · 不记账', 'TRAINING · NO MONEY IS TAKEN'],
  sound_test: ['试听提示音', 'Test the sounds'],
  sound_off: ['提示音未开，请点一下屏幕', 'Sound is off: touch the screen once'],
  offline: ['脱机', 'offline'],
  card: ['尾号 {0}', 'card …{0}'],
  sequence: ['第 {0} 笔', 'no. {0}'],
  total: ['合计', 'Total'],
  empty_list: ['输入菜号，按“加菜”', 'Type a code, then Add'],
  not_on_menu: ['没有 {0} 号', 'There is no {0}'],
  too_much: ['最多 ¥{0}', 'At most ¥{0}'],
  scanner_types: ['扫码枪在键盘模式，请改成串口', 'The scanner types keys: set it to serial'],
  fixed_price: ['定价窗口，直接扫码', 'Fixed prices: just scan'],
  count_mode: ['计次窗口，直接扫码', 'Counted taps: just scan'],
  lost: ['收银程序没有响应，正在重新连接…', 'The till program does not answer; reconnecting …'],
  not_taken: ['没有发出，请再按一次', 'Not sent: press once more'],
  asked: ['应收', 'To pay'],
  // what a result says
  starting: ['正在启动', 'Starting'],
  idle: ['请输入金额', 'Enter an amount'],
  waiting: ['请出示校园码', 'Show your campus code'],
  asking: ['请稍候', 'One moment'],
  approved: ['已支付', 'Paid'],
  again: ['同一个码，没有再次扣款', 'Same code: not charged again'],
  after_restart: ['重启前的最后一笔', 'Last payment before the restart'],
  after_restart_hint: ['餐未取走可撤销', 'Void it if nothing was handed out'],
  refused: ['未支付', 'Not paid'],
  trained: ['练习成功，没有扣款', 'Practised: not charged'],
  trained_amount: ['本应收', 'Would be'],
  voided_result: ['已撤销第 {0} 笔', 'Payment {0} voided'],
  busy: ['请稍候，再扫一次', 'One moment, then scan again'],
  revoked: ['终端已停用，请联系卡务中心', 'Terminal revoked: call the card office'],
  fault: ['暂停收款', 'No payments are taken'],
  not_ready: ['终端还没有收到规则和密钥', 'No rules or keys yet'],
  nothing_to_void: ['没有可撤销的消费', 'Nothing to void'],
  unknown_dish: ['菜单里没有', 'Not on the menu'],
  unreadable_line: ['不认识的命令', 'Not understood'],
  needs_authority: ['需要授权密码', 'The authority PIN is needed'],
  wrong_authority: ['授权密码不对', 'The authority PIN is wrong'],
  authority_locked: ['授权密码已锁定五分钟', 'Authority locked for five minutes'],
  shift_opened: ['班次已开始', 'The shift has begun'],
  shift_closed: ['班次已结束', 'The shift has ended'],
  shift_refused: ['班次没有变', 'The shift is as it was'],
  // parts of readiness
  part_keys: ['密钥', 'Keys'],
  part_rules: ['规则', 'Rules'],
  part_denylist: ['挂失名单', 'Denylist'],
  part_clock: ['时钟', 'Clock'],
  part_reader: ['扫码枪', 'Reader'],
  part_journal: ['流水', 'Journal'],
  part_disk: ['磁盘', 'Disk'],
};

let language = LANGUAGES.includes(localStorage.getItem(KEPT)) ? localStorage.getItem(KEPT) : 'zh';

/** A sentence in the chosen language, {0} and so on filled in. */
export function say(word, ...values) {
  const text = WORDS[word]?.[LANGUAGES.indexOf(language)] ?? word;
  return values.reduce((filled, value, at) => filled.replace(`{${at}}`, value), text);
}

/** The sentence in the other language, for the cardholder who reads only that one. */
export function sayOther(word, ...values) {
  const text = WORDS[word]?.[1 - LANGUAGES.indexOf(language)] ?? '';
  return values.reduce((filled, value, at) => filled.replace(`{${at}}`, value), text);
}

/** The chosen one of two texts. */
export const pick = (pair) => pair?.[LANGUAGES.indexOf(language)] ?? '';

/** Go to the other language; it is kept on this box. */
export function switchLanguage() {
  language = LANGUAGES[1 - LANGUAGES.indexOf(language)];
  localStorage.setItem(KEPT, language);
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
}
