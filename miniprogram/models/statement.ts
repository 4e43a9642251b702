/** One payment as the statement shows and explains it. */
import type { Notice } from "./notice";

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
  /** What the purse lost in the end: charged − returned. */
  readonly netFen: number;
  readonly wasOffline: boolean;
  readonly wasLate: boolean;
  readonly outcome: string;
  readonly reason: string;
  /** "": none; "open"; else the decision. */
  readonly dispute: string;
  readonly canDispute: boolean;
  /** nominal, discount, fee, charged, purses, returned, terminal, offline, late: those that apply. */
  readonly explained: readonly Explained[];
}
