/** A school for unit tests: it answers wx.request, derives secrets, and has bad days on demand. */
import { hkdfSync } from "node:crypto";

export const TERMINAL_MASTER = Buffer.from(Array.from({ length: 32 }, (_, byte) => byte));
export const ISSUER_MASTER = Buffer.from(Array.from({ length: 32 }, (_, byte) => byte + 32));
export const WEEK = 7 * 86_400;
/** The first second of epoch 7. */
export const EPOCH_7 = 1_767_225_600;

/** HKDF by node:crypto: another implementation than the server's. */
export function derive(
  master: Buffer,
  role: string,
  epoch: number,
  card: string,
  issue: number,
): Buffer {
  const two = (number: number): string => String(number).padStart(2, "0");
  const info = `campus-code/9/${role}/${two(epoch % 100)}${card}${two(issue)}`;
  return Buffer.from(hkdfSync("sha256", master, Buffer.alloc(0), info, 32));
}

export function secretsOf(epoch: number, card: string, issue: number): Record<string, unknown> {
  return {
    epoch,
    card_number: card,
    issue,
    terminal_secret: derive(TERMINAL_MASTER, "terminal", epoch, card, issue).toString("base64"),
    issuer_secret: derive(ISSUER_MASTER, "issuer", epoch, card, issue).toString("base64"),
    valid_from: EPOCH_7 + (epoch - 7) * WEEK,
    valid_until: EPOCH_7 + (epoch - 6) * WEEK + 3600,
  };
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown> | null;
  readonly token: string | null;
}

export interface Answered {
  readonly status: number;
  readonly data: unknown;
  readonly header?: Record<string, string>;
}

/** lost: everything arrives and is done, but no answer comes back. */
export type BadDay = "none" | "offline" | "slow" | "broken" | "portal" | "lost";

export function refusal(word: string, evidence: Record<string, unknown> = {}): object {
  return { error: word, zh: `${word}。`, en: `${word}.`, evidence };
}

/** One school with one card, one guardian and one office. */
export class School {
  now: () => number;
  badDay: BadDay = "none";
  /** Every request that arrived, whatever became of it. */
  readonly asked: Asked[] = [];
  card = "20240013";
  issue = 1;
  state = "active";
  areDoorsFrozen = false;
  frozenAt = 0;
  frozenBy = "";
  knownBy = 0;
  terminals = 25;
  pursesFen: Record<string, number> = { cash: 5000, benefit: 1250 };
  bindingCode = "ABCDE-12345";
  /** WeChat accounts the school knows, by the phone they were bound on. */
  knownOpenid: string | null = null;
  guardianOpenid: string | null = null;
  isWechatOn = true;
  /** As in truth: a binding code is worth nothing once it was taken. */
  isCodeOnce = false;
  tokens = new Map<string, string>();
  payments: Record<string, unknown>[] = [];
  /** Answers some path in another way, once for every function here. */
  readonly instead = new Map<string, (asked: Asked) => Answered>();
  /** A part of the school that has paths of its own; null: not its. */
  more: ((asked: Asked) => Answered | null) | null = null;
  private made = 0;

  constructor(now: () => number) {
    this.now = now;
  }

  answer(asked: Asked): Answered {
    this.asked.push(asked);
    const path = asked.path.split("?")[0] ?? "";
    const special = this.instead.get(`${asked.method} ${path}`);
    const answered = special?.(asked) ?? this.more?.(asked) ?? this.route(asked.method, path, asked);
    return { ...answered, header: { Date: new Date(this.now() * 1000).toUTCString() } };
  }

  /** How often something was asked. */
  count(method: string, path: string): number {
    return this.asked.filter((one) => one.method === method && one.path.startsWith(path)).length;
  }

  /** A token by which the phone is known, as after a binding. */
  open(audience: string): string {
    this.made += 1;
    const token = `${audience}-${this.made}`;
    this.tokens.set(token, audience);
    return token;
  }

  /** Another phone was bound: the issue rises, every session of the card ends. */
  bindElsewhere(): void {
    this.issue += 1;
    this.endSessions("student");
    this.knownOpenid = null;
  }

  endSessions(audience: string): void {
    for (const [token, whose] of this.tokens) if (whose === audience) this.tokens.delete(token);
  }

  private route(method: string, path: string, asked: Asked): Answered {
    const audience = path.split("/")[1] ?? "";
    const key = `${method} ${path}`;
    if (key === "POST /student/bindings") return this.bind(asked);
    if (key === "POST /student/sessions") return this.logIn(asked, this.knownOpenid, "student");
    if (key === "POST /guardian/sessions") {
      return this.logIn(asked, this.guardianOpenid, "guardian");
    }
    if (key === "POST /guardian/bindings") return this.bindGuardian(asked);
    if (key === "POST /staff/sessions") {
      return asked.body?.["totp"] === "123456"
        ? created({ ...this.session("staff"), staff_id: 1, name: "王老师", role: "card_office" })
        : { status: 401, data: refusal("wrong_login") };
    }
    if (asked.token === null || this.tokens.get(asked.token) !== audience) {
      return { status: 401, data: refusal("session_ended") };
    }
    return this.known(key, asked);
  }

  private known(key: string, asked: Asked): Answered {
    switch (key) {
      case "GET /student/card":
        return ok(this.cardTold());
      case "GET /student/secrets":
        return ok({ server_at: this.now(), secrets: this.secrets() });
      case "POST /student/freezes":
      case "POST /guardian/children/8/freezes":
      case "POST /staff/cards/3/freezes":
        return this.freeze(asked.body?.["parts"] as string[], key);
      case "DELETE /student/freezes":
      case "DELETE /guardian/children/8/freezes":
      case "DELETE /staff/cards/3/freezes":
        return this.lift(key);
      case "GET /student/freezes":
      case "GET /guardian/children/8/freezes":
        return ok({ ...this.stateTold(), known_by: this.knownBy, terminals: this.terminals });
      case "GET /student/payments":
      case "GET /guardian/children/8/payments":
        return ok({ payments: this.payments, next: 0 });
      case "GET /guardian/children":
        return ok({ children: [this.child()] });
      case "DELETE /student/sessions":
      case "DELETE /guardian/sessions":
      case "DELETE /staff/sessions":
        this.tokens.delete(asked.token ?? "");
        return ok({});
      default:
        return { status: 404, data: refusal("no_such_path") };
    }
  }

  private bind(asked: Asked): Answered {
    const wechatCode = asked.body?.["wechat_code"];
    if (wechatCode !== undefined && !this.isWechatOn) {
      return { status: 503, data: refusal("wechat_off") };
    }
    if (asked.body?.["code"] !== this.bindingCode) {
      return { status: 401, data: refusal("wrong_binding_code") };
    }
    if (this.isCodeOnce) this.bindingCode = "";
    this.issue += 1;
    this.endSessions("student");
    this.knownOpenid = wechatCode === undefined ? null : "me";
    const { card: card_number, issue } = this;
    return created({
      ...this.session("student"),
      card_number,
      issue,
      secrets: this.secrets(),
    });
  }

  private bindGuardian(asked: Asked): Answered {
    if (asked.body?.["code"] !== this.bindingCode) {
      return { status: 401, data: refusal("wrong_binding_code") };
    }
    this.guardianOpenid = "me";
    return created(this.session("guardian"));
  }

  private logIn(asked: Asked, openid: string | null, audience: string): Answered {
    if (!this.isWechatOn) return { status: 503, data: refusal("wechat_off") };
    if (asked.body?.["wechat_code"] === undefined) {
      return { status: 400, data: refusal("invalid_input") };
    }
    if (openid === null) return { status: 404, data: refusal("not_bound") };
    const { card: card_number, issue } = this;
    return created({ ...this.session(audience), card_number, issue });
  }

  private session(audience: string): { session: string; expires_at: number } {
    return { session: this.open(audience), expires_at: this.now() + 180 * 86_400 };
  }

  private secrets(): object[] {
    const epoch = 7 + Math.floor((this.now() - EPOCH_7) / WEEK);
    return [epoch, epoch + 1].map((one) => secretsOf(one, this.card, this.issue));
  }

  private cardTold(): object {
    return {
      card_number: this.card,
      issue: this.issue,
      state: this.state,
      are_doors_frozen: this.areDoorsFrozen,
      name: "林晓",
      class_id: 1,
      purses_fen: this.pursesFen,
      business_on: 20260101,
      spent_fen: 800,
      has_pin: false,
      is_lift_mine: this.frozenBy === "student",
    };
  }

  private child(): object {
    return {
      cardholder_id: 8,
      name: "林晓",
      class_id: 1,
      department: "高一（1）班",
      is_adult: false,
      sees: "all",
      card: {
        card_id: 3,
        state: this.state,
        are_doors_frozen: this.areDoorsFrozen,
        card_number_tail: this.card.slice(-4),
        is_frozen_by_me: this.frozenBy === "guardian",
      },
      balance_fen: 6250,
      spent_today_fen: 800,
    };
  }

  private stateTold(): object {
    return {
      state: this.state,
      are_doors_frozen: this.areDoorsFrozen,
      frozen_at: this.frozenAt,
    };
  }

  private freeze(parts: readonly string[], by: string): Answered {
    if (parts.includes("money") && this.state === "active") {
      this.state = "frozen";
      this.frozenAt = this.now();
      this.frozenBy = by.split("/")[1] ?? "";
    }
    this.areDoorsFrozen ||= parts.includes("doors");
    return created(this.stateTold());
  }

  private lift(by: string): Answered {
    const left = this.frozenAt + 60 - this.now();
    if (this.frozenBy !== (by.split("/")[1] ?? "")) {
      return { status: 403, data: refusal("frozen_by_office") };
    }
    if (left > 0) return { status: 429, data: refusal("too_many_requests", { seconds: left }) };
    this.state = "active";
    this.areDoorsFrozen = false;
    this.frozenAt = 0;
    return ok(this.stateTold());
  }
}

function ok(data: object): Answered {
  return { status: 200, data };
}

function created(data: object): Answered {
  return { status: 201, data };
}
