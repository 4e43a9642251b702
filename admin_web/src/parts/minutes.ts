// Minutes of a day as people write them.
export const DAY_MINUTES = 1440;

/** 690 → "11:30"; the end of the day is 24:00. */
export function timeOf(minute: number): string {
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** "11:30" → 690; null for what is no time of a day. */
export function minuteOf(text: string): number | null {
  const match = /^\s*(\d{1,2})[:：](\d{2})\s*$/.exec(text);
  if (!match) return null;
  const minute = Number(match[1]) * 60 + Number(match[2]);
  return Number(match[2]) < 60 && minute <= DAY_MINUTES ? minute : null;
}
