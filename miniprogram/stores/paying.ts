/**
 * One top-up from the tap to its end, for whoever pays: the holder, a guardian, an invited relative.
 *
 * The key is kept before anything is sent, so that one tap is one order however often it is
 * repeated. The phone's own "ok" is believed by nobody: it only makes the school ask WeChat Pay.
 */
import { word, type Notice } from "../models/notice";
import type { TopUpTold } from "../models/wire";
import { isTellable, isWorthRetrying, noticeOf, RefusedError } from "../services/errors";
import { dropOrder, keepOrder, keptOrder, type KeptOrder } from "../services/kept_orders";
import { newRequestKey, payBySheet } from "../services/payment";
import { schoolSeconds } from "../services/school_clock";
import type { Audience } from "../services/sessions";
import { createStore, type OwnStore, type Store } from "./store";

/**
 * Where an order stands, as the person sees it.
 *
 *     none       nothing is under way
 *     ordering   the school makes the order
 *     asking     WeChat's sheet is in front
 *     checking   the school asks WeChat Pay
 *     paid       credited
 *     unpaid     not paid yet, and may still be
 *     late       WeChat says paid, the school does not know yet: it will find out by itself
 *     closed     nobody can pay it any more
 *     held       WeChat Pay told otherwise than ordered: the office looks into it
 */
export type PayPhase =
  | "none"
  | "ordering"
  | "asking"
  | "checking"
  | "paid"
  | "unpaid"
  | "late"
  | "closed"
  | "held";

export interface PayState {
  readonly phase: PayPhase;
  /** Of the order under way or the last one; 0 for none. */
  readonly amountFen: number;
  /** After it was paid; null where it is not shared. */
  readonly balanceFen: number | null;
  /** Unix seconds until which it may be paid; null: not known. */
  readonly expiresAt: number | null;
  readonly notice: Notice | null;
}

/** Whose order it is, and how it is asked for. */
export interface PayDoor {
  readonly place: string;
  readonly audience: Audience | "nobody";
  order(requestKey: string, amountFen: number): Promise<TopUpTold>;
  /** A fresh sheet for the kept order. */
  sheet(kept: KeptOrder): Promise<TopUpTold>;
  check(kept: KeptOrder): Promise<TopUpTold>;
  /** It was credited. */
  paid(told: TopUpTold): void;
}

export interface PayingStore extends Store<PayState> {
  /** A page opens: what became of what was under way here. */
  open(door: PayDoor): Promise<void>;
  /**
   * One tap. Answers whether it was paid; does nothing while another is under way. `first` is what
   * has to come straight from the tap, before all else.
   */
  pay(amountFen: number, first?: () => Promise<void>): Promise<boolean>;
  /** Look again at what is late. */
  again(): Promise<void>;
  /** Put the last one's news away. */
  dismiss(): void;
  /** The page is gone: nothing is asked behind it. */
  close(): void;
}

const INITIAL: PayState = {
  phase: "none",
  amountFen: 0,
  balanceFen: null,
  expiresAt: null,
  notice: null,
};
/** How long an order may be paid: a key without an answer is worth nothing after that. */
const ORDER_SECONDS = 1800;
/** The pauses before each question whether it was paid: about a minute in all. */
const PAUSES_SECONDS = [0, 1, 2, 3, 5, 8, 13, 25] as const;
const PAUSE_SECONDS_MAX = 30;
const BUSY: readonly PayPhase[] = ["ordering", "asking", "checking"];

export class Paying implements PayingStore {
  private readonly store: OwnStore<PayState> = createStore(INITIAL);
  private door: PayDoor | null = null;
  /** Rises with every opening: what an earlier page asked for is not shown on a later one. */
  private turn = 0;

  get state(): PayState {
    return this.store.state;
  }

  subscribe(hear: (state: PayState) => void): () => void {
    return this.store.subscribe(hear);
  }

  async open(door: PayDoor): Promise<void> {
    this.turn += 1;
    this.door = door;
    this.store.set(INITIAL);
    const kept = keptOrder(door.place);
    if (kept === null || kept.number === null) return;
    this.store.set({ amountFen: kept.amountFen });
    if (kept.wasPaid) await this.find(door, kept);
    else await this.lookOnce(door, kept);
  }

  async pay(amountFen: number, first?: () => Promise<void>): Promise<boolean> {
    const { door } = this;
    if (door === null || BUSY.includes(this.state.phase)) return false;
    const before = keptOrder(door.place);
    // WeChat took money for it, perhaps: nothing else is paid here before that is known
    if (before?.wasPaid === true) return this.find(door, before);
    this.store.set({ ...INITIAL, phase: "ordering", amountFen });
    try {
      await first?.();
      const kept = await orderToKeep(door, amountFen);
      const told = await ordered(door, kept);
      return await this.follow(door, { ...kept, number: told.number }, told);
    } catch (error) {
      if (!isTellable(error)) throw error;
      this.show(door, { phase: "none", notice: noticeOf(error) });
      if (!isWorthRetrying(error)) await this.giveUp(door);
      return false;
    }
  }

  async again(): Promise<void> {
    const { door } = this;
    const kept = door === null ? null : keptOrder(door.place);
    if (door !== null && kept !== null) await this.find(door, kept);
  }

  dismiss(): void {
    if (!BUSY.includes(this.state.phase)) this.store.set(INITIAL);
  }

  close(): void {
    this.turn += 1;
    this.door = null;
    this.store.set(INITIAL);
  }

  /** Refused: an order the school knows is looked at once more, it may be paid or closed. */
  private async giveUp(door: PayDoor): Promise<void> {
    const kept = keptOrder(door.place);
    if (kept !== null && kept.number !== null) await this.lookOnce(door, kept);
    dropOrder(door.place);
  }

  /** From the school's answer to the end of WeChat's sheet. */
  private async follow(door: PayDoor, kept: KeptOrder, told: TopUpTold): Promise<boolean> {
    keepOrder(kept);
    if (this.hear(door, told)) return told.state === "paid";
    if (told.sheet === null) {
      this.show(door, { phase: "unpaid", notice: word("pay.not_shown") });
      return false;
    }
    this.show(door, { phase: "asking" });
    const answer = await payBySheet(told.sheet);
    if (answer === "ok") {
      const claimed = { ...kept, wasPaid: true };
      keepOrder(claimed);
      return this.find(door, claimed);
    }
    this.show(door, {
      phase: "unpaid",
      notice: word(answer === "cancelled" ? "pay.cancelled" : "pay.not_shown"),
    });
    // a sheet that failed on the phone may have been paid all the same
    if (answer === "failed") await this.lookOnce(door, kept);
    return this.state.phase === "paid";
  }

  /** Ask until it has an end, with patience; then say that it is late. */
  private async find(door: PayDoor, kept: KeptOrder): Promise<boolean> {
    const { turn } = this;
    this.show(door, { phase: "checking", notice: null });
    for (const pause of PAUSES_SECONDS) {
      await after(pause);
      if (turn !== this.turn) return false;
      const told = await this.ask(door, kept);
      if (told !== null && this.hear(door, told)) return told.state === "paid";
    }
    this.show(door, { phase: "late" });
    return false;
  }

  /** One question; null when there was no answer. */
  private async ask(door: PayDoor, kept: KeptOrder): Promise<TopUpTold | null> {
    try {
      return await door.check(kept);
    } catch (error) {
      if (!isTellable(error)) throw error;
      const seconds = error instanceof RefusedError ? (error.seconds ?? 0) : 0;
      await after(Math.min(seconds, PAUSE_SECONDS_MAX));
      return null;
    }
  }

  /** What an order that was left behind came to; pending: it may still be paid. */
  private async lookOnce(door: PayDoor, kept: KeptOrder): Promise<void> {
    const told = await this.ask(door, kept);
    if (told === null || this.hear(door, told)) return;
    this.show(door, { phase: "unpaid", expiresAt: told.expires_at });
  }

  /** Whether this is its end. */
  private hear(door: PayDoor, told: TopUpTold): boolean {
    const { state, amount_fen: amountFen, balance_fen: balanceFen } = told;
    if (state === "pending") {
      this.show(door, { amountFen, expiresAt: told.expires_at });
      return false;
    }
    dropOrder(door.place);
    this.show(door, { phase: state, amountFen, balanceFen, notice: null });
    if (state === "paid") door.paid(told);
    return true;
  }

  /** Only while this door's page is the one that is open. */
  private show(door: PayDoor, changes: Partial<PayState>): void {
    if (door === this.door) this.store.set(changes);
  }
}

/** The order to ask for, kept: the one under way where it is the same amount, else a new one. */
async function orderToKeep(door: PayDoor, amountFen: number): Promise<KeptOrder> {
  const { place, audience } = door;
  const kept = keptOrder(place);
  const isSame = kept?.amountFen === amountFen;
  if (kept !== null && isSame && kept.madeAt + ORDER_SECONDS > schoolSeconds()) return kept;
  const requestKey = await newRequestKey();
  const madeAt = schoolSeconds();
  const order = { place, audience, requestKey, amountFen, madeAt, number: null, wasPaid: false };
  keepOrder(order);
  return order;
}

/** The order with a sheet: made, repeated, or given a fresh one. */
function ordered(door: PayDoor, kept: KeptOrder): Promise<TopUpTold> {
  return kept.number === null ? door.order(kept.requestKey, kept.amountFen) : door.sheet(kept);
}

function after(seconds: number): Promise<void> {
  return seconds === 0
    ? Promise.resolve()
    : new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
