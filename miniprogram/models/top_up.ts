/** The amount of a top-up as a person types it. */
import { yuan } from "./money";
import { word, type WordNotice } from "./notice";

const FEN = 100;
/** At most six digits before the point, so that no number loses a fen. */
const TYPED = /^(\d{1,6})(?:\.(\d{1,2}))?$/;

/** "50", "50.5", "¥50.50" or full-width digits as fen; null for anything else. */
export function fenOf(typed: string): number | null {
  const plain = typed.trim().replace(/[０-９．。]/g, narrow).replace(/^[¥￥]\s*/, "");
  const found = TYPED.exec(plain);
  if (found === null) return null;
  const [, whole = "", part = ""] = found;
  return Number(whole) * FEN + Number(part.padEnd(2, "0"));
}

/** Fen within the bounds, or the sentence that names what is wrong. */
export function readAmount(typed: string, fenMin: number, fenMax: number): number | WordNotice {
  if (typed.trim() === "") return word("topup.no_amount");
  const fen = fenOf(typed);
  if (fen === null) return word("topup.no_number");
  if (fen >= fenMin && fen <= fenMax) return fen;
  return word("topup.out_of_bounds", { low: yuan(fenMin), high: yuan(fenMax) });
}

/** Fen as a person would type it: 5000 → "50", 5050 → "50.50". */
export function typedOf(fen: number): string {
  return fen % FEN === 0 ? String(fen / FEN) : yuan(fen);
}

function narrow(wide: string): string {
  if (wide === "．" || wide === "。") return ".";
  return String.fromCharCode(wide.charCodeAt(0) - "０".charCodeAt(0) + "0".charCodeAt(0));
}
