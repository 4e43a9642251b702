// The question "what would this tap do?" as a form holds it, and as the server is asked it.
import type { TryTapShape } from "@/api/schema";
import { fenOf } from "@/parts/figures";

const HOUR = 3600;

export interface Asked {
  who: "person" | "class";
  number: string;
  class_id: number;
  where: "terminal" | "group";
  terminal_id: number;
  group_id: string;
  when: Date;
  amount: string;
  has_pin: boolean;
  credential: TryTapShape["credential"];
  chip: NonNullable<TryTapShape["chip"]>;
  isAlone: boolean;
  syncHours: number;
  aloneCount: number;
  aloneSpent: string;
  aloneTerminal: string;
  cash: string;
  benefit: string;
  dayFen: string;
  mealFen: string;
  mealCount: number | undefined;
  apart: number | undefined;
}

function fenOr(text: string, otherwise: number): number {
  return fenOf(text) ?? otherwise;
}

/** What is left empty is asked of the books; one figure that is said makes the others zero. */
export function questionOf(asked: Asked, draft_id: number, version: number): TryTapShape {
  const spends = [asked.dayFen, asked.mealFen].some((text) => text.trim() !== "") || asked.mealCount !== undefined || asked.apart !== undefined;
  const has = asked.cash.trim() !== "" || asked.benefit.trim() !== "";
  return {
    draft_id,
    version,
    number: asked.who === "person" ? asked.number.trim() : "",
    class_id: asked.class_id,
    terminal_id: asked.where === "terminal" ? asked.terminal_id : 0,
    group_id: asked.where === "group" ? asked.group_id : "",
    at: Math.floor(asked.when.getTime() / 1000),
    asked_fen: asked.amount.trim() === "" ? null : fenOf(asked.amount),
    has_pin: asked.has_pin,
    credential: asked.credential,
    chip: asked.credential === "card" ? asked.chip : null,
    alone: asked.isAlone
      ? {
          sync_age_seconds: Math.round(asked.syncHours * HOUR), payments: asked.aloneCount, spent_fen: fenOr(asked.aloneSpent, 0),
          entry_limit_fen: null, terminal_fen: fenOr(asked.aloneTerminal, 0),
        }
      : null,
    balances: has ? { cash: fenOr(asked.cash, 0), benefit: fenOr(asked.benefit, 0) } : null,
    spending: spends
      ? { day_fen: fenOr(asked.dayFen, 0), meal_fen: fenOr(asked.mealFen, 0), meal_count: asked.mealCount ?? 0, apart_seconds: asked.apart ?? null }
      : null,
  };
}
