// The areas of the web: each folder of pages says in its index.ts what it shows, to whom, and in
// which words. Nothing else has to be told of a new area.
import type { Component } from "vue";
import type { RouteRecordRaw } from "vue-router";

import type { Words } from "./words";

export type Group = "run" | "people" | "money" | "guard" | "system";

/** One entry of the navigation. `verb`: who may not do it does not see it. */
export interface Entry {
  /** Where it leads, below /office. */
  path: string;
  /** Its words: `area.key`. */
  words: string;
  icon: Component;
  verb?: string;
  group: Group;
  /** Its place in the group; small is high. */
  order: number;
}

export interface Area {
  name: string;
  entries: Entry[];
  /** Their `meta.verb` is asked for before a page opens. */
  routes: RouteRecordRaw[];
  words: { zh: Words; en: Words };
}

const found = import.meta.glob<{ area: Area }>("./pages/*/index.ts", { eager: true });

export const areas: Area[] = Object.values(found).map((one) => one.area);

export const GROUPS: readonly Group[] = ["run", "people", "money", "guard", "system"];

/** The entries of a group that this person may see. */
export function entriesOf(group: Group, may: (verb: string) => boolean): Entry[] {
  return areas
    .flatMap((area) => area.entries)
    .filter((entry) => entry.group === group && (!entry.verb || may(entry.verb)))
    .sort((one, other) => one.order - other.order);
}
