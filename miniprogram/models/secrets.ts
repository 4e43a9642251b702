/** What a phone holds: two derived secrets for each epoch, never a master. */
import { fromBase64 } from "./bytes";
import { isDamm } from "./damm";
import type { SecretsTold } from "./wire";

export const SECRET_BYTES = 32;
const CARD_DIGITS = 8;
const ISSUE_MAX = 99;

export interface Secrets {
  readonly epoch: number;
  readonly cardNumber: string;
  readonly issue: number;
  readonly terminalSecret: Uint8Array;
  readonly issuerSecret: Uint8Array;
  readonly validFrom: number;
  readonly validUntil: number;
}

/** Read what was sent or kept; null when anything in it is not what it should be. */
export function readSecrets(text: SecretsTold): Secrets | null {
  const terminalSecret = fromBase64(text.terminal_secret);
  const issuerSecret = fromBase64(text.issuer_secret);
  const isWhole =
    terminalSecret?.length === SECRET_BYTES &&
    issuerSecret?.length === SECRET_BYTES &&
    isCardNumber(text.card_number) &&
    isIn(text.issue, 0, ISSUE_MAX) &&
    isIn(text.epoch, 0, Number.MAX_SAFE_INTEGER) &&
    isIn(text.valid_from, 0, Number.MAX_SAFE_INTEGER) &&
    isIn(text.valid_until, text.valid_from + 1, Number.MAX_SAFE_INTEGER);
  if (!isWhole) return null;
  return {
    epoch: text.epoch,
    cardNumber: text.card_number,
    issue: text.issue,
    terminalSecret,
    issuerSecret,
    validFrom: text.valid_from,
    validUntil: text.valid_until,
  };
}

/** The newest secrets valid at Unix second `at`, or null. */
export function secretsAt(all: readonly Secrets[], at: number): Secrets | null {
  let newest: Secrets | null = null;
  for (const one of all) {
    const isValid = one.validFrom <= at && at < one.validUntil;
    if (isValid && (newest === null || one.epoch > newest.epoch)) newest = one;
  }
  return newest;
}

/** Until when codes can be shown without a gap from `at` on; null when not even now. */
export function coveredUntil(all: readonly Secrets[], at: number): number | null {
  let until: number | null = null;
  for (;;) {
    const next = secretsAt(all, until ?? at);
    if (next === null) return until;
    until = next.validUntil;
  }
}

function isCardNumber(value: unknown): value is string {
  return typeof value === "string" && value.length === CARD_DIGITS && isDamm(value);
}

function isIn(value: unknown, low: number, high: number): value is number {
  return Number.isInteger(value) && Number(value) >= low && Number(value) <= high;
}
