// What a list is: columns, filters that stand in the address, and pages by cursor.
import type { LocationQuery } from "vue-router";

export type Row = Record<string, unknown>;

export interface Column<T = Row> {
  key: string;
  /** Words of the head: `area.key`. */
  words: string;
  kind?: "text" | "money" | "moment" | "day" | "count";
  width?: number;
  min?: number;
  /** Where the cell leads. */
  to?: (row: T) => string;
  /** The cell's text when it is not simply the field's. */
  text?: (row: T) => string;
  /** Left out on narrow screens. */
  isExtra?: boolean;
}

export interface Choice {
  value: string;
  text: string;
}

export interface Filter {
  key: string;
  words: string;
  kind: "text" | "choice" | "day" | "number";
  choices?: Choice[];
  width?: number;
}

export interface Page<T = Row> {
  rows: T[];
  next: string | null;
}

export type Filled = Record<string, string>;

/** The filters that an address holds, and nothing else of it. */
export function filled(query: LocationQuery, filters: readonly Filter[]): Filled {
  const found: Filled = {};
  for (const { key } of filters) {
    const said = query[key];
    if (typeof said === "string" && said !== "") found[key] = said;
  }
  return found;
}

/** Filters as a query string; empty ones are left out, the order is the keys'. */
export function queryText(said: Filled): string {
  const kept = Object.entries(said).filter(([, value]) => value !== "");
  return new URLSearchParams(kept.sort(([one], [other]) => (one < other ? -1 : 1))).toString();
}

export interface View {
  name: string;
  query: string;
}

const VIEWS_MAX = 20;
const NAME_MAX = 30;
const prefix = "xiaoma.views.";

function isView(said: unknown): said is View {
  const view = said as Partial<View> | null;
  return typeof view?.name === "string" && typeof view.query === "string";
}

/** The views that were saved of a list, in this browser. */
export function readViews(list: string, store: Storage = localStorage): View[] {
  try {
    const said: unknown = JSON.parse(store.getItem(prefix + list) ?? "[]");
    return Array.isArray(said) ? said.filter(isView) : [];
  } catch {
    return []; // somebody else's text under our name is no view
  }
}

/** Keep a view; one of the same name is replaced, the oldest goes when there are too many. */
export function keepView(list: string, view: View, store: Storage = localStorage): View[] {
  const name = view.name.trim().slice(0, NAME_MAX);
  const others = readViews(list, store).filter((one) => one.name !== name);
  const views = [...others, { name, query: view.query }].slice(-VIEWS_MAX);
  store.setItem(prefix + list, JSON.stringify(views));
  return views;
}

export function dropView(list: string, name: string, store: Storage = localStorage): View[] {
  const views = readViews(list, store).filter((one) => one.name !== name);
  store.setItem(prefix + list, JSON.stringify(views));
  return views;
}
