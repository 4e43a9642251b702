/** A month's sums as bars and shares. */
import type { Bar } from "../../../components/bar-chart/index";
import type { DaySpent, MonthSpent, Spending } from "../../../stores/statement";
import { amount } from "../../../words/amount";
import { say, type Language } from "../../../words/index";

const LABELLED_DAYS: readonly number[] = [1, 8, 15, 22, 29];

interface Share {
  readonly name: string;
  readonly amount: string;
  readonly percent: number;
  readonly note: string;
}

/** One bar for every day of the month, also those on which nothing was spent. */
export function dayBars(month: string, days: readonly DaySpent[]): readonly Bar[] {
  const last = Date.UTC(Number(month.slice(0, 4)), Number(month.slice(4)), 0);
  const count = new Date(last).getUTCDate();
  return Array.from({ length: count }, (_, before) => {
    const day = before + 1;
    const share = days.find((one) => one.day === day)?.share ?? 0;
    return { share, label: LABELLED_DAYS.includes(day) ? String(day) : "", isStrong: share >= 1 };
  });
}

export function monthBars(months: readonly MonthSpent[], chosen: string): readonly Bar[] {
  return months.map(({ month, share }) => ({
    share,
    label: String(Number(month.slice(4))),
    isStrong: month === chosen,
  }));
}

export function merchantShares(spending: Spending, language: Language): readonly Share[] {
  return spending.merchants.map((one) => shareOf(one.merchant, one, language));
}

export function periodShares(spending: Spending, language: Language): readonly Share[] {
  const other = say("spending.other_period", language);
  return spending.periods.map((one) => shareOf(one[language] || other, one, language));
}

/** "highest ¥86.00" wants the highest. */
export function highest(amounts: readonly { readonly chargedFen: number }[]): string {
  return amount(amounts.reduce((most, one) => Math.max(most, one.chargedFen), 0));
}

/** What stands under the total: how many payments, what was saved, what came back. */
export function factsOf(spending: Spending, language: Language): readonly string[] {
  const facts = [say("spending.payments", language, { count: spending.payments })];
  if (spending.discountFen > 0) {
    facts.push(say("spending.discount", language, { amount: amount(spending.discountFen) }));
  }
  if (spending.returnedFen > 0) {
    facts.push(say("spending.returned", language, { amount: amount(spending.returnedFen) }));
  }
  return facts;
}

function shareOf(
  name: string,
  one: { readonly chargedFen: number; readonly payments: number; readonly share: number },
  language: Language,
): Share {
  return {
    name,
    amount: amount(one.chargedFen),
    percent: Math.round(one.share * 100),
    note: say("spending.payments", language, { count: one.payments }),
  };
}
