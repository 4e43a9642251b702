/** What goes back to a holder who leaves: to WeChat, and in cash at the counter. */
import type { LeavingTold } from "../models/wire";
import { dropOrder, keepOrder, keptOrder } from "../services/kept_orders";
import { isWorthRetrying } from "../services/errors";
import { newRequestKey } from "../services/payment";
import { schoolSeconds } from "../services/school_clock";
import { askLeaving, LEAVING_PATH, readLeaving } from "../services/top_ups";
import { load, NOT_LOADED, type Loaded } from "./loading";
import { createStore, type Store } from "./store";

export interface LotView {
  readonly lotId: number;
  readonly origin: string;
  readonly amountFen: number;
  readonly leftFen: number;
  readonly paidAt: number;
  /** Unix seconds; null: it does not go back by WeChat. */
  readonly refundableUntil: number | null;
}

export interface RefundView {
  readonly number: string;
  readonly amountFen: number;
  readonly state: string;
  readonly at: number;
}

export interface LeavingState extends Loaded {
  /** The school has opened leaving for this holder. */
  readonly isOpen: boolean;
  readonly balanceFen: number;
  readonly lots: readonly LotView[];
  /** What is fetched at the counter. */
  readonly cashFen: number;
  readonly refunds: readonly RefundView[];
}

export interface LeavingStore extends Store<LeavingState> {
  open(): Promise<void>;
  /** One tap: everything that goes back by WeChat. */
  refund(): Promise<boolean>;
}

export function createLeaving(): LeavingStore {
  const empty = { isOpen: false, balanceFen: 0, lots: [], cashFen: 0, refunds: [] };
  const store = createStore<LeavingState>({ ...NOT_LOADED, ...empty });
  return {
    get state() {
      return store.state;
    },
    subscribe: (hear) => store.subscribe(hear),
    async open() {
      await load(store, readLeaving, leavingShown);
    },
    async refund() {
      if (store.state.isLoading) return false;
      return load(store, askOnce, leavingShown);
    },
  };
}

/** Kept before it is sent: whatever becomes of the answer, a second tap asks for the same. */
async function askOnce(): Promise<LeavingTold> {
  const requestKey = keptOrder(LEAVING_PATH)?.requestKey ?? (await newRequestKey());
  keepOrder({
    place: LEAVING_PATH,
    audience: "student",
    requestKey,
    amountFen: 0,
    madeAt: schoolSeconds(),
    number: null,
    wasPaid: false,
  });
  try {
    const told = await askLeaving(requestKey);
    dropOrder(LEAVING_PATH);
    return told;
  } catch (error) {
    if (!isWorthRetrying(error)) dropOrder(LEAVING_PATH);
    throw error;
  }
}

function leavingShown(told: LeavingTold): Partial<LeavingState> {
  return {
    isOpen: told.is_open,
    balanceFen: told.balance_fen,
    cashFen: told.cash_fen,
    lots: told.lots.map((lot) => ({
      lotId: lot.lot_id,
      origin: lot.origin,
      amountFen: lot.amount_fen,
      leftFen: lot.left_fen,
      paidAt: lot.paid_at,
      refundableUntil: lot.refundable_until,
    })),
    refunds: told.refunds.map(({ number, amount_fen: amountFen, state, at }) => ({
      number,
      amountFen,
      state,
      at,
    })),
  };
}
