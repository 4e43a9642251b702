/** A moment as digits that read the same in every language. School time is China's one zone. */

const UTC_OFFSET_SECONDS = 8 * 3600;

/** "01-05 12:30". */
export function shortMoment(at: number): string {
  const text = new Date((at + UTC_OFFSET_SECONDS) * 1000).toISOString();
  return `${text.slice(5, 10)} ${text.slice(11, 16)}`;
}

/** A minute of the day as "06:30"; 1440 is "24:00". */
export function minuteOfDay(minute: number): string {
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}
