/** Why a payment is contested, in the holder's words or the school's. */
import { refusalNotice } from "../models/refusal";
import { isKey, say, sayNotice, type Language } from "./index";

interface Contested {
  /** What the holder chose, or why the school contested it: a refusal's word or a word of its own. */
  readonly reason: string;
  readonly isAutomatic: boolean;
}

export function whyContested({ reason, isAutomatic }: Contested, language: Language): string {
  const key = `${isAutomatic ? "disputes" : "payment"}.${reason}`;
  const refusal = refusalNotice(reason);
  const why = isKey(key) ? say(key, language) : refusal && sayNotice(refusal, language);
  return isAutomatic ? say("disputes.automatic", language, { why: why ?? reason }) : (why ?? reason);
}
