/** The statement's lines gathered by day, as the page shows them. */
import type { PaymentLine } from "../models/statement";
import { amount } from "../words/amount";
import { say, type Key, type Language } from "../words/index";
import { clockTime, dayHeading } from "../words/when";

interface Tag {
  readonly name: string;
  readonly tone: "" | "stopped" | "plain";
}

export interface LineShown {
  readonly id: string;
  readonly merchant: string;
  readonly time: string;
  readonly amount: string;
  readonly label: string;
  readonly tags: readonly Tag[];
}

export interface DayShown {
  readonly day: string;
  readonly name: string;
  readonly total: string;
  readonly lines: readonly LineShown[];
}

/** Newest first as they came; lines of one business day under one heading with its sum. */
export function daysOf(
  lines: readonly PaymentLine[],
  now: number,
  language: Language,
): readonly DayShown[] {
  const days = new Map<string, PaymentLine[]>();
  for (const line of lines) {
    const day = line.businessOn;
    days.set(day, [...(days.get(day) ?? []), line]);
  }
  return Array.from(days, ([day, members]) => {
    const sum = amount(members.reduce((fen, line) => fen + line.netFen, 0));
    return {
      day,
      name: dayHeading(day, now, language),
      total: say("statement.day_total", language, { amount: sum }),
      lines: members.map((line) => lineShown(line, language)),
    };
  });
}

export function lineShown(line: PaymentLine, language: Language): LineShown {
  const { merchant } = line;
  const time = clockTime(line.occurredAt);
  const paid = amount(line.netFen);
  return {
    id: line.paymentId,
    merchant,
    time,
    amount: paid,
    label: say("statement.row_label", language, { merchant, amount: paid, time }),
    tags: tagsOf(line, language),
  };
}

function tagsOf(line: PaymentLine, language: Language): readonly Tag[] {
  const tags: Tag[] = [];
  const add = (key: Key, tone: Tag["tone"]): void => {
    tags.push({ name: say(key, language), tone });
  };
  if (line.isCourtesy) add("statement.courtesy", "");
  if (line.isCourtesy && line.isUndone) add("statement.undone", "plain");
  if (line.wasOffline) add("statement.offline", "plain");
  if (line.returnedFen > 0) add("statement.returned", "");
  if (line.dispute === "open") add("statement.disputed", "stopped");
  return tags;
}
