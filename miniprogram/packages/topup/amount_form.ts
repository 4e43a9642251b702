/** Choosing an amount: one of the school's, or one's own within clear bounds. */
import { yuan } from "../../models/money";
import type { WordNotice } from "../../models/notice";
import { fenOf, readAmount, typedOf } from "../../models/top_up";
import { amount } from "../../words/amount";
import { say, sayNotice, type Language } from "../../words/index";

const FEN_MIN = 1;

export interface Chosen {
  /** One of the buttons. */
  readonly fen: number | null;
  /** The field; what stands there counts before the buttons. */
  readonly typed: string;
  /** Why the last tap did nothing. */
  readonly wrong: WordNotice | null;
}

export const NOTHING: Chosen = { fen: null, typed: "", wrong: null };

/** The amount, or the sentence that says why there is none. */
export function amountOf(chosen: Chosen, fenMax: number): number | WordNotice {
  if (chosen.typed.trim() === "" && chosen.fen !== null) return chosen.fen;
  return readAmount(chosen.typed, FEN_MIN, fenMax);
}

/** Everything amount.wxml reads. */
export function amountShown(
  chosen: Chosen,
  amountsFen: readonly number[],
  fenMax: number,
  language: Language,
): Record<string, unknown> {
  const isTyped = chosen.typed.trim() !== "";
  return {
    choices: amountsFen.map((fen) => ({
      fen,
      name: `¥${typedOf(fen)}`,
      isChosen: !isTyped && chosen.fen === fen,
    })),
    typed: chosen.typed,
    bounds: say("topup.bounds", language, { low: yuan(FEN_MIN), high: yuan(fenMax) }),
    otherLabel: say("topup.other", language),
    wrong: sayNotice(chosen.wrong, language),
  };
}

/** What the amount would be, for a button's label; "" while there is none. */
export function amountLabel(chosen: Chosen, fenMax: number): string {
  const fen = chosen.typed.trim() === "" ? chosen.fen : fenOf(chosen.typed);
  return fen === null || fen < FEN_MIN || fen > fenMax ? "" : amount(fen);
}
