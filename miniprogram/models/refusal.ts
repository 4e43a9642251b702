/** A refusal's word as a sentence. */
import type { SentenceNotice } from "./notice";
import { REFUSALS } from "./refusals";

export type Evidence = Readonly<Record<string, unknown>>;

/** The sentences of a word on the wire; null when it is none of campus_code's. */
export function refusalNotice(word: string, evidence: Evidence = {}): SentenceNotice | null {
  if (!Object.prototype.hasOwnProperty.call(REFUSALS, word)) return null;
  const found = REFUSALS[word];
  if (found === undefined) return null;
  const seconds = evidence["seconds"];
  const behind = Number.isInteger(seconds) ? found.seconds : undefined;
  const filled = (text = ""): string => text.replace("{seconds}", String(seconds));
  return {
    kind: "sentence",
    word,
    zh: found.zh + filled(behind?.zh),
    en: found.en + filled(behind?.en),
  };
}
