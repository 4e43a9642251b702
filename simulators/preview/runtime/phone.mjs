// What the preview knows and lets itself be told: `window.__preview`. Tests and the outer page steer
// the phone with it; mini-program code cannot reach it.

const DEFAULTS = {
  language: 'zh_CN', // as wx.getAppBaseInfo says it
  fontSize: 16, // WeChat's own setting; 16 is ordinary, 23 the largest but one
  network: 'wifi', // 'wifi' | 'none' | 'slow'
  slowSeconds: 3, // how long a slow network takes for each request
  skewSeconds: 0, // how far ahead the phone's own clock is
  platform: 'android', // 'android' | 'ios'
  privacy: 'agreed', // 'agreed' | 'asked' (WeChat asks at the next need) | 'denied'
  storageLimitKB: 10_240, // what wx.getStorageInfo calls limitSize
  server: '', // what the mini-program is told its server is; '' is where the preview came from
  simulator: '', // the WeChat simulator, for wx.login and the phone number
  pay: '', // the WeChat Pay simulator, for wx.requestPayment
  payment: 'ask', // 'ask' shows the sheet | 'pay' | 'cancel' | 'fail' | 'claim' (ok, but nothing paid)
  openid: 'preview', // who is logged in to WeChat on this phone
  phoneNumber: '', // '' refuses to give one
  subscribe: 'accept', // what a person answers to wx.requestSubscribeMessage
  isRecording: false, // is the screen being recorded
  nfc: 'on', // 'on' | 'off' | 'absent'
  scan: '', // what wx.scanCode sees; '' is a person who turns back
};

const COMPLAINTS_MAX = 200; // a page that fails at every tick must not fill the memory

export class Phone {
  constructor(chosen) {
    this.state = { ...DEFAULTS, ...chosen };
    this.errors = [];
    this.warnings = [];
    this.calls = [];
    this.brightness = { now: 0.5, set: [] };
    this.listeners = new Map();
    this.stack = [];
  }

  /** Something is wrong with the mini-program: tests expect that nothing is. */
  complain(what) {
    const text = what instanceof Error ? `${what.message}\n${what.stack}` : String(what);
    if (this.errors.length < COMPLAINTS_MAX) this.errors.push(text);
    console.error(`[preview] ${text}`);
  }

  /** Something the preview does not do as a phone would. */
  warn(what) {
    if (this.warnings.length < COMPLAINTS_MAX) this.warnings.push(String(what));
    console.warn(`[preview] ${what}`);
  }

  /** Remember a call of a `wx` member, without its callbacks. */
  note(name, options) {
    const plain = (_, value) => (typeof value === 'function' ? undefined : value);
    const words = options === undefined ? null : JSON.parse(JSON.stringify(options, plain) ?? null);
    this.calls.push([name, words]);
    if (this.calls.length > COMPLAINTS_MAX * 10) this.calls.shift();
  }

  listen(event, listener) {
    if (!this.listeners.has(event)) this.listeners.set(event, new Set());
    this.listeners.get(event).add(listener);
  }

  unlisten(event, listener) {
    if (listener) this.listeners.get(event)?.delete(listener);
    else this.listeners.delete(event);
  }

  /** Fire a `wx.on…` event; returns how many listened. */
  emit(event, ...words) {
    const heard = [...(this.listeners.get(event) ?? [])];
    for (const listener of heard) {
      try {
        listener(...words);
      } catch (error) {
        this.complain(error);
      }
    }
    return heard.length;
  }

  /** Change what the phone is like; the events a phone would send are sent. */
  steer(changes) {
    for (const name of Object.keys(changes)) {
      if (!(name in DEFAULTS)) throw new Error(`the preview has no setting ${name}`);
    }
    const before = this.state;
    this.state = { ...before, ...changes };
    if (before.network !== this.state.network) {
      const { networkType, isConnected } = this.networkNow();
      this.emit('networkStatusChange', { networkType, isConnected });
    }
    if (before.isRecording !== this.state.isRecording) {
      this.emit('screenRecordingStateChanged', { state: this.state.isRecording ? 'start' : 'stop' });
    }
  }

  networkNow() {
    const isConnected = this.state.network !== 'none';
    return { networkType: { slow: '3g', none: 'none' }[this.state.network] ?? 'wifi', isConnected };
  }

  /** The page on top, as a test asks for it. */
  page() {
    const top = this.stack.at(-1);
    return top && { path: top.path, query: top.query, data: top.instance.data };
  }
}

/** `Date` as the mini-program sees it: the phone's clock may be wrong, the browser's is not. */
export function phoneDate(phone) {
  const now = () => globalThis.Date.now() + phone.state.skewSeconds * 1000;
  return class Date extends globalThis.Date {
    constructor(...words) {
      super(...(words.length ? words : [now()]));
    }

    static now() {
      return now();
    }
  };
}
