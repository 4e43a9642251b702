/** One payment in rows: what was added up, and what is known of where and when. */
import type { Notice } from "../../../models/notice";
import type { PaymentLine } from "../../../models/statement";
import { amount } from "../../../words/amount";
import { say, sayNotice, type Key, type Language } from "../../../words/index";
import { clockTime, dayOf } from "../../../words/when";

const TOTAL: Key = "line.charged";

interface Sum {
  readonly label: string;
  readonly amount: string;
  readonly isTotal: boolean;
}

interface Fact {
  readonly label: string;
  readonly text: string;
}

export function sumsOf(line: PaymentLine, language: Language): readonly Sum[] {
  return line.explained
    .filter(({ amountFen }) => amountFen !== null)
    .map(({ label, amountFen }) => ({
      label: sayNotice(label, language),
      amount: amount(amountFen ?? 0),
      isTotal: isTotal(label),
    }));
}

export function factsOf(line: PaymentLine, language: Language): readonly Fact[] {
  const told = line.explained
    .filter(({ amountFen }) => amountFen === null)
    .map(({ label, text }) => ({ label: sayNotice(label, language), text }));
  const facts = [...told, { label: say("payment.number", language), text: line.paymentId }];
  if (!line.wasLate) return facts;
  const posted = full(line.postedAt, language);
  return [...facts, { label: say("payment.posted", language), text: posted }];
}

/** The day and the time, always both. */
export function full(at: number, language: Language): string {
  return `${dayOf(at, language)} ${clockTime(at)}`;
}

function isTotal(label: Notice): boolean {
  return label.kind === "word" && label.key === TOTAL;
}
