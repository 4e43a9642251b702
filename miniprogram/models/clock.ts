/** The school's time on a phone whose own clock may be wrong. */

/** What one answer of the server says about time. */
export interface HeardTime {
  /** Unix seconds by the server, whole: it may be up to a second later. */
  readonly serverAt: number;
  /** The phone's own milliseconds when it asked and when the answer was there. */
  readonly sentMs: number;
  readonly receivedMs: number;
}

const SECOND_MS = 1000;
/** An answer that was so long on its way says little about time. */
export const TRIP_MS_MAX = 10_000;
/** From here on the phone's clock is wrong enough to tell its owner. */
export const WRONG_CLOCK_MS = 60_000;

/**
 * The offset (school time − phone time, milliseconds) after an answer. What is known stays when
 * the answer cannot contradict it: otherwise every slow answer would move the clock a little.
 */
export function offsetAfter(knownMs: number, heard: HeardTime): number {
  const tripMs = heard.receivedMs - heard.sentMs;
  // the phone's clock was set meanwhile, or nothing can be read from it
  if (tripMs < 0 || tripMs > TRIP_MS_MAX || !Number.isFinite(heard.serverAt)) return knownMs;
  const earliest = heard.serverAt * SECOND_MS - heard.receivedMs;
  const latest = (heard.serverAt + 1) * SECOND_MS - heard.sentMs;
  if (knownMs >= earliest && knownMs <= latest) return knownMs;
  return Math.round((earliest + latest) / 2);
}

/** Unix seconds of an HTTP Date header, or null. */
export function readDateHeader(text: unknown): number | null {
  const atMs = typeof text === "string" ? Date.parse(text) : NaN;
  return Number.isNaN(atMs) ? null : Math.floor(atMs / SECOND_MS);
}
