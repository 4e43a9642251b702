/** Top up: one's own card, or a child's. Whose it is stands largest: the wrong child is the mistake. */
import { follow, IDLE } from "../../../pages/follow";
import { freshness } from "../../../pages/loaded";
import { card, guardian, messages, paying, topUps } from "../../../stores/index";
import { OWN, type TopUpsState } from "../../../stores/top_ups";
import { amount } from "../../../words/amount";
import { say, type Language } from "../../../words/index";
import { moment } from "../../../words/when";
import { amountLabel, amountOf, amountShown, NOTHING, type Chosen } from "../amount_form";
import { payShown } from "../pay_shown";

Page({
  data: { t: {}, large: "", choices: [], typed: "" },
  following: IDLE,
  whose: OWN,
  chosen: NOTHING,

  onLoad(query: { child?: string }) {
    this.whose = Number(query.child ?? OWN);
    this.following = follow(
      this,
      ["topup"],
      [topUps, paying, card, guardian],
      (language) => this.look(language),
    );
    void topUps.open(this.whose);
    void paying.open(topUps.door(this.whose));
    if (this.whose !== OWN && guardian.state.children.length === 0) void guardian.open();
    void messages.open(this.whose === OWN ? "student" : "guardian");
  },
  onUnload() {
    this.following.end();
    paying.close();
  },

  look(language: Language) {
    const now = Date.now() / 1000;
    const { isOn, amountsFen, amountFenMax, lastAmountFen } = topUps.state;
    const fresh = freshness(topUps.state, now, language);
    const shown = payShown(paying.state, now, language);
    const who = whoShown(this.whose, now, language);
    const label = amountLabel(this.chosen, amountFenMax);
    const last = lastAmountFen === null ? "" : amount(lastAmountFen);
    return {
      ...fresh,
      ...shown,
      ...who,
      ...amountShown(this.chosen, amountsFen, amountFenMax, language),
      amountHeading: say("topup.amount", language),
      isOff: fresh.hasAnswer && !isOn,
      isFormShown: fresh.hasAnswer && isOn && shown["isFormOpen"] === true,
      low: lowShown(topUps.state, language),
      isLow: topUps.state.isLow,
      repeat: last,
      repeatLabel: say("topup.repeat_label", language, { amount: last }),
      payLabel: payLabel(label, who.name, this.whose, language),
      isChosen: label !== "",
    };
  },

  onChoose(event: WechatMiniprogram.TouchEvent) {
    const fen = event.currentTarget.dataset["fen"] as number;
    this.choose({ fen, typed: "", wrong: null });
  },
  onTyped(event: { detail: { value: string } }) {
    this.choose({ fen: null, typed: event.detail.value, wrong: null });
  },
  async onPay() {
    const fen = amountOf(this.chosen, topUps.state.amountFenMax);
    if (typeof fen !== "number") this.choose({ ...this.chosen, wrong: fen });
    else await this.pay(fen);
  },
  async onRepeat() {
    const { lastAmountFen } = topUps.state;
    if (lastAmountFen !== null) await this.pay(lastAmountFen);
  },
  onGoOn() {
    void paying.pay(paying.state.amountFen);
  },
  onAgain() {
    void paying.again();
  },
  onDone() {
    paying.dismiss();
  },
  onHistory() {
    void wx.navigateTo({ url: `/packages/topup/history/index?child=${this.whose}` });
  },
  onInvite() {
    void wx.navigateTo({ url: `/packages/topup/invitations/index?child=${this.whose}` });
  },

  choose(chosen: Chosen) {
    this.chosen = chosen;
    this.following.show();
  },
  async pay(fen: number) {
    // WeChat asks for messages only straight from a tap
    if (await paying.pay(fen, () => messages.agreeNow())) this.choose(NOTHING);
  },
});

/** Whose purse, and what is in it. */
function whoShown(
  whose: number,
  now: number,
  language: Language,
): { name: string } & Record<string, string> {
  if (whose === OWN) {
    const { holderName, balanceFen, balanceAsOf } = card.state;
    const time = balanceAsOf === null ? "" : moment(balanceAsOf, now, language);
    return {
      forWhom: say("topup.own", language),
      name: holderName,
      about: "",
      balance: balanceFen === null ? "" : amount(balanceFen),
      asOf: time === "" ? "" : say("every.as_of", language, { time }),
    };
  }
  const child = guardian.state.children.find((one) => one.cardholderId === whose);
  if (child === undefined) return { forWhom: "", name: "", about: "", balance: "", asOf: "" };
  const tail = say("topup.card", language, { tail: child.cardNumberTail });
  const { balanceFen } = child;
  return {
    forWhom: say("topup.child", language),
    name: child.name,
    about: [child.department, child.cardNumberTail === "" ? "" : tail].filter(Boolean).join(" · "),
    balance: balanceFen === null ? say("topup.not_shared", language) : amount(balanceFen),
    asOf: "",
  };
}

function lowShown({ isLow, daysLeft }: TopUpsState, language: Language): string {
  if (isLow) return say("topup.low", language);
  return daysLeft === null ? "" : say("topup.low_days", language, { days: daysLeft });
}

function payLabel(label: string, name: string, whose: number, language: Language): string {
  if (label === "") return say("topup.choose", language);
  const key = whose === OWN ? "topup.do" : "topup.do_child";
  return say(key, language, { amount: label, name });
}
