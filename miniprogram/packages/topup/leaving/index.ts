/** Leaving: every fen goes back where it came from, or is fetched in cash. One tap, once sure. */
import { ask } from "../../../pages/ask";
import { follow, IDLE } from "../../../pages/follow";
import { freshness } from "../../../pages/loaded";
import { card, leaving } from "../../../stores/index";
import type { LotView, RefundView } from "../../../stores/leaving";
import { amount } from "../../../words/amount";
import { isKey, say, type Language } from "../../../words/index";
import { dayOf, moment, monthOf } from "../../../words/when";

const SOON_SECONDS = 30 * 86_400;
const TONES: Readonly<Record<string, string>> = {
  asked: "plain",
  booked: "plain",
  processing: "plain",
  closed: "stopped",
  rejected: "stopped",
  refused: "stopped",
  abnormal: "stopped",
};

Page({
  data: { t: {}, large: "", lots: [], refunds: [] },
  following: IDLE,

  onLoad() {
    this.following = follow(this, ["leaving"], [leaving], (language) => this.look(language));
    void leaving.open();
  },
  onUnload() {
    this.following.end();
  },

  look(language: Language) {
    const now = Date.now() / 1000;
    const { isOpen, balanceFen, cashFen, lots, refunds, isLoading } = leaving.state;
    const fresh = freshness(leaving.state, now, language);
    const backFen = this.backFen();
    return {
      ...fresh,
      isClosed: fresh.hasAnswer && !isOpen,
      balance: amount(balanceFen),
      back: amount(backFen),
      cash: amount(cashFen),
      lots: lots.map((lot) => lotShown(lot, now, language)),
      isEmpty: fresh.hasAnswer && lots.length === 0,
      refunds: refunds.map((one) => refundShown(one, now, language)),
      canRefund: isOpen && backFen > 0,
      isNothing: isOpen && backFen === 0 && fresh.hasAnswer && refunds.length === 0,
      isBusy: isLoading,
      doLabel: isLoading
        ? say("leaving.doing", language)
        : say("leaving.do", language, { amount: amount(backFen) }),
    };
  },

  async onRefund() {
    const values = { amount: amount(this.backFen()) };
    if (!(await ask("leaving.ask", "leaving.ask_text", values))) return;
    if (await leaving.refund()) await card.refresh();
  },

  /** What goes back to WeChat by one tap now. */
  backFen(): number {
    const { balanceFen, cashFen } = leaving.state;
    return Math.max(0, balanceFen - cashFen);
  },
});

function lotShown(lot: LotView, now: number, language: Language): object {
  const origin = `leaving.origin.${lot.origin}`;
  const until = lot.refundableUntil;
  const isBack = until !== null && until > now;
  const isSoon = isBack && until - now < SOON_SECONDS;
  return {
    id: lot.lotId,
    origin: say(isKey(origin) ? origin : "leaving.origin.other", language),
    paid: moment(lot.paidAt, now, language),
    left: say("leaving.left", language, {
      left: amount(lot.leftFen),
      amount: amount(lot.amountFen),
    }),
    way: isBack
      ? say(isSoon ? "leaving.soon" : "leaving.until", language, { date: dateOf(until, language) })
      : say("leaving.lot_cash", language),
    isSoon,
  };
}

/** With its year: most are a year ahead. */
function dateOf(at: number, language: Language): string {
  return say("leaving.date", language, { year: monthOf(at).slice(0, 4), day: dayOf(at, language) });
}

function refundShown(one: RefundView, now: number, language: Language): object {
  const key = `leaving.refund.${one.state}`;
  return {
    id: one.number,
    amount: amount(one.amountFen),
    time: moment(one.at, now, language),
    state: say(isKey(key) ? key : "leaving.refund.other", language),
    tone: TONES[one.state] ?? "",
  };
}
