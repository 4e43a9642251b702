/**
 * What was asked for with a key and has no end yet: kept before it is sent, so that a crash, a lost
 * answer or a second tap repeats the same order instead of making another.
 */
import type { Audience } from "./sessions";
import { readPlainly, writePlainly } from "./storage";

export interface KeptOrder {
  /** Where it is asked for; one place has one order. */
  readonly place: string;
  /** "nobody": by invitation, without a login. */
  readonly audience: Audience | "nobody";
  readonly requestKey: string;
  /** 0 where the amount is the school's to say. */
  readonly amountFen: number;
  /** Unix seconds of the tap. */
  readonly madeAt: number;
  /** The school's number; null: no answer came yet. */
  readonly number: string | null;
  /** WeChat said it was paid. */
  readonly wasPaid: boolean;
}

/** The order of this place, or null. */
export function keptOrder(place: string): KeptOrder | null {
  return all().find((one) => one.place === place) ?? null;
}

/** Keep it in the place of what was kept there. */
export function keepOrder(order: KeptOrder): void {
  writePlainly("orders", [...others(order.place), order]);
}

/** It has an end: paid, closed, refused. */
export function dropOrder(place: string): void {
  writePlainly("orders", others(place));
}

/** Forget what one role had under way: it logged out. */
export function forgetOrders(audience: Audience): void {
  const left = all().filter((one) => one.audience !== audience);
  writePlainly("orders", left);
}

function all(): readonly KeptOrder[] {
  return readPlainly<readonly KeptOrder[]>("orders") ?? [];
}

function others(place: string): readonly KeptOrder[] {
  return all().filter((one) => one.place !== place);
}
