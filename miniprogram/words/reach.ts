/** How far the news of a freeze has come, in one sentence. */
import { say, type Language } from "./index";

interface Reach {
  readonly knownBy: number;
  readonly terminals: number;
}

/** What a page knows of a freeze; `reach` is null until the server has told. */
export interface FreezeTold {
  readonly isFreezeUnsent: boolean;
  readonly isOffline: boolean;
  readonly reach: Reach | null;
}

export function reachTold(freeze: FreezeTold, language: Language): string {
  if (freeze.isFreezeUnsent && freeze.isOffline) return say("card.reach_unsent", language);
  if (freeze.isFreezeUnsent || freeze.reach === null) return say("card.reach_unknown", language);
  const { knownBy: known, terminals: total } = freeze.reach;
  if (total === 0) return say("card.reach_none", language);
  return say(known >= total ? "card.reach_all" : "card.reach", language, { known, total });
}

/** The same as a share of the line, 0 … 100. */
export function reachPercent(freeze: FreezeTold): number {
  if (freeze.isFreezeUnsent || freeze.reach === null || freeze.reach.terminals === 0) return 0;
  return Math.round((100 * freeze.reach.knownBy) / freeze.reach.terminals);
}
