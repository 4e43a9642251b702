/** Fen for people. */

/** Fen as yuan with two decimals: 1250 → "12.50". */
export function yuan(fen: number): string {
  const sign = fen < 0 ? "-" : "";
  const size = Math.abs(fen);
  return `${sign}${Math.floor(size / 100)}.${String(size % 100).padStart(2, "0")}`;
}
