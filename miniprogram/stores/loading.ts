/** What pages that only read have in common: the answer, or why there is none. */
import type { Notice } from "../models/notice";
import { isAway, noticeOf } from "../services/errors";
import { schoolSeconds } from "../services/school_clock";
import type { OwnStore } from "./store";

export interface Loaded {
  readonly isLoading: boolean;
  readonly isOffline: boolean;
  /** Unix seconds of what is shown; null: nothing yet. */
  readonly asOf: number | null;
  readonly notice: Notice | null;
}

export const NOT_LOADED: Loaded = { isLoading: false, isOffline: false, asOf: null, notice: null };

/** Read and show; answers whether it worked, `notice` says why not. Never throws for bad days. */
export async function load<S extends Loaded, T>(
  store: OwnStore<S>,
  read: () => Promise<T>,
  show: (told: T) => Partial<S>,
): Promise<boolean> {
  set(store, { isLoading: true, notice: null });
  try {
    const told = await read();
    store.set(show(told));
    set(store, { isLoading: false, isOffline: false, asOf: schoolSeconds() });
    return true;
  } catch (error) {
    set(store, { isLoading: false, isOffline: isAway(error), notice: noticeOf(error) });
    return false;
  }
}

/** The fields every such store has, whatever else it holds. */
function set<S extends Loaded>(store: OwnStore<S>, changes: Partial<Loaded>): void {
  store.set(changes as Partial<S>);
}
