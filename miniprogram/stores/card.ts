/** The card page's state: a code that needs no network, and what was last heard of the card. */
import { STEP_SECONDS } from "../models/campus_code";
import type { Notice } from "../models/notice";
import type { BoundTold } from "../models/wire";
import type { Store } from "./store";

/**
 * starting: storage is being read (milliseconds). unbound: no card on this phone. ready: a code is
 * shown. no_secrets: bound, but the secrets have run out; go online. frozen: money and doors are.
 * lost, closed: the card's state. replaced: a newer phone has the card now.
 */
export type CardPhase =
  | "starting"
  | "unbound"
  | "ready"
  | "no_secrets"
  | "frozen"
  | "lost"
  | "closed"
  | "replaced";

export type FreezePart = "money" | "doors";

/** A purse's kind, e.g. "cash" or "benefit", and its balance. */
export interface PurseView {
  readonly purse: string;
  readonly balanceFen: number;
}

/** How many terminals have heard of the freeze. */
export interface FreezeReach {
  readonly knownBy: number;
  readonly terminals: number;
}

export interface CardState {
  readonly phase: CardPhase;
  /** 34 digits, or "" when none can be shown. */
  readonly digits: string;
  /** The digits in pairs, as printed under the picture. */
  readonly groups: readonly string[];
  /** Whole seconds until the next code, 15 … 1. */
  readonly secondsLeft: number;
  /** How much of the step is over, 0 … 1, for the ring. */
  readonly progress: number;
  /** True after a screenshot until the next code, and as long as the screen is recorded. */
  readonly isHidden: boolean;
  readonly cardNumber: string;
  readonly holderName: string;
  readonly isMoneyFrozen: boolean;
  readonly areDoorsFrozen: boolean;
  /** All purses together; null: never heard. */
  readonly balanceFen: number | null;
  readonly purses: readonly PurseView[];
  /** Unix seconds of the answer the balance is from. */
  readonly balanceAsOf: number | null;
  readonly spentTodayFen: number | null;
  readonly notice: Notice | null;
  readonly isOffline: boolean;
  readonly isRefreshing: boolean;
  /** Only while money is frozen and once the server has told. */
  readonly freeze: FreezeReach | null;
  /** The freeze is shown but the school does not know yet. */
  readonly isFreezeUnsent: boolean;
  /** Unix seconds (school time) from which "found" is taken; null: not by the holder. */
  readonly canLiftAt: number | null;
  /** Seconds of the cool-down that are left, 0 when "found" may be tapped. */
  readonly liftSecondsLeft: number;
  /** Unix seconds until which codes can be shown without any network; null: no secrets. */
  readonly offlineUntil: number | null;
  /** What NFC is doing, or why not; null: not tried. */
  readonly hce: Notice | null;
}

export interface CardStore extends Store<CardState> {
  /** onLaunch: read storage, once; `open` waits for it. */
  load(): Promise<void>;
  /**
   * onShow: the code of this moment, from storage. Resolves when the state has it. Light, NFC and
   * the server wait until the page has `drawn` it.
   */
  open(drawn?: Promise<void>): Promise<void>;
  /** onHide, onUnload: everything as it was before. */
  close(): void;
  /** Recompute what depends on the time; the store calls it itself while open. */
  tick(): void;
  /** Ask the server again; never throws, tells by `notice` and `isOffline`. */
  refresh(): Promise<void>;
  /** The state changes before this returns; the request goes out behind it. */
  freeze(parts: readonly FreezePart[]): Promise<void>;
  /** The card was found: needs the network. */
  found(): Promise<void>;
  /** Hide the code, as after a screenshot. */
  hide(): void;
  dismissNotice(): void;
}

/** What the session store, and nobody else, may do with the card. */
export interface BoundCardStore extends CardStore {
  /** This phone was bound: another card, other secrets, nothing of the old ones. */
  adopt(bound: BoundTold): Promise<void>;
  /** Logged out: nothing of the card stays on the phone. */
  forget(): Promise<void>;
}

export const INITIAL: CardState = {
  phase: "starting",
  digits: "",
  groups: [],
  secondsLeft: STEP_SECONDS,
  progress: 0,
  isHidden: false,
  cardNumber: "",
  holderName: "",
  isMoneyFrozen: false,
  areDoorsFrozen: false,
  balanceFen: null,
  purses: [],
  balanceAsOf: null,
  spentTodayFen: null,
  notice: null,
  isOffline: false,
  isRefreshing: false,
  freeze: null,
  isFreezeUnsent: false,
  canLiftAt: null,
  liftSecondsLeft: 0,
  offlineUntil: null,
  hce: null,
};
