/** How many terminals know of a freeze: asked again until all do. */
import type { FreezeTold } from "../models/wire";
import type { FreezeReach } from "./card";

/** Quickly while everybody waits for it, then slowly: some terminal is always switched off. */
const SECONDS = 2;
const SECONDS_LATER = 15;
const SOON_SECONDS = 60;

export interface Reach {
  /** Ask if it is time to. `frozenAt` and `at` are Unix seconds. */
  watch(at: number, frozenAt: number, known: FreezeReach | null): void;
  /** Ask at the next `watch`, whatever was known. */
  again(): void;
}

export function createReach(
  read: () => Promise<FreezeTold>,
  hear: (told: FreezeTold) => void,
  fail: (error: unknown) => void,
): Reach {
  let askedAt = 0;
  return {
    watch(at, frozenAt, known) {
      const isDone = askedAt > 0 && known !== null && known.knownBy >= known.terminals;
      const pause = at - frozenAt < SOON_SECONDS ? SECONDS : SECONDS_LATER;
      if (isDone || at - askedAt < pause) return;
      askedAt = at;
      read().then(hear).catch(fail);
    },
    again() {
      askedAt = 0;
    },
  };
}

export function reachOf(told: FreezeTold): FreezeReach {
  return { knownBy: told.known_by, terminals: told.terminals };
}
