/** What a month's payments add up to: by day, place and meal, and against the months before. */
import { follow, IDLE } from "../../../pages/follow";
import { freshness } from "../../../pages/loaded";
import { settings, statement } from "../../../stores/index";
import type { Spending } from "../../../stores/statement";
import { amount } from "../../../words/amount";
import { say, type Language } from "../../../words/index";
import { monthAfter, monthNamed, monthOf } from "../../../words/when";
import { dayBars, factsOf, highest, merchantShares, monthBars, periodShares } from "./charts";

const LABEL_PX = 12;
const LARGE_LABEL_PX = 15;

Page({
  data: { t: {}, large: "" },
  following: IDLE,
  month: "",

  onLoad(query: { month?: string }) {
    this.month = query.month ?? monthOf(Date.now() / 1000);
    this.following = follow(this, ["spending"], [statement], (language) => this.look(language));
    void statement.openSpending(this.month);
  },
  onUnload() {
    this.following.end();
  },

  look(language: Language) {
    const now = Date.now() / 1000;
    const { spending, isLoading } = statement.state;
    const shown = spending !== null && spending.month === this.month ? spending : null;
    const fresh = freshness(statement.state, now, language);
    return {
      notice: fresh.notice,
      isWaiting: isLoading && shown === null,
      hasSpending: shown !== null,
      monthName: monthNamed(this.month, language),
      isNewest: this.month >= monthOf(now),
      labelSize: settings.state.isLargeType ? LARGE_LABEL_PX : LABEL_PX,
      ...(shown === null ? {} : lookOf(shown, language)),
    };
  },

  onPrevious() {
    this.turn(-1);
  },
  onNext() {
    if (this.month < monthOf(Date.now() / 1000)) this.turn(1);
  },
  turn(steps: number) {
    this.month = monthAfter(this.month, steps);
    this.following.show();
    void statement.openSpending(this.month);
  },
});

function lookOf(spending: Spending, language: Language): Record<string, unknown> {
  const month = monthNamed(spending.month, language);
  const inDays = { month, amount: highest(spending.days) };
  return {
    isEmpty: spending.payments === 0,
    totalLabel: say("spending.total", language, { month }),
    total: amount(spending.chargedFen),
    facts: factsOf(spending, language),
    days: dayBars(spending.month, spending.days),
    daysLabel: say("spending.days_label", language, inDays),
    months: monthBars(spending.months, spending.month),
    monthsLabel: say("spending.months_label", language, { amount: highest(spending.months) }),
    merchants: merchantShares(spending, language),
    periods: periodShares(spending, language),
  };
}
