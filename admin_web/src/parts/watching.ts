// How far a long request is: asked beside it under a key of our own, also after the page was read anew.
import { computed, onBeforeUnmount, onMounted, shallowRef, type ComputedRef } from "vue";

import { api, Refused, told } from "@/api/client";
import type { ProgressTold } from "@/api/schema";

import { newKey } from "./keys";

const ASK_MS = 700;
/** What has not moved for so long has died with its process. */
const DEAD_MS = 30_000;

export interface Watching {
  /** In percent, steps and seconds left (null: not to be told yet); null while nothing is known. */
  progress: ComputedRef<{ percent: number; done: number; total: number; secondsLeft: number | null } | null>;
  /** Sends the request with the headers it must carry, and asks how far it is until it is answered. */
  watch: <T>(send: (headers: Record<string, string>) => Promise<T>) => Promise<T>;
}

/** `name`: under which the key is kept for this tab. `ended`: called when what an earlier page began is over. */
export function useWatching(name: string, ended: () => void): Watching {
  const kept = `xm-watch-${name}`;
  const last = shallowRef<{ said: ProgressTold; at: number; begun: number } | null>(null);
  let timer = 0;
  let begun = 0;
  let moved = { at: 0, seen: 0 };

  const progress = computed(() => {
    const one = last.value;
    if (!one || !one.said.total) return null;
    const { done, total } = one.said;
    const spent = (one.at - one.begun) / 1000;
    return {
      percent: Math.floor((100 * done) / total), done, total,
      secondsLeft: done && one.begun ? Math.ceil((spent * (total - done)) / done) : null,
    };
  });
  function stop(): void {
    clearTimeout(timer);
    timer = 0;
    last.value = null;
    sessionStorage.removeItem(kept);
  }
  async function look(key: string, isOurs: boolean): Promise<void> {
    try {
      const said = await told(api.GET("/admin/progress/{watch_key}", { params: { path: { watch_key: key } } }));
      if (said.moved_at !== moved.at) moved = { at: said.moved_at, seen: Date.now() };
      const isDead = Date.now() - moved.seen > DEAD_MS;
      if (!isOurs && (said.ended_at || isDead)) {
        stop();
        return ended();
      }
      if (timer) last.value = { said, at: Date.now(), begun };
    } catch {
      if (!isOurs) return stop(); // nobody knows of it any more
    }
    if (timer) timer = window.setTimeout(() => void look(key, isOurs), ASK_MS);
  }
  async function watch<T>(send: (headers: Record<string, string>) => Promise<T>): Promise<T> {
    const key = newKey();
    sessionStorage.setItem(kept, key);
    begun = Date.now();
    timer = window.setTimeout(() => void look(key, true), ASK_MS);
    try {
      const said = await send({ "x-watch": key });
      stop();
      return said;
    } catch (error) {
      // without an answer it may go on at the server: the next page asks how far it is
      if (error instanceof Refused && error.word === "unreachable") clearTimeout(timer);
      else stop();
      throw error;
    }
  }
  onMounted(() => {
    const key = sessionStorage.getItem(kept);
    if (!key) return;
    timer = window.setTimeout(() => void look(key, false), 0);
  });
  onBeforeUnmount(() => clearTimeout(timer));
  return { progress, watch };
}
