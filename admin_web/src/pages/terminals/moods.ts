// How terminals look: a mood has a colour and a shape of its own (parts/StateTag).
import type { TerminalTold } from "@/api/schema";
import type { Mood } from "@/parts/StateTag.vue";

export const READY_MIN = 80;
export const MENDING_MIN = 40;

export const STANDING: Record<TerminalTold["standing"], Mood> = {
  heard: "good",
  silent: "warn",
  revoked: "quiet",
  stolen: "bad",
};

export function scoreOf(terminal: TerminalTold): number | null {
  const score: unknown = terminal.readiness.score;
  return typeof score === "number" ? score : null;
}

export function moodOf(score: number | null): Mood {
  if (score === null) return "quiet";
  if (score >= READY_MIN) return "good";
  return score >= MENDING_MIN ? "warn" : "bad";
}

/** A clock that is off by more is worth a word. */
export const SKEW_SECONDS_MAX = 30;
