/** The purses and every payment, by month and day. */
import { follow, IDLE } from "../../../pages/follow";
import { freshness } from "../../../pages/loaded";
import { card, statement } from "../../../stores/index";
import { amount } from "../../../words/amount";
import { say, type Language } from "../../../words/index";
import { monthAfter, monthOf, monthShort } from "../../../words/when";
import { purseNamed } from "../../../words/purses";
import { daysOf } from "../../../pages/statement_rows";

const MONTHS_BACK = 12;

Page({
  data: { t: {}, large: "" },
  following: IDLE,

  onLoad(query: { month?: string }) {
    this.following = follow(this, ["statement"], [statement, card], (language) =>
      this.look(language),
    );
    void statement.open(query.month ?? "");
  },
  onUnload() {
    this.following.end();
  },
  onReachBottom() {
    if (statement.state.hasMore && !statement.state.isLoading) void statement.more();
  },

  look(language: Language) {
    const now = Date.now() / 1000;
    const { lines, hasMore, isLoading, month } = statement.state;
    const fresh = freshness(statement.state, now, language);
    return {
      ...fresh,
      isLoading,
      hasMore,
      isEmpty: fresh.hasAnswer && !isLoading && lines.length === 0,
      days: daysOf(lines, now, language),
      months: monthsShown(month, now, language),
      purses: card.state.purses.map(({ purse, balanceFen }) => ({
        purse,
        name: purseNamed(purse, language),
        balance: amount(balanceFen),
      })),
    };
  },

  onMonth(event: WechatMiniprogram.TouchEvent) {
    void statement.open(event.currentTarget.dataset["month"] as string);
  },
  onMore() {
    void statement.more();
  },
  onLine(event: WechatMiniprogram.TouchEvent) {
    const id = event.currentTarget.dataset["id"] as string;
    void wx.navigateTo({ url: `/packages/student/payment/index?id=${id}` });
  },
  onSpending() {
    const month = statement.state.month || monthOf(Date.now() / 1000);
    void wx.navigateTo({ url: `/packages/student/spending/index?month=${month}` });
  },
});

/** "All", then this month and those before it. */
function monthsShown(chosen: string, now: number, language: Language): readonly object[] {
  const newest = monthOf(now);
  const months = Array.from({ length: MONTHS_BACK }, (_, back) => monthAfter(newest, -back));
  const all = { month: "", name: say("statement.all_months", language), isChosen: chosen === "" };
  const named = months.map((month) => ({
    month,
    name: monthShort(month, now, language),
    isChosen: month === chosen,
  }));
  return [all, ...named];
}
