// Figures and times as people of an office read them. Money is whole fen until it is text.
import { i18n, language } from "../words";

export * from "./figures";

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** Unix seconds → "2026-11-30 12:05:09", in the browser's own time. */
export function moment(at: number | null | undefined, hasSeconds = true): string {
  if (!at) return "—";
  const date = new Date(at * 1000);
  const two = (number: number): string => String(number).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return hasSeconds ? `${day} ${time}:${two(date.getSeconds())}` : `${day} ${time}`;
}

/** How long, in the largest unit that says enough. */
export function lasting(seconds: number): string {
  const { t } = i18n.global;
  if (seconds < MINUTE) return t("unit.seconds", { n: Math.max(0, Math.round(seconds)) });
  if (seconds < HOUR) return t("unit.minutes", { n: Math.floor(seconds / MINUTE) });
  if (seconds < 2 * DAY) return t("unit.hours", { n: Math.floor(seconds / HOUR) });
  return t("unit.days", { n: Math.floor(seconds / DAY) });
}

/** How long ago, e.g. "3 分钟前". */
export function ago(at: number | null | undefined, now = Date.now() / 1000): string {
  const { t } = i18n.global;
  return at ? t("unit.ago", { n: lasting(now - at) }) : t("unit.never");
}

/** A whole number with its thousands apart. */
export function count(number: number): string {
  return number.toLocaleString(language.value === "zh" ? "zh-CN" : "en-GB");
}
