/** A phone for unit tests: time, network, storage and device of `wx`, and the real modules on it. */
import { createRequire } from "node:module";
import { mock } from "node:test";
import path from "node:path";
import { School, type Asked } from "./school";

export const NOW = 1_767_312_000; // 2026-01-02 08:00 at the school
const ROOT = path.dirname(__dirname);
const load = createRequire(__filename);

type Callbacks = Record<string, unknown> & {
  success?: (result: unknown) => void;
  fail?: (failure: object) => void;
};
type Listener = (...told: unknown[]) => unknown;

export interface Stores {
  card: typeof import("../stores/index").card;
  session: typeof import("../stores/index").session;
  statement: typeof import("../stores/index").statement;
  guardian: typeof import("../stores/index").guardian;
  staff: typeof import("../stores/index").staff;
  settings: typeof import("../stores/index").settings;
  windows: typeof import("../stores/index").windows;
  emergency: typeof import("../stores/index").emergency;
  trail: typeof import("../stores/index").trail;
  guardians: typeof import("../stores/index").guardians;
  messages: typeof import("../stores/index").messages;
  disputes: typeof import("../stores/index").disputes;
  topUps: typeof import("../stores/index").topUps;
  paying: typeof import("../stores/index").paying;
  invited: typeof import("../stores/index").invited;
  limits: typeof import("../stores/index").limits;
  leaving: typeof import("../stores/index").leaving;
}

export class Phone {
  /** How far this phone's clock is ahead of the school's, seconds. */
  skew: number;
  readonly school: School;
  readonly secret = new Map<string, string>();
  readonly plain = new Map<string, string>();
  /** Whatever was called, in order. */
  readonly calls: string[] = [];
  readonly listeners = new Map<string, Set<Listener>>();
  readonly sent: Uint8Array[] = [];
  isFull = false;
  isStorageBroken = false;
  loginFails = false;
  isRandomnessOff = false;
  /** How often randomness was drawn: each draw is another. */
  drawn = 0;
  brightness = 0.4;
  recording = "off";
  /** What the person answers to WeChat's dialogue, or the error code it ends with. */
  messageAnswer: string | number = "accept";
  /** What WeChat's payment sheet comes to; the sheet was handed over before. */
  onPay: (sheet: Record<string, unknown>) => string = () => "requestPayment:ok";
  /** Seconds an answer is on its way, or a device's; by "METHOD /path" or the member's name. */
  readonly delay = new Map<string, number>();
  hceFails: { on: string; errCode: number } | null = null;
  stores!: Stores;

  constructor(skew = 0) {
    this.skew = skew;
    mock.timers.enable({
      apis: ["setTimeout", "setInterval", "Date"],
      now: (NOW + skew) * 1000,
    });
    this.school = new School(() => Math.floor(Date.now() / 1000) - this.skew);
    Object.assign(globalThis, {
      wx: this.wx(),
      getApp: () => ({ globalData: { server: "https://school" } }),
    });
    this.start();
  }

  /** The mini-program starts anew: memory is empty, storage is what it was. */
  start(): void {
    this.listeners.clear();
    for (const file of Object.keys(load.cache)) {
      const isOurs = file.startsWith(ROOT) && !/\/(tests|node_modules)\//.test(file);
      if (isOurs) Reflect.deleteProperty(load.cache, file);
    }
    this.stores = load("../stores/index") as Stores;
  }

  /** Let everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let round = 0; round < 20; round += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Time passes. */
  async wait(seconds: number): Promise<void> {
    await this.settle();
    for (let passed = 0; passed < seconds; passed += 1) {
      mock.timers.tick(Math.min(1, seconds - passed) * 1000);
      await this.settle();
    }
  }

  /** A long time passes in which nothing runs: the phone was put away. */
  async sleep(seconds: number): Promise<void> {
    mock.timers.setTime(Date.now() + seconds * 1000);
    await this.settle();
  }

  emit(name: string, ...told: unknown[]): void {
    for (const hear of Array.from(this.listeners.get(name) ?? [])) hear(...told);
  }

  /** A reader sends one command; the answer as hexadecimal digits. */
  async apdu(hex: string): Promise<string> {
    const before = this.sent.length;
    const bytes = Uint8Array.from(Buffer.from(hex, "hex"));
    this.emit("HCEMessage", { messageType: 1, data: bytes.buffer });
    await this.settle();
    return Buffer.from(this.sent[before] ?? []).toString("hex");
  }

  /** Bind this phone and open its card page. */
  async bound(): Promise<void> {
    await this.stores.session.bindStudent(this.school.bindingCode);
    await this.stores.card.open();
    await this.settle();
  }

  end(): void {
    mock.timers.reset();
  }

  private wx(): unknown {
    const members: Record<string, unknown> = {
      request: (asked: Callbacks) => this.request(asked),
      getAppBaseInfo: () => ({ language: "zh_CN" }),
      ...this.storage(),
      ...this.device(),
    };
    for (const name of ["UserCaptureScreen", "ScreenRecordingStateChanged", "HCEMessage"]) {
      this.listen(members, name);
    }
    this.listen(members, "NetworkStatusChange");
    this.listen(members, "NeedPrivacyAuthorization");
    return new Proxy(members, {
      get: (all, name: string) => {
        if (name in all) return all[name];
        throw new Error(`wx.${name} is not on this phone`);
      },
    });
  }

  private listen(members: Record<string, unknown>, name: string): void {
    const own = (): Set<Listener> => {
      const set = this.listeners.get(name) ?? new Set();
      this.listeners.set(name, set);
      return set;
    };
    members[`on${name}`] = (hear: Listener) => own().add(hear);
    members[`off${name}`] = (hear?: Listener) => (hear ? own().delete(hear) : own().clear());
  }

  private storage(): Record<string, unknown> {
    const full = { errMsg: "setStorage:fail exceed storage max size 10Mb" };
    return {
      getStorage: ({ key, ...callbacks }: Callbacks) => {
        const data = this.secret.get(String(key));
        if (data === undefined || this.isStorageBroken) {
          callbacks.fail?.({ errMsg: "getStorage:fail data not found" });
        } else callbacks.success?.({ data });
      },
      setStorage: ({ key, data, encrypt, ...callbacks }: Callbacks) => {
        if (encrypt !== true) throw new Error("kept in the open");
        if (this.isFull) return callbacks.fail?.(full);
        this.secret.set(String(key), String(data));
        callbacks.success?.({});
      },
      removeStorage: ({ key, ...callbacks }: Callbacks) => {
        this.secret.delete(String(key));
        callbacks.success?.({});
      },
      getStorageSync: (key: string) => this.plain.get(key) ?? "",
      setStorageSync: (key: string, data: string) => {
        if (this.isFull) throw new Error(full.errMsg);
        this.plain.set(key, data);
      },
      removeStorageSync: (key: string) => this.plain.delete(key),
    };
  }

  private device(): Record<string, unknown> {
    const done =
      (name: string, result: () => object = () => ({})) =>
      (options: Callbacks) => {
        this.calls.push(name);
        if (this.hceFails?.on === name) {
          return options.fail?.({ errMsg: `${name}:fail`, errCode: this.hceFails.errCode });
        }
        this.later(name, () => options.success?.(result()));
      };
    return {
      login: (options: Callbacks) => {
        this.calls.push("login");
        const isAway = this.school.badDay === "offline" || this.loginFails;
        if (isAway) return options.fail?.({ errMsg: "login:fail" });
        options.success?.({ code: `code-${this.calls.length}` });
      },
      requestSubscribeMessage: (options: Callbacks) => {
        const ids = options["tmplIds"] as string[];
        this.calls.push(`messages ${ids.join(" ")}`);
        if (typeof this.messageAnswer === "number") {
          return options.fail?.({ errMsg: "subscribe:fail", errCode: this.messageAnswer });
        }
        const answers: Record<string, unknown> = {};
        for (const id of ids) answers[id] = this.messageAnswer;
        options.success?.(answers);
      },
      requestPayment: (options: Callbacks) => {
        this.calls.push("requestPayment");
        const errMsg = this.onPay(options);
        if (errMsg === "requestPayment:ok") options.success?.({ errMsg });
        else options.fail?.({ errMsg });
      },
      getUserCryptoManager: () => ({
        getRandomValues: (options: Callbacks) => {
          if (this.isRandomnessOff) return options.fail?.({ errMsg: "getRandomValues:fail" });
          this.drawn += 1;
          const bytes = new Uint8Array(Number(options["length"])).fill(this.drawn);
          options.success?.({ randomValues: bytes.buffer });
        },
      }),
      getScreenBrightness: done("getScreenBrightness", () => ({ value: this.brightness })),
      setScreenBrightness: (options: Callbacks) => {
        this.brightness = Number(options["value"]);
        options.success?.({});
      },
      setKeepScreenOn: (options: Callbacks) => {
        this.calls.push(`awake ${String(options["keepScreenOn"])}`);
        options.success?.({});
      },
      setVisualEffectOnCapture: (options: Callbacks) => {
        this.calls.push(`capture ${String(options["visualEffect"])}`);
        options.success?.({});
      },
      getScreenRecordingState: done("getScreenRecordingState", () => ({ state: this.recording })),
      vibrateShort: done("vibrateShort"),
      getHCEState: done("getHCEState"),
      startHCE: done("startHCE"),
      stopHCE: done("stopHCE"),
      sendHCEMessage: (options: Callbacks) => {
        this.sent.push(new Uint8Array(options["data"] as ArrayBuffer));
        if (this.hceFails?.on === "sendHCEMessage") {
          return options.fail?.({ errMsg: "send:fail", errCode: this.hceFails.errCode });
        }
        options.success?.({});
      },
    };
  }

  private request(asked: Callbacks): void {
    const { badDay } = this.school;
    const header = asked["header"] as Record<string, string>;
    const text = asked["data"] as string | undefined;
    const arrived: Asked = {
      method: String(asked["method"]),
      path: String(asked["url"]).replace("https://school", ""),
      body: text === undefined ? null : (JSON.parse(text) as Record<string, unknown>),
      token: header["authorization"]?.replace("Bearer ", "") ?? null,
    };
    queueMicrotask(() => {
      if (badDay === "offline") {
        this.calls.push(`lost ${arrived.method} ${arrived.path}`);
        return asked.fail?.({ errMsg: "request:fail net::ERR_INTERNET_DISCONNECTED" });
      }
      if (badDay === "slow") {
        const late = (): void => asked.fail?.({ errMsg: "request:fail timeout" });
        return void setTimeout(late, Number(asked["timeout"]));
      }
      if (badDay === "portal") {
        const page = "<html>log in to Wi-Fi</html>";
        return asked.success?.({ statusCode: 200, data: page, header: { Date: "Mon, 01 Jan 2001" } });
      }
      const { status, data, header: told } = this.school.answer(arrived);
      if (badDay === "lost") return asked.fail?.({ errMsg: "request:fail interrupted" });
      if (badDay === "broken") {
        return asked.success?.({ statusCode: 502, data: "<html>bad gateway</html>", header: {} });
      }
      const answer = { statusCode: status, data, header: told ?? {} };
      this.later(`${arrived.method} ${arrived.path}`, () => asked.success?.(answer));
    });
  }

  private later(name: string, act: () => void): void {
    const seconds = this.delay.get(name) ?? 0;
    if (seconds === 0) act();
    else setTimeout(act, seconds * 1000);
  }
}
