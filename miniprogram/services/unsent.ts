/** Freezes the school has not heard of yet: kept, and sent again until it has. */
import type { PartWord, StateTold } from "../models/wire";
import { onNetwork } from "./device";
import { isWorthRetrying } from "./errors";
import { ask, type Audience } from "./sessions";
import { readPlainly, writePlainly } from "./storage";

export interface UnsentFreeze {
  readonly audience: Audience;
  /** Where it is posted; one place has one freeze. */
  readonly path: string;
  readonly parts: readonly PartWord[];
}

/** What became of an attempt: an answer, or why there is none. */
export interface Outcome {
  readonly path: string;
  readonly told: StateTold | null;
  readonly error: unknown;
  /** It will be tried again. */
  readonly isWaiting: boolean;
}

const RETRY_MS_MIN = 2000;
const RETRY_MS_MAX = 30_000;

let waiting: readonly UnsentFreeze[] | null = null;
let sending: Promise<void> | null = null;
let retryMs = RETRY_MS_MIN;
let timer: ReturnType<typeof setTimeout> | null = null;
const hearers = new Set<(outcome: Outcome) => void>();

function kept(): readonly UnsentFreeze[] {
  if (waiting === null) {
    waiting = readPlainly<readonly UnsentFreeze[]>("unsent") ?? [];
    onNetwork(() => void sendUnsent());
  }
  return waiting;
}

function keep(freezes: readonly UnsentFreeze[]): void {
  waiting = freezes;
  writePlainly("unsent", freezes);
}

/** Call back after every attempt. */
export function onOutcome(hear: (outcome: Outcome) => void): void {
  hearers.add(hear);
}

/** The parts that wait to be told at this place; [] for none. */
export function unsentParts(path: string): readonly PartWord[] {
  return kept().find((one) => one.path === path)?.parts ?? [];
}

/** Keep it now, send it now, and again until it is answered. Resolves after the first attempt. */
export function sendFreeze(freeze: UnsentFreeze): Promise<void> {
  const parts = Array.from(new Set([...unsentParts(freeze.path), ...freeze.parts]));
  keep([...kept().filter((one) => one.path !== freeze.path), { ...freeze, parts }]);
  // an attempt under way may have passed this place already
  return sending === null ? sendUnsent() : sending.then(sendUnsent);
}

/** Take it back: the school never heard of it, as far as is known here. */
export function takeBack(path: string): void {
  keep(kept().filter((one) => one.path !== path));
}

/** Forget what one role left unsent: it logged out. */
export function forgetUnsent(audience: Audience): void {
  keep(kept().filter((one) => one.audience !== audience));
}

/** Try all that wait, one after the other; also when the mini-program starts. */
export function sendUnsent(): Promise<void> {
  if (sending !== null) return sending;
  const done = (): void => {
    sending = null;
  };
  const attempt = sendAll();
  sending = attempt;
  attempt.then(done, done);
  return attempt;
}

async function sendAll(): Promise<void> {
  if (timer !== null) clearTimeout(timer);
  timer = null;
  for (const freeze of kept()) {
    const isTakenBack = !kept().includes(freeze);
    if (!isTakenBack) await sendOne(freeze);
  }
  if (kept().length === 0) {
    retryMs = RETRY_MS_MIN;
    return;
  }
  timer = setTimeout(() => void sendUnsent(), retryMs);
  retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
}

async function sendOne(freeze: UnsentFreeze): Promise<void> {
  const { audience, path, parts } = freeze;
  try {
    const told = await ask<StateTold>(audience, { method: "POST", path, body: { parts } });
    drop(freeze);
    tell({ path, told, error: null, isWaiting: false });
  } catch (error) {
    const isWaiting = isWorthRetrying(error);
    if (!isWaiting) drop(freeze);
    tell({ path, told: null, error, isWaiting });
  }
}

/** Only this very freeze: while it was on its way another part may have been added. */
function drop(freeze: UnsentFreeze): void {
  keep(kept().filter((one) => one !== freeze));
}

function tell(outcome: Outcome): void {
  for (const hear of Array.from(hearers)) hear(outcome);
}
