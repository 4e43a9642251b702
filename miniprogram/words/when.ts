/** Moments and days as people read them. School time is China's one time zone. */
import { say, type Language } from "./index";

const UTC_OFFSET_SECONDS = 8 * 3600;
const DAY_SECONDS = 86_400;
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function two(number: number): string {
  return String(number).padStart(2, "0");
}

function schoolDate(at: number): Date {
  return new Date((at + UTC_OFFSET_SECONDS) * 1000);
}

/** "12:05". */
export function clockTime(at: number): string {
  const date = schoolDate(at);
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}

/** "1月5日" or "Jan 5". */
export function dayOf(at: number, language: Language): string {
  return dayNamed(dayNumber(at), language);
}

/** The time alone when it is today, else the day and the time. `now` is Unix seconds. */
export function moment(at: number, now: number, language: Language): string {
  const time = clockTime(at);
  return dayNumber(at) === dayNumber(now) ? time : `${dayOf(at, language)} ${time}`;
}

/** The school's day of a moment as "20260105". */
export function dayNumber(at: number): string {
  const date = schoolDate(at);
  return `${date.getUTCFullYear()}${two(date.getUTCMonth() + 1)}${two(date.getUTCDate())}`;
}

/** "20260105" as "1月5日" or "Jan 5". */
export function dayNamed(day: string, language: Language): string {
  const month = Number(day.slice(4, 6));
  const name = MONTHS[month - 1] ?? "";
  return say("every.day", language, { month, name, day: Number(day.slice(6, 8)) });
}

/** "20260105" as a heading: today, yesterday, or the day with its weekday. */
export function dayHeading(day: string, now: number, language: Language): string {
  if (day === dayNumber(now)) return say("every.today", language);
  if (day === dayNumber(now - DAY_SECONDS)) return say("every.yesterday", language);
  const date = Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6)));
  const weekday = say("every.weekdays", language).split(",")[new Date(date).getUTCDay()] ?? "";
  return `${dayNamed(day, language)} ${weekday}`;
}

/** "202601" as "2026年1月" or "Jan 2026". */
export function monthNamed(month: string, language: Language): string {
  const number = Number(month.slice(4, 6));
  const name = MONTHS[number - 1] ?? "";
  return say("every.month", language, { year: month.slice(0, 4), month: number, name });
}

/** A month of this year without its year. */
export function monthShort(month: string, now: number, language: Language): string {
  const whole = monthNamed(month, language);
  const year = month.slice(0, 4);
  if (!dayNumber(now).startsWith(year)) return whole;
  return whole.replace(`${year}年`, "").replace(` ${year}`, "");
}

/** The month `steps` after "YYYYMM"; negative goes back. */
export function monthAfter(month: string, steps: number): string {
  const count = Number(month.slice(0, 4)) * 12 + Number(month.slice(4, 6)) - 1 + steps;
  return `${Math.floor(count / 12)}${two((count % 12) + 1)}`;
}

/** The school's month of a moment, "YYYYMM". */
export function monthOf(at: number): string {
  return dayNumber(at).slice(0, 6);
}
