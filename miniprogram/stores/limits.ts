/** What a guardian allows a child to spend; the child sees it, too. */
import type { LimitsTold } from "../models/wire";
import { readLimits, readOwnLimits, writeLimits } from "../services/top_ups";
import { load, NOT_LOADED, type Loaded } from "./loading";
import { createStore, type Store } from "./store";

export interface Limits {
  /** Fen a business day; null: no limit. */
  readonly dayFen: number | null;
  /** Monday first. */
  readonly weekdayFen: readonly (number | null)[];
  /** By the kind of merchant; one that is missing has no limit. */
  readonly kinds: Readonly<Record<string, number | null>>;
}

/** A kind of merchant that may be limited. */
export interface MerchantKind {
  readonly id: string;
  readonly zh: string;
  readonly en: string;
}

export interface LimitsState extends Loaded {
  readonly limits: Limits;
  readonly merchantKinds: readonly MerchantKind[];
  /** Who set them; "" for nobody. */
  readonly setBy: string;
  readonly isSaved: boolean;
}

export interface LimitsStore extends Store<LimitsState> {
  /** The holder's own: to look at. */
  openOwn(): Promise<void>;
  /** A child's: to set. */
  openChild(cardholderId: number): Promise<void>;
  save(cardholderId: number, limits: Limits): Promise<boolean>;
  /** Something was typed: what is shown is no longer what was saved. */
  touch(): void;
}

const WEEKDAYS = 7;
export const NO_LIMITS: Limits = {
  dayFen: null,
  weekdayFen: Array<null>(WEEKDAYS).fill(null),
  kinds: {},
};
const INITIAL: LimitsState = {
  ...NOT_LOADED,
  limits: NO_LIMITS,
  merchantKinds: [],
  setBy: "",
  isSaved: false,
};

export function createLimits(): LimitsStore {
  const store = createStore<LimitsState>(INITIAL);
  return {
    get state() {
      return store.state;
    },
    subscribe: (hear) => store.subscribe(hear),
    async openOwn() {
      store.set(INITIAL);
      await load(store, readOwnLimits, shown);
    },
    async openChild(cardholderId) {
      store.set(INITIAL);
      await load(store, () => readLimits(cardholderId), shown);
    },
    save(cardholderId, { dayFen, weekdayFen, kinds }) {
      const asked = { day_fen: dayFen, weekday_fen: [...weekdayFen], kinds: { ...kinds } };
      return load(store, () => writeLimits(cardholderId, asked), (told) => ({
        ...shown(told),
        isSaved: true,
      }));
    },
    touch() {
      store.set({ isSaved: false, notice: null });
    },
  };
}

function shown(told: LimitsTold): Partial<LimitsState> {
  const { day_fen: dayFen, weekday_fen: weekdayFen, kinds } = told;
  return {
    limits: { dayFen, weekdayFen, kinds },
    merchantKinds: told.merchant_kinds,
    setBy: told.set_by,
  };
}
