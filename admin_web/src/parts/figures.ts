// Figures as text, exactly: money is whole fen until it is read by a person.

/** 123456 → "1,234.56" */
export function yuan(fen: number): string {
  const sign = fen < 0 ? "−" : "";
  const whole = Math.trunc(Math.abs(fen) / 100);
  const rest = String(Math.abs(fen) % 100).padStart(2, "0");
  return `${sign}${String(whole).replace(/\B(?=(\d{3})+$)/g, ",")}.${rest}`;
}

/** "12.5" → 1250; null for what is no amount of fen. */
export function fenOf(text: string): number | null {
  const match = /^\s*(\d{1,9})(?:\.(\d{1,2}))?\s*$/.exec(text);
  if (!match) return null;
  return Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0") || "0");
}

/** A business day, 20261130 → "2026-11-30". */
export function day(on: number | null | undefined): string {
  if (!on) return "—";
  const text = String(on);
  return `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
}

/** A date of a calendar as a business day: 20261130. */
export function dayOf(date: Date): number {
  return date.getFullYear() * 10_000 + (date.getMonth() + 1) * 100 + date.getDate();
}
