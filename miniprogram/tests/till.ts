/** The part of a school that takes money, and the WeChat Pay behind it, for unit tests. */
import type { Answered, Asked } from "./school";
import { refusal } from "./school";

export interface Order {
  readonly number: string;
  readonly key: string;
  readonly amountFen: number;
  readonly path: string;
  readonly startedAt: number;
  /** What the school knows. */
  state: string;
  /** What WeChat Pay knows. */
  isPaid: boolean;
  /** How often a check is still answered with "pending" although it was paid. */
  slow: number;
}

const ORDER = /^(\/student|\/guardian\/children\/8)\/top-ups(?:\/([^/]+)\/(sheets|checks))?$/;

export class Till {
  readonly orders: Order[] = [];
  balanceFen = 6250;
  isOn = true;
  /** Word of a refusal that comes instead of the next order. */
  refuses = "";
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  /** What WeChat's sheet does: pays the order whose prepay id it shows. */
  pay(sheet: Record<string, unknown>): string {
    const order = this.orders.find(({ number }) => sheet["package"] === `prepay_id=${number}`);
    if (order === undefined) return "requestPayment:fail 订单不存在";
    order.isPaid = true;
    return "requestPayment:ok";
  }

  /** Fen credited altogether. */
  get creditedFen(): number {
    const paid = this.orders.filter(({ state }) => state === "paid");
    return paid.reduce((sum, { amountFen }) => sum + amountFen, 0);
  }

  answer(asked: Asked): Answered | null {
    if (asked.path === "/open/invitations/views") return this.view();
    if (asked.path === "/open/invitations/top-ups") return this.order("/open/invitations", asked);
    if (asked.path === "/open/invitations/checks") return this.check(this.orders[0]);
    const [, base, number, act] = ORDER.exec(asked.path) ?? [];
    if (base === undefined) return null;
    const order = this.orders.find((one) => one.number === number);
    if (act === "checks") return this.check(order);
    if (act === "sheets") return this.sheet(order);
    return asked.method === "GET" ? this.list() : this.order(base, asked);
  }

  private view(): Answered {
    return ok({
      school: "示范大学",
      holder_name: "林*",
      amount_fen_max: 20_000,
      amounts_fen: [5000, 10_000, 20_000],
      expires_at: this.now() + 86_400,
      state: this.orders.some(({ state }) => state === "paid") ? "paid" : "open",
    });
  }

  private list(): Answered {
    const last = this.orders[this.orders.length - 1];
    return ok({
      is_on: this.isOn,
      amount_fen_max: 50_000,
      amounts_fen: [5000, 10_000, 20_000],
      last_amount_fen: last?.amountFen ?? null,
      days_left: 1,
      is_low: true,
      top_ups: [...this.orders].reverse().map((order) => this.told(order, false)),
    });
  }

  private order(path: string, asked: Asked): Answered {
    if (this.refuses !== "") return { status: 409, data: refusal(this.refuses) };
    const body = asked.body as { request_key: string; amount_fen: number };
    let order = this.orders.find(({ key }) => key === body.request_key);
    if (order !== undefined && order.amountFen !== body.amount_fen) {
      return { status: 409, data: refusal("key_used") };
    }
    if (order === undefined) {
      const number = `tu${this.orders.length + 1}`;
      const { request_key: key, amount_fen: amountFen } = body;
      const startedAt = this.now();
      order = { number, key, amountFen, path, startedAt, state: "pending", isPaid: false, slow: 0 };
      this.orders.push(order);
    }
    return { status: 201, data: this.told(order, true) };
  }

  private sheet(order: Order | undefined): Answered {
    if (order === undefined) return { status: 404, data: refusal("not_found") };
    if (order.state !== "pending") return { status: 409, data: refusal("wrong_top_up_state") };
    return { status: 201, data: this.told(order, true) };
  }

  private check(order: Order | undefined): Answered {
    if (order === undefined) return { status: 404, data: refusal("not_found") };
    if (order.isPaid && order.state === "pending") {
      if (order.slow > 0) order.slow -= 1;
      else {
        order.state = "paid";
        this.balanceFen += order.amountFen;
      }
    }
    return ok(this.told(order, false));
  }

  private told(order: Order, hasSheet: boolean): object {
    const isPaid = order.state === "paid";
    const sheet = {
      app_id: "wx1",
      timestamp: "1700000000",
      nonce: "n",
      package: `prepay_id=${order.number}`,
      sign_type: "RSA",
      pay_sign: "s",
    };
    return {
      number: order.number,
      amount_fen: order.amountFen,
      state: order.state,
      started_at: order.startedAt,
      expires_at: order.startedAt + 1800,
      paid_at: isPaid ? this.now() : null,
      balance_fen: isPaid && order.path === "/student" ? this.balanceFen : null,
      sheet: hasSheet && order.state === "pending" ? sheet : null,
    };
  }
}

function ok(data: object): Answered {
  return { status: 200, data };
}
