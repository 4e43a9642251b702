/** A relative with a link: whom it is for, how much, and once. No login, nothing kept of him. */
import { follow, IDLE } from "../../../pages/follow";
import { freshness } from "../../../pages/loaded";
import { invited, paying } from "../../../stores/index";
import { amount } from "../../../words/amount";
import { say, type Language } from "../../../words/index";
import { moment } from "../../../words/when";
import { amountLabel, amountOf, amountShown, NOTHING, type Chosen } from "../amount_form";
import { payShown } from "../pay_shown";

Page({
  data: { t: {}, large: "", choices: [], typed: "" },
  following: IDLE,
  token: "",
  chosen: NOTHING,

  onLoad(query: { token?: string }) {
    this.token = decodeURIComponent(query.token ?? "");
    this.following = follow(this, ["invited"], [invited, paying], (language) =>
      this.look(language),
    );
    if (this.token !== "") void this.open();
  },
  onUnload() {
    this.following.end();
    paying.close();
  },

  look(language: Language) {
    const now = Date.now() / 1000;
    const told = invited.state;
    const fresh = freshness(told, now, language);
    const shown = payShown(paying.state, now, language);
    const isPaid = paying.state.phase === "paid";
    const label = amountLabel(this.chosen, told.amountFenMax);
    const isOpen = told.invitation === "open" && told.expiresAt > now;
    return {
      ...fresh,
      ...shown,
      ...amountShown(this.chosen, told.amountsFen, told.amountFenMax, language),
      done: "",
      isMissing: this.token === "",
      amountHeading: say("topup.amount", language),
      school: told.school,
      name: told.holderName,
      until: say("invited.until", language, { time: moment(told.expiresAt, now, language) }),
      max: say("invited.max", language, { amount: amount(told.amountFenMax) }),
      over: fresh.hasAnswer && !isOpen && !isPaid ? overSaid(told.invitation, language) : "",
      thanks: isPaid ? say("invited.thanks", language) : "",
      isFormShown: fresh.hasAnswer && isOpen && shown["isFormOpen"] === true,
      payLabel:
        label === ""
          ? say("topup.choose", language)
          : say("topup.do_child", language, { amount: label, name: told.holderName }),
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
  onPay() {
    const fen = amountOf(this.chosen, invited.state.amountFenMax);
    if (typeof fen !== "number") this.choose({ ...this.chosen, wrong: fen });
    else void paying.pay(fen);
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

  choose(chosen: Chosen) {
    this.chosen = chosen;
    this.following.show();
  },
  async open() {
    const { token } = this;
    await invited.open(token);
    await paying.open(invited.door(token));
  },
});

function overSaid(invitation: string, language: Language): string {
  return say(invitation === "paid" ? "invited.paid" : "invited.ended", language);
}
