/** Money as people read it: 1250 fen → "¥12.50", −1250 → "−¥12.50". */
import { yuan } from "../models/money";

export function amount(fen: number): string {
  return `${fen < 0 ? "−" : ""}¥${yuan(Math.abs(fen))}`;
}
