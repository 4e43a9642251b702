/** A month's sums as a chart shows them. */
import type { SpendingTold } from "./wire";

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

export function spendingOf(told: SpendingTold): Spending {
  const day = sharesOf(told.days);
  const merchant = sharesOf(told.merchants);
  const period = sharesOf(told.periods);
  const month = sharesOf(told.months);
  return {
    month: String(told.month),
    chargedFen: told.charged_fen,
    discountFen: told.discount_fen,
    returnedFen: told.returned_fen,
    payments: told.payments,
    days: told.days.map((one) => ({
      businessOn: String(one.business_on),
      day: one.business_on % 100,
      ...day(one),
    })),
    merchants: told.merchants.map((one) => ({
      merchant: one.merchant,
      payments: one.payments,
      ...merchant(one),
    })),
    periods: told.periods.map((one) => ({
      periodId: one.period_id,
      zh: one.zh,
      en: one.en,
      payments: one.payments,
      ...period(one),
    })),
    months: told.months.map((one) => ({ month: String(one.month), ...month(one) })),
  };
}

interface Charged {
  readonly charged_fen: number;
}

/** Each amount, and its share of the largest; a refund may make one negative: no share then. */
function sharesOf(all: readonly Charged[]): (one: Charged) => { chargedFen: number; share: number } {
  const largest = Math.max(0, ...all.map((one) => one.charged_fen));
  return ({ charged_fen: chargedFen }) => ({
    chargedFen,
    share: largest === 0 ? 0 : Math.max(0, chargedFen) / largest,
  });
}
