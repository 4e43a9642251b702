/** The smallest observable: pages subscribe, stores change, nobody else does. */

/** What a page sees of a store. */
export interface Store<S> {
  readonly state: S;
  /** Call `hear` now and after every change; the answer ends it. */
  subscribe(hear: (state: S) => void): () => void;
}

/** What the store itself holds. */
export interface OwnStore<S> extends Store<S> {
  /** Change some fields. Nobody is told when nothing changed. */
  set(changes: Partial<S>): void;
}

export function createStore<S extends object>(initial: S): OwnStore<S> {
  let state = initial;
  const hearers = new Set<(state: S) => void>();
  return {
    get state() {
      return state;
    },
    set(changes) {
      const names = Object.keys(changes) as (keyof S)[];
      if (names.every((name) => Object.is(state[name], changes[name]))) return;
      state = Object.assign({}, state, changes);
      // a copy: who hears may end his or another's subscription
      for (const hear of Array.from(hearers)) {
        if (hearers.has(hear)) hear(state);
      }
    },
    subscribe(hear) {
      const own = (now: S): void => hear(now);
      hearers.add(own);
      hear(state);
      return () => {
        hearers.delete(own);
      };
    },
  };
}
