/** What I contested and what became of it. */
import { follow, IDLE } from "../../../pages/follow";
import { freshness } from "../../../pages/loaded";
import { disputes, statement } from "../../../stores/index";
import type { DisputeLine } from "../../../stores/student";
import { amount } from "../../../words/amount";
import { whyContested } from "../../../words/dispute";
import { isKey, say, type Language } from "../../../words/index";
import { moment } from "../../../words/when";

const TONES: Readonly<Record<string, string>> = { open: "plain", refused: "stopped" };

Page({
  data: { t: {}, large: "", disputes: [] },
  following: IDLE,

  onLoad() {
    this.following = follow(this, ["disputes"], [disputes, statement], (language) =>
      this.look(language),
    );
    void disputes.open();
  },
  onUnload() {
    this.following.end();
  },

  look(language: Language) {
    const now = Date.now() / 1000;
    const lines = disputes.state.disputes;
    const fresh = freshness(disputes.state, now, language);
    return {
      ...fresh,
      isEmpty: fresh.hasAnswer && lines.length === 0,
      disputes: lines.map((line) => shown(line, now, language)),
    };
  },

  onLine(event: WechatMiniprogram.TouchEvent) {
    const id = event.currentTarget.dataset["id"] as string;
    void wx.navigateTo({ url: `/packages/student/payment/index?id=${id}` });
  },
});

function shown(line: DisputeLine, now: number, language: Language): object {
  const key = `disputes.${line.state}`;
  const time = moment(line.openedAt, now, language);
  const paid = statement.state.lines.find(({ paymentId }) => paymentId === line.paymentId);
  const number = say("disputes.number", language, { number: line.paymentId });
  return {
    id: line.paymentId,
    name: paid === undefined ? number : `${paid.merchant} ${amount(paid.chargedFen)}`,
    opened: say("disputes.opened", language, { time }),
    why: whyContested(line, language),
    state: isKey(key) ? say(key, language) : line.state,
    tone: TONES[line.state] ?? "",
  };
}
