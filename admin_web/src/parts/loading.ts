// What a page reads from the server: the newest answer wins, an error can be tried again.
import { onBeforeUnmount, shallowRef, type ShallowRef } from "vue";

export interface Loading<T> {
  value: ShallowRef<T | null>;
  error: ShallowRef<unknown>;
  isLoading: ShallowRef<boolean>;
  load: () => Promise<void>;
}

/** `ask` is called by `load()`; call it once to begin. */
export function useLoading<T>(ask: () => Promise<T>): Loading<T> {
  const value = shallowRef<T | null>(null);
  const error = shallowRef<unknown>(null);
  const isLoading = shallowRef(false);
  let newest = 0;
  async function load(): Promise<void> {
    const mine = ++newest;
    isLoading.value = true;
    try {
      const said = await ask();
      if (mine === newest) {
        value.value = said;
        error.value = null;
      }
    } catch (fault) {
      if (mine === newest) error.value = fault;
    } finally {
      if (mine === newest) isLoading.value = false;
    }
  }
  onBeforeUnmount(() => ++newest);
  return { value, error, isLoading, load };
}
