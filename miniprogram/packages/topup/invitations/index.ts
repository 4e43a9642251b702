/** Ask a relative to pay: a link that pays once, up to an amount, for some days. */
import { ask } from "../../../pages/ask";
import { follow, IDLE } from "../../../pages/follow";
import { freshness } from "../../../pages/loaded";
import { guardian, settings, topUps } from "../../../stores/index";
import { OWN, type TopUpInvitation } from "../../../stores/top_ups";
import { amount } from "../../../words/amount";
import { say, type Language } from "../../../words/index";
import { moment } from "../../../words/when";
import { typedOf } from "../../../models/top_up";

const DAYS: readonly number[] = [3, 7, 30];
const TONES = { open: "", paid: "plain", ended: "plain" } as const;
const HOME = "/pages/card/index";

Page({
  data: { t: {}, large: "", choices: [], lines: [] },
  following: IDLE,
  whose: OWN,
  fen: 0,
  days: 7,

  onLoad(query: { child?: string }) {
    this.whose = Number(query.child ?? OWN);
    this.following = follow(this, ["invite"], [topUps, guardian], (language) =>
      this.look(language),
    );
    void topUps.openInvitations(this.whose);
  },
  onUnload() {
    this.following.end();
  },

  look(language: Language) {
    const now = Date.now() / 1000;
    const { amountsFen, invitations, made, isLoading, isOn } = topUps.state;
    const fresh = freshness(topUps.state, now, language);
    const name = guardian.state.children.find((one) => one.cardholderId === this.whose)?.name;
    const chosen = this.chosenFen();
    return {
      ...fresh,
      lead: say(name === undefined ? "invite.lead" : "invite.lead_child", language, { name: name ?? "" }),
      isOn: fresh.hasAnswer && isOn && amountsFen.length > 0,
      choices: amountsFen.map((fen) => ({ fen, name: `¥${typedOf(fen)}`, isChosen: fen === chosen })),
      days: DAYS.map((count) => ({
        count,
        name: say("invite.days_count", language, { count }),
        isChosen: count === this.days,
      })),
      isBusy: isLoading,
      ready:
        made === null
          ? ""
          : say("invite.ready_text", language, {
              amount: amount(made.amountFenMax),
              time: moment(made.expiresAt, now, language),
            }),
      isEmpty: fresh.hasAnswer && invitations.length === 0,
      lines: invitations.map((one) => shown(one, now, language)),
    };
  },

  onChoose(event: WechatMiniprogram.TouchEvent) {
    this.fen = event.currentTarget.dataset["fen"] as number;
    this.following.show();
  },
  onDays(event: WechatMiniprogram.TouchEvent) {
    this.days = event.currentTarget.dataset["days"] as number;
    this.following.show();
  },
  onMake() {
    void topUps.invite(this.whose, this.chosenFen(), this.days);
  },
  async onEnd(event: WechatMiniprogram.TouchEvent) {
    const id = event.currentTarget.dataset["id"] as number;
    if (await ask("invite.end", "invite.end_ask")) await topUps.endInvitation(this.whose, id);
  },
  /** WeChat asks at the share button, and in its own menu: there is nothing of ours to send there. */
  onShareAppMessage(from: { from?: string }) {
    const { made } = topUps.state;
    if (from.from !== "button" || made === null) return { path: HOME };
    const { language } = settings.state;
    return {
      title: say("invite.share_title", language, { amount: amount(made.amountFenMax) }),
      path: `/packages/topup/invited/index?token=${encodeURIComponent(made.token)}`,
    };
  },

  /** Until one is chosen: the second, or the only one. */
  chosenFen(): number {
    const { amountsFen } = topUps.state;
    return this.fen || (amountsFen[1] ?? amountsFen[0] ?? 0);
  },
});

function shown(one: TopUpInvitation, now: number, language: Language): object {
  const isOver = one.state === "open" && one.expiresAt <= now;
  const state = isOver ? "ended" : one.state;
  return {
    id: one.invitationId,
    amount: amount(one.amountFenMax),
    until: say("invite.until", language, { time: moment(one.expiresAt, now, language) }),
    state: say(`invite.${state}`, language),
    tone: TONES[state],
    isOpen: state === "open",
  };
}
