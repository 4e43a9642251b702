/** What a page says about a top-up under way: one title and one sentence for each phase. */
import type { PayPhase, PayState } from "../../stores/paying";
import { amount } from "../../words/amount";
import { say, sayNotice, type Key, type Language } from "../../words/index";
import { moment } from "../../words/when";

interface Told {
  readonly title: Key;
  readonly text: Key | null;
  readonly tone: "" | "plain" | "stopped";
}

const TOLD: Readonly<Record<Exclude<PayPhase, "none">, Told>> = {
  ordering: { title: "pay.ordering", text: null, tone: "plain" },
  asking: { title: "pay.asking", text: null, tone: "plain" },
  checking: { title: "pay.checking", text: null, tone: "plain" },
  paid: { title: "pay.paid", text: "pay.paid_text", tone: "" },
  unpaid: { title: "pay.unpaid", text: "pay.unpaid_text", tone: "plain" },
  late: { title: "pay.late", text: "pay.late_text", tone: "plain" },
  closed: { title: "pay.closed", text: "pay.closed_text", tone: "plain" },
  held: { title: "pay.held", text: "pay.held_text", tone: "stopped" },
};
const BUSY: readonly PayPhase[] = ["ordering", "asking", "checking"];
/** With these in front nobody is asked for another payment. */
const CLOSES_FORM: readonly PayPhase[] = [...BUSY, "late", "paid", "held"];

/** Everything pay.wxml reads, and whether the form may be used. */
export function payShown(
  paying: PayState,
  now: number,
  language: Language,
): Record<string, unknown> {
  const { phase, amountFen, balanceFen, expiresAt } = paying;
  const payNotice = sayNotice(paying.notice, language);
  const isFormOpen = !CLOSES_FORM.includes(phase);
  const nothing = { payTitle: "", payText: "", payBalance: "", goOn: "", again: "", done: "" };
  if (phase === "none") return { ...nothing, payNotice, isFormOpen };
  const { title, text, tone } = TOLD[phase];
  const values = { amount: amount(amountFen) };
  const time = phase !== "unpaid" || expiresAt === null ? "" : moment(expiresAt, now, language);
  const told = time === "" ? text : "pay.unpaid_until";
  const canLeave = phase === "paid" || phase === "closed" || phase === "held";
  return {
    payTitle: say(title, language),
    payText: told === null ? "" : say(told, language, { ...values, time }),
    payTone: tone,
    payNotice,
    payPurse: say("pay.balance_now", language),
    payBalance: phase === "paid" && balanceFen !== null ? amount(balanceFen) : "",
    goOn: phase === "unpaid" ? say("pay.go_on", language, values) : "",
    again: phase === "late" ? say("pay.again", language) : "",
    done: canLeave ? say("pay.done", language) : "",
    isFormOpen,
  };
}
