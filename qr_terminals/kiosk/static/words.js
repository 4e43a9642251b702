// Every word on the screen, Chinese and English.

export const WORDS = {
  "title": ["校园卡自助服务", "Campus card kiosk"],
  "language": ["English", "中文"],
  "idle.title": ["请出示校园码", "Show your campus code"],
  "idle.cards": ["请出示校园码或刷卡", "Show your code or tap your card"],
  "idle.how": [
    "打开手机上的校园卡，把二维码对准下方的扫码口",
    "Open the campus card on your phone and hold its code to the reader",
  ],
  "idle.touch": [
    "也可以把实体卡或手机贴近感应区，屏幕有反应前不要拿开",
    "Or hold your card or phone to the reader until the screen answers",
  ],
  "idle.private": [
    "码用于身份验证，不扣款；用过的码请等它换新",
    "The code only says who you are, nothing is charged; a used one needs a new one",
  ],
  "idle.help": ["没带手机？请工作人员协助", "No phone? A member of staff can help"],
  "checking": ["正在验证…", "Checking…"],
  "offline.title": ["现在连不上学校服务器", "The school's server cannot be reached"],
  "offline.not": [
    "余额、账单、冻结和应急码暂时不能办理，恢复后屏幕会自动提示",
    "Balance, statement, freezing and emergency codes have to wait; this screen will say when",
  ],
  "offline.works": [
    "校园码照常可在窗口支付；丢了卡请在手机上冻结，或到卡务中心办理",
    "Your code still pays at the windows; freeze a lost card on your phone or at the card office",
  ],
  "away": ["本机程序没有响应，请稍候", "This machine is starting again, please wait"],
  "nav": ["办理事项", "What to do"],
  "tab.overview": ["首页", "Overview"],
  "tab.statement": ["账单", "Statement"],
  "tab.notices": ["公告", "Notices"],
  "tab.lost": ["挂失与找回", "Lost or found"],
  "tab.emergency": ["应急码", "Emergency code"],
  "leave": ["离开", "Leave"],
  "hello": ["您好，{name}", "Hello, {name}"],
  "card": ["卡尾号 {tail}", "Card ending {tail}"],
  "helped": ["工作人员正在协助您", "A member of staff is helping you"],
  "state.active": ["卡正常", "Card active"],
  "state.frozen": ["已冻结", "Frozen"],
  "state.lost": ["已挂失", "Reported lost"],
  "state.closed": ["已销户", "Closed"],
  "purse.cash": ["余额", "Balance"],
  "purse.benefit": ["补助", "Benefit"],
  "spent": ["今日消费", "Spent today"],
  "yuan": ["{amount} 元", "¥{amount}"],
  "month": ["{year} 年 {month} 月", "{month}/{year}"],
  "month.before": ["上个月", "Month before"],
  "month.after": ["下个月", "Month after"],
  "statement.empty": ["这个月没有消费", "Nothing was paid in this month"],
  "statement.more": ["更早的", "Earlier ones"],
  "statement.hint": ["点一笔看它是怎么算的", "Touch a line to see how it came about"],
  "loading": ["正在读取…", "Reading…"],
  "again": ["再试一次", "Try again"],
  "receipt": ["小票", "Receipt"],
  "receipt.how": [
    "用手机扫码即可保存；码里就是下面这些字，没有网址",
    "Scan to keep it; the code holds just these words and no address",
  ],
  "print": ["打印", "Print"],
  "printed": ["已送去打印", "Sent to the printer"],
  "close": ["关闭", "Close"],
  "notices.empty": ["现在没有公告", "There are no notices now"],
  "lost.lead": [
    "卡或手机不见了？一按就停用：消费和门禁都会停，找到后可以恢复",
    "Card or phone gone? One touch stops money and doors; you can undo it when it is found",
  ],
  "lost.freeze": ["冻结我的卡", "Freeze my card"],
  "lost.done": ["卡已冻结", "The card is frozen"],
  "lost.known": ["{n} / {m} 台终端已经知道", "{n} of {m} terminals know"],
  "lost.rest": ["其余终端下次联网时就会知道", "The others learn of it when they next connect"],
  "lost.found": ["找到了，恢复使用", "Found it: use it again"],
  "lost.minute": ["冻结满一分钟后才能恢复", "It can be undone a minute after the freeze"],
  "lost.not_by_card": [
    "实体卡不能恢复冻结：请在手机上恢复，或到卡务中心办理",
    "A physical card cannot undo this: use your phone, or ask the card office",
  ],
  "lost.not_mine": [
    "这次冻结不是您本人操作的，请到卡务中心或请冻结的人恢复",
    "You did not make this freeze: the card office, or whoever made it, lifts it",
  ],
  "found.done": ["卡已恢复，可以使用", "The card can be used again"],
  "emergency.lead": [
    "手机没电时用：16 位数字，今天可以付一次，像现金一样保管",
    "For a phone without power: 16 digits that pay once today. Keep it like cash",
  ],
  "emergency.show": ["显示今天的应急码", "Show today's code"],
  "emergency.how": ["在窗口把这 16 位数字报给收银员", "Tell the cashier these 16 digits"],
  "still": ["您还在吗？", "Are you still there?"],
  "still.text": ["{n} 秒后清除本页", "This is cleared in {n} seconds"],
  "stay": ["继续使用", "I am still here"],
  "help.title": ["工作人员协助", "Help by a member of staff"],
  "help.lead": [
    "请先核对本人证件。之后的操作记在您的名下，持卡人能看到",
    "Check the person's papers first. What follows is in your name, and the cardholder sees it",
  ],
  "help.number": ["持卡人学工号", "The person's school number"],
  "help.login": ["工作人员账号", "Your login"],
  "help.password": ["密码", "Password"],
  "help.totp": ["6 位动态码", "6-digit one-time code"],
  "help.open": ["为此人打开", "Open for this person"],
  "breakfast": ["早餐", "Breakfast"],
  "lunch": ["午餐", "Lunch"],
  "dinner": ["晚餐", "Dinner"],
  "supper": ["夜宵", "Supper"],
};

let language = "zh";

/** "zh" or "en". */
export const spoken = () => language;

export function speak(next) {
  language = next;
  document.documentElement.lang = next === "zh" ? "zh-CN" : "en";
}

/** A text in the language spoken now. */
export function say(key, values = {}) {
  return filled(WORDS[key][language === "zh" ? 0 : 1], values);
}

/** A text in the other language, for screens that show both. */
export function other(key) {
  return WORDS[key][language === "zh" ? 1 : 0];
}

/** Of something that has sentences in both languages. */
export const sentence = (one) => (language === "zh" ? one.zh : one.en);

/** Fen as yuan, by whole numbers alone. */
export function yuan(fen) {
  const whole = Math.abs(fen);
  const sign = fen < 0 ? "−" : "";
  return `${sign}${Math.floor(whole / 100)}.${String(whole % 100).padStart(2, "0")}`;
}

export const money = (fen) => say("yuan", { amount: yuan(fen) });

let offset = 0;

/** The school's clock: seconds east of Greenwich. */
export function setClock(seconds) {
  offset = seconds;
}

/** "1月5日 12:04" or "5 Jan, 12:04", by the school's clock. */
export function when(at) {
  const zone = language === "zh" ? "zh-CN" : "en-GB";
  const parts = { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" };
  const format = new Intl.DateTimeFormat(zone, { ...parts, hourCycle: "h23", timeZone: "UTC" });
  return format.format((at + offset) * 1000);
}

/** The month so many months from the school's current one. */
export function monthFromNow(step) {
  const local = new Date(Date.now() + offset * 1000);
  const day = new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + step, 1));
  return { year: day.getUTCFullYear(), month: day.getUTCMonth() + 1 };
}

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
