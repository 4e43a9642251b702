/** Making the 34 digits, as campus_code does it in Python. */
import { hotp } from "./one_time";
import type { Secrets } from "./secrets";

export const CODE_DIGITS = 34;
export const STEP_SECONDS = 15;
const FORMAT = "9";
const STEPS_SHOWN = 1000;
const EPOCHS_SHOWN = 100;
const ONE_TIME_DIGITS = 9;
const GROUP_DIGITS = 2;

/** The absolute step that holds Unix second `at`. */
export function stepAt(at: number): number {
  return Math.floor(at / STEP_SECONDS);
}

/** The digits to show at Unix second `at`, or null outside the secrets' epoch. */
export function issueCode(secrets: Secrets, at: number): string | null {
  if (at < secrets.validFrom || at >= secrets.validUntil) return null;
  const step = stepAt(at);
  return [
    FORMAT,
    padded(secrets.epoch % EPOCHS_SHOWN, 2),
    secrets.cardNumber,
    padded(secrets.issue, 2),
    padded(step % STEPS_SHOWN, 3),
    hotp(secrets.terminalSecret, step, ONE_TIME_DIGITS),
    hotp(secrets.issuerSecret, step, ONE_TIME_DIGITS),
  ].join("");
}

/** Digits in pairs, as printed under the picture; an emergency code goes in fours. */
export function groupDigits(digits: string, size: number = GROUP_DIGITS): string[] {
  const groups: string[] = [];
  for (let place = 0; place < digits.length; place += size) {
    groups.push(digits.slice(place, place + size));
  }
  return groups;
}

/** How far the step is at `atMs` Unix milliseconds. */
export function stepProgress(atMs: number): { secondsLeft: number; progress: number } {
  const length = STEP_SECONDS * 1000;
  const gone = ((atMs % length) + length) % length;
  return { secondsLeft: Math.ceil((length - gone) / 1000), progress: gone / length };
}

function padded(number: number, digits: number): string {
  return String(number).padStart(digits, "0");
}
