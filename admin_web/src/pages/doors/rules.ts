// Door rules as the editor sees them; fields that are not named here stay as they are.
import { DAY_MINUTES } from "@/parts/minutes";

export interface Opening { classes: number[]; is_for_granted: boolean; days: number[]; begins_minute: number; ends_minute: number }
export interface Zone { zh: string; en: string; openings: Opening[]; lockdown_classes: number[]; takes_emergency_codes: boolean }
export interface Door { zone: number; fails: "safe" | "secure"; passback: "off" | "soft" | "hard"; passback_seconds: number; unlock_seconds: number; sync_age_seconds_max: number }
export interface DoorRules { utc_offset_seconds: number; calendar: Record<string, number>; zones: Record<string, Zone>; doors: Record<string, Door> }

/** The rows of the week: Monday to Sunday, then a holiday (0). */
export const DAYS = [1, 2, 3, 4, 5, 6, 7, 0] as const;
export const OPENINGS_MAX = 32;
export const ZONE_MAX = 65_535;
const STEP = 30;
const LENGTH = 120;

export function newZone(): Zone {
  return { zh: "", en: "", openings: [], lockdown_classes: [], takes_emergency_codes: false };
}
export function newDoor(zone: number): Door {
  return { zone, fails: "safe", passback: "off", passback_seconds: 0, unlock_seconds: 5, sync_age_seconds_max: 0 };
}

/** An opening on one day that begins near a minute, for whoever was granted the zone. */
export function openingAt(day: number, minute: number): Opening {
  const begins = Math.min(Math.floor(minute / STEP) * STEP, DAY_MINUTES - STEP);
  return { classes: [], is_for_granted: true, days: [day], begins_minute: begins, ends_minute: Math.min(begins + LENGTH, DAY_MINUTES) };
}

/** Numbers in the order that the rules want them: ascending, each once. */
export function ascending(numbers: number[]): number[] {
  return [...new Set(numbers)].sort((one, other) => one - other);
}

/** What is wrong with an opening: for nobody, on no day, or ending before it begins. */
export function faultOf(one: Opening): "nobody" | "no_day" | "ends_early" | null {
  if (!one.classes.length && !one.is_for_granted) return "nobody";
  if (!one.days.length) return "no_day";
  return one.ends_minute <= one.begins_minute ? "ends_early" : null;
}

/** Place bars of one row so that none hides another: each opening's lane. */
export function lanesOf(openings: Opening[]): number[] {
  const ends: number[] = [];
  const lanes = new Array<number>(openings.length).fill(0);
  const order = openings.map((_, index) => index).sort((one, other) => (openings[one]?.begins_minute ?? 0) - (openings[other]?.begins_minute ?? 0));
  for (const index of order) {
    const opening = openings[index];
    if (!opening) continue;
    let lane = ends.findIndex((end) => end <= opening.begins_minute);
    if (lane < 0) lane = ends.length;
    ends[lane] = opening.ends_minute;
    lanes[index] = lane;
  }
  return lanes;
}
