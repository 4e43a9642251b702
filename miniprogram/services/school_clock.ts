/** The school's time: the phone's own, and how far the server's answers say it is wrong. */
import { offsetAfter, type HeardTime } from "../models/clock";
import { readPlainly, writePlainly } from "./storage";

let offsetMs: number | null = null;

function known(): number {
  if (offsetMs === null) {
    const kept = readPlainly<{ offsetMs: unknown }>("clock")?.offsetMs;
    offsetMs = typeof kept === "number" && Number.isFinite(kept) ? kept : 0;
  }
  return offsetMs;
}

/** Milliseconds of school time. */
export function schoolMs(): number {
  return Date.now() + known();
}

/** Whole Unix seconds of school time. */
export function schoolSeconds(): number {
  return Math.floor(schoolMs() / 1000);
}

/** School time − phone time, as far as it is known. */
export function clockOffsetMs(): number {
  return known();
}

/** Learn from an answer. */
export function hearTime(heard: HeardTime): void {
  const before = known();
  const after = offsetAfter(before, heard);
  if (after === before) return;
  offsetMs = after;
  writePlainly("clock", { offsetMs });
}
