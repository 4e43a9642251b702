/** One payment, every line of it explained; contested in one tap. */
import type { PaymentLine } from "../../../models/statement";
import { follow, IDLE } from "../../../pages/follow";
import { statement } from "../../../stores/index";
import type { DisputeReason } from "../../../stores/statement";
import { amount } from "../../../words/amount";
import { say, sayNotice, type Key, type Language } from "../../../words/index";
import { factsOf, full, sumsOf } from "./explained";

const REASONS: readonly DisputeReason[] = ["not_me", "wrong_amount", "twice", "other"];

const VERDICTS: Readonly<Record<string, Key>> = {
  open: "payment.disputed",
  upheld: "payment.upheld",
  refused: "payment.refused",
};

Page({
  data: { t: {}, large: "", note: "" },
  following: IDLE,
  id: "",
  isOther: false,

  onLoad(query: { id?: string }) {
    this.id = query.id ?? "";
    statement.choose(this.id);
    this.following = follow(this, ["payment"], [statement], (language) => this.look(language));
  },
  onUnload() {
    this.following.end();
    statement.dismissNotice();
  },

  look(language: Language) {
    const { chosen, isDisputing, notice } = statement.state;
    if (chosen === null) return { isMissing: true };
    return {
      isMissing: false,
      ...lookOf(chosen, language),
      isDisputing,
      notice: sayNotice(notice, language),
      isOther: this.isOther,
      reasons: REASONS.map((id) => ({
        id,
        name: say(`payment.${id}`, language),
        isChosen: id === "other" && this.isOther,
      })),
      sendLabel: say(isDisputing ? "payment.disputing" : "every.confirm", language),
    };
  },

  onReason(event: WechatMiniprogram.TouchEvent) {
    const reason = event.currentTarget.dataset["reason"] as DisputeReason;
    if (statement.state.isDisputing) return;
    this.isOther = reason === "other";
    this.following.show();
    if (!this.isOther) void statement.dispute(this.id, reason);
  },
  onNote(event: { detail: { value: string } }) {
    this.setData({ note: event.detail.value });
  },
  onSend() {
    void statement.dispute(this.id, "other", this.data.note);
  },
  onDisputes() {
    void wx.navigateTo({ url: "/packages/student/disputes/index" });
  },
});

function lookOf(line: PaymentLine, language: Language): Record<string, unknown> {
  const verdict = VERDICTS[line.dispute];
  return {
    merchant: line.merchant,
    amount: amount(line.netFen),
    when: full(line.occurredAt, language),
    sums: sumsOf(line, language),
    facts: factsOf(line, language),
    canDispute: line.canDispute,
    hasDispute: line.dispute !== "",
    verdict: verdict === undefined ? "" : say(verdict, language),
    verdictTone: line.dispute === "open" ? "stopped" : line.dispute === "refused" ? "plain" : "",
  };
}
