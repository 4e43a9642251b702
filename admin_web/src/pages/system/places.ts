// Places as a tree and as words: "东校区 / 一食堂 / 三号窗".
import type { PlaceTold } from "@/api/schema";

export interface Branch extends PlaceTold {
  children: Branch[];
}

export const STEPS = ["campus", "canteen", "window"] as const;
export type Step = (typeof STEPS)[number];

/** The step below; null below a window. */
export function below(kind: string): Step | null {
  return STEPS[STEPS.indexOf(kind as Step) + 1] ?? null;
}

/** The tree. What hangs in a place that is out of reach stands at the top. */
export function treeOf(places: readonly PlaceTold[]): Branch[] {
  const branches = new Map(places.map((one) => [one.place_id, { ...one, children: [] as Branch[] }]));
  const tops: Branch[] = [];
  for (const branch of branches.values()) {
    (branches.get(branch.parent_id)?.children ?? tops).push(branch);
  }
  return tops;
}

/** A place with those it stands in; "" for none. */
export function pathOf(places: readonly PlaceTold[], placeId: number): string {
  const known = new Map(places.map((one) => [one.place_id, one]));
  const names: string[] = [];
  for (let one = known.get(placeId); one; one = known.get(one.parent_id)) names.unshift(one.name);
  return names.join(" / ");
}

/** The tree line by line, for a list to choose from. */
export function linesOf(places: readonly PlaceTold[]): { id: number; text: string; kind: string }[] {
  const walk = (branch: Branch): { id: number; text: string; kind: string }[] => [
    { id: branch.place_id, text: pathOf(places, branch.place_id), kind: branch.kind },
    ...branch.children.flatMap(walk),
  ];
  return treeOf(places).flatMap(walk);
}
