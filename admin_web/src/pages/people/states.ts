// How the states of cards and requests look.
import type { Mood } from "@/parts/StateTag.vue";

export const CARD_MOODS: Record<string, Mood> = {
  active: "good", frozen: "warn", lost: "bad", closed: "quiet", none: "quiet",
};
export const DECISION_MOODS: Record<string, Mood> = {
  waiting: "warn", approved: "good", rejected: "quiet", withdrawn: "quiet", downloaded: "quiet",
};
export const CHANGE_MOODS: Record<string, Mood> = {
  added: "good", changed: "warn", leaving: "bad", returning: "good",
};
export const OUTCOME_MOODS: Record<string, Mood> = {
  undone: "good", no_limits: "warn", changed_since: "bad", in_use: "bad",
};
