// What an alert found, in one sentence.
import type { AlertTold } from "@/api/schema";
import type { Mood } from "@/parts/StateTag.vue";
import { yuan } from "@/parts/tell";

export const KINDS = ["day_spent", "fast", "forged", "wrong_codes", "double_use", "quarantined", "cloned_chip", "trial_worse"] as const;
const GRAVE = new Set<string>(["forged", "double_use", "cloned_chip"]);

export function moodOf(kind: string): Mood {
  return GRAVE.has(kind) ? "bad" : "warn";
}

/** The words that fill `risk.texts.<kind>`. */
export function figuresOf(alert: Pick<AlertTold, "evidence">): Record<string, string> {
  const said = alert.evidence as Record<string, number | string>;
  const fen = (name: string): string => (typeof said[name] === "number" ? yuan(said[name]) : "—");
  const count = ["wrong_code", "wrong_chip"].reduce((sum, name) => sum + Number(said[name] ?? 0), 0);
  return {
    spent: fen("spent_fen"), over: fen("over_fen"), charged: fen("charged_fen"), reason: String(said.reason ?? ""), seconds: String(said.seconds ?? ""),
    payments: String(said.payments ?? ""), sequence: String(said.sequence ?? ""), first: String(said.first_payment_id ?? ""), count: String(count),
    version: String(said.version ?? ""), points: (Number(said.more_per_mille ?? 0) / 10).toFixed(1),
  };
}
