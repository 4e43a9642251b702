/** Payments of one month, what they add up to, and disputes about them. */
import type { Notice } from "../models/notice";
import type { PaymentLine } from "../models/statement";
import type { Store } from "./store";

export type DisputeReason = "not_me" | "wrong_amount" | "twice" | "other";

export interface DaySpent {
  /** "20260105". */
  readonly businessOn: string;
  readonly day: number;
  readonly chargedFen: number;
  /** 0 … 1 of the month's largest day, for the chart. */
  readonly share: number;
}

export interface MerchantSpent {
  readonly merchant: string;
  readonly chargedFen: number;
  readonly payments: number;
  readonly share: number;
}

export interface PeriodSpent {
  readonly periodId: string;
  readonly zh: string;
  readonly en: string;
  readonly chargedFen: number;
  readonly payments: number;
  readonly share: number;
}

export interface MonthSpent {
  /** "202601". */
  readonly month: string;
  readonly chargedFen: number;
  readonly share: number;
}

export interface Spending {
  readonly month: string;
  readonly chargedFen: number;
  readonly discountFen: number;
  readonly returnedFen: number;
  readonly payments: number;
  readonly days: readonly DaySpent[];
  readonly merchants: readonly MerchantSpent[];
  readonly periods: readonly PeriodSpent[];
  /** The last twelve, oldest first. */
  readonly months: readonly MonthSpent[];
}

export interface StatementState {
  /** "YYYYMM"; "" for the newest payments whatever their month. */
  readonly month: string;
  readonly lines: readonly PaymentLine[];
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  readonly spending: Spending | null;
  /** The line the payment page shows. */
  readonly chosen: PaymentLine | null;
  readonly isDisputing: boolean;
  readonly isOffline: boolean;
  /** Unix seconds of what is shown; null: nothing yet. */
  readonly asOf: number | null;
  readonly notice: Notice | null;
}

export interface StatementStore extends Store<StatementState> {
  /** The kept page at once, then the server's. */
  open(month?: string): Promise<void>;
  more(): Promise<void>;
  /** The month's sums, for the spending page. */
  openSpending(month: string): Promise<void>;
  /** Choose by id, for the payment page; from what is loaded. */
  choose(paymentId: string): void;
  dispute(paymentId: string, reason: DisputeReason, note?: string): Promise<boolean>;
  dismissNotice(): void;
}
