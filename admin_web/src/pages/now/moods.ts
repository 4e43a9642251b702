// How a window and an alarm look: a mood has a colour and a shape of its own (parts/StateTag).
import type { LiveTold } from "@/api/schema";
import type { Mood } from "@/parts/StateTag.vue";

export type Window = LiveTold["windows"][number];
export type Alarm = LiveTold["alarms"][number];

export const SELLING: Record<Window["selling"], Mood> = {
  online: "good",
  offline: "warn",
  ready: "quiet",
  paused: "warn",
  silent: "bad",
};
export const SEVERITY: Record<Alarm["severity"], Mood> = { now: "bad", soon: "warn", know: "quiet" };

export const READY_MIN = 80;

/** Whether somebody should look at a window. */
export function isTroubled(window: Window): boolean {
  return (
    window.selling === "silent" || window.selling === "offline" || (window.score !== null && window.score < READY_MIN)
  );
}
