/** One payment as the statement shows and explains it. */
import { word, type Notice } from "./notice";
import { refusalNotice } from "./refusal";
import type { PaymentTold } from "./wire";
import type { WordKey } from "./word_keys";

/** One row of the explanation: a word, and an amount or a text beside it. */
export interface Explained {
  readonly label: Notice;
  readonly amountFen: number | null;
  readonly text: string;
}

export interface PaymentLine {
  readonly paymentId: string;
  readonly merchant: string;
  readonly terminal: string;
  /** Unix seconds. */
  readonly occurredAt: number;
  readonly postedAt: number;
  /** "20260105". */
  readonly businessOn: string;
  readonly periodId: string;
  readonly chargedFen: number;
  readonly returnedFen: number;
  /** What the purses lost in the end: charged, less what the school bore and what came back. */
  readonly netFen: number;
  readonly wasOffline: boolean;
  readonly wasLate: boolean;
  readonly outcome: string;
  readonly reason: string;
  /** A meal on the school: the purses were not asked. */
  readonly isCourtesy: boolean;
  /** Nothing of it stands: undone at the till or voided. */
  readonly isUndone: boolean;
  /** "": none; "open"; else the decision. */
  readonly dispute: string;
  readonly canDispute: boolean;
  /** nominal, discount, fee, charged, purses, returned, terminal, offline, late: what applies. */
  readonly explained: readonly Explained[];
}

/** The reason of a meal on the school; all others are refusals. */
const COURTESY = "courtesy";

/** Purses that have a word of their own. */
const PURSES: Readonly<Record<string, WordKey>> = {
  cash: "line.purse.cash",
  benefit: "line.purse.benefit",
};

const DISPUTES: Readonly<Record<string, WordKey>> = {
  open: "line.disputed",
  upheld: "line.dispute.upheld",
  refused: "line.dispute.refused",
};

/** A payment as it came over the wire. */
export function paymentLine(told: PaymentTold): PaymentLine {
  const netFen = told.charged_fen - told.borne_fen - told.returned_fen;
  const isCourtesy = told.reason === COURTESY;
  const isUndone = told.is_undone;
  return {
    paymentId: String(told.payment_id),
    merchant: told.merchant,
    terminal: told.terminal,
    occurredAt: told.occurred_at,
    postedAt: told.posted_at,
    businessOn: String(told.business_on),
    periodId: told.period_id,
    chargedFen: told.charged_fen,
    returnedFen: told.returned_fen,
    netFen,
    wasOffline: told.was_offline,
    wasLate: told.was_late,
    outcome: told.outcome,
    reason: told.reason,
    isCourtesy,
    isUndone,
    dispute: told.dispute,
    // whatever the purse lost may be contested, once; so may a meal that somebody else ate
    canDispute: told.dispute === "" && (netFen > 0 || (isCourtesy && !isUndone)),
    explained: [...sums(told), ...facts(told)],
  };
}

/** The line after it was contested, or after that was decided. */
export function withDispute(line: PaymentLine, dispute: string): PaymentLine {
  const key = DISPUTES[dispute];
  const rest = line.explained.filter(({ label }) => !isDispute(label));
  const explained = key === undefined ? rest : [...rest, fact(key)];
  return { ...line, dispute, canDispute: false, explained };
}

function isDispute(label: Notice): boolean {
  return label.kind === "word" && Object.values(DISPUTES).includes(label.key);
}

function sums(told: PaymentTold): Explained[] {
  const purses = Object.entries(told.split_fen).filter(([, fen]) => fen !== 0);
  return [
    sum("line.nominal", told.nominal_fen),
    ...(told.discount_fen === 0 ? [] : [sum("line.discount", -told.discount_fen)]),
    ...(told.fee_fen === 0 ? [] : [sum("line.fee", told.fee_fen)]),
    ...(told.reason === COURTESY
      ? [sum("line.courtesy", -told.charged_fen), sum("line.charged", 0)]
      : paidBy(told)),
    ...purses.map(([purse, fen]) => purseSum(purse, fen)),
    ...(told.returned_fen === 0 ? [] : [sum("line.returned", told.returned_fen)]),
  ];
}

function paidBy(told: PaymentTold): Explained[] {
  const borne = told.borne_fen === 0 ? [] : [sum("line.borne", told.borne_fen)];
  return [sum("line.charged", told.charged_fen), ...borne];
}

function facts(told: PaymentTold): Explained[] {
  const dispute = DISPUTES[told.dispute];
  const refusal = refusalNotice(told.reason);
  return [
    { label: word("line.terminal"), amountFen: null, text: told.terminal },
    fact(told.was_offline ? "line.offline" : "line.online"),
    ...(told.was_late ? [fact("line.late")] : []),
    ...(told.is_undone ? [fact("line.undone")] : []),
    ...(refusal === null ? [] : [{ label: refusal, amountFen: null, text: "" }]),
    ...(dispute === undefined ? [] : [fact(dispute)]),
  ];
}

function sum(key: WordKey, amountFen: number): Explained {
  return { label: word(key), amountFen, text: "" };
}

function fact(key: WordKey): Explained {
  return { label: word(key), amountFen: null, text: "" };
}

function purseSum(purse: string, amountFen: number): Explained {
  const key = PURSES[purse];
  if (key !== undefined) return sum(key, amountFen);
  return { label: word("line.purse"), amountFen, text: purse };
}
