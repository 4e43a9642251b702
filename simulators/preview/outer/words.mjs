// What the page around the phone says. The phone itself speaks the mini-program's own words.

const WORDS = {
  title: ['校码 · 手机预览', 'Xiaoma on a phone'],
  lead: [
    '下面是小程序本身的代码，在浏览器里运行，连接这台服务器。',
    'The mini-program’s own files, run by your browser against this server.',
  ],
  phone: ['手机', 'Phone'],
  who: ['您是谁', 'Who you are'],
  student: ['学生', 'Student'],
  guardian: ['家长', 'Guardian'],
  staff: ['教工', 'Staff'],
  noPersonas: [
    '没有演示人物：请用 scripts/run.py 启动，或在手机里输入学校给的绑定码。',
    'No demo people: start with scripts/run.py, or type a binding code in the phone.',
  ],
  binding_code: ['绑定码', 'Binding code'],
  guardian_code: ['家长绑定码', 'Guardian’s code'],
  name: ['姓名', 'Name'],
  number: ['查谁：学号', 'Somebody to look up'],
  login: ['登录名', 'Login'],
  password: ['密码', 'Password'],
  phone_number: ['手机号', 'Phone number'],
  totp: ['动态口令', 'One-time code'],
  fill: ['填入', 'Fill in'],
  settings: ['手机', 'The phone'],
  language: ['语言', 'Language'],
  network: ['网络', 'Network'],
  wifi: ['正常', 'good'],
  slow: ['很慢（每次 3 秒）', 'slow (3 s each)'],
  none: ['断网', 'none'],
  clock: ['手机时钟', 'Phone’s clock'],
  right: ['准确', 'right'],
  ahead: ['快 10 分钟', '10 minutes fast'],
  behind: ['慢 10 分钟', '10 minutes slow'],
  type: ['字号', 'Type size'],
  ordinary: ['标准', 'ordinary'],
  large: ['关怀模式（大字）', 'large'],
  events: ['试一试', 'Try'],
  capture: ['截屏', 'Take a screenshot'],
  record: ['录屏', 'Record the screen'],
  away: ['切到后台', 'Leave for another app'],
  restart: ['重新打开', 'Open again'],
  clear: ['清除数据', 'Clear its data'],
  well: ['页面没有错误。', 'The pages have made no error.'],
  ill: ['页面出错：', 'The pages have made errors:'],
  limits: [
    '预览不能代替真机：NFC、截屏拦截、亮度和真实网络请见 docs/phone-checklist.md。',
    'No replacement for a real phone: see docs/phone-checklist.md for NFC, screenshots, brightness.',
  ],
};

/** `language` is "zh_CN" or "en". */
export function say(key, language) {
  return WORDS[key][language === 'en' ? 1 : 0];
}
