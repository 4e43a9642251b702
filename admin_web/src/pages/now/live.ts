// The server's stream of looks: one is open while a page shows it; the browser connects again by itself.
// At which place stands in the address, so that a canteen's screen is a link.
import { computed, onBeforeUnmount, ref, shallowRef, watch, type Ref, type ShallowRef, type WritableComputedRef } from "vue";
import { useRoute, useRouter } from "vue-router";

import type { LiveTold } from "@/api/schema";
import { recall } from "@/session";

export type Line = "opening" | "live" | "lost";

export interface Live {
  look: ShallowRef<LiveTold | null>;
  line: Ref<Line>;
  /** The place looked at; "" for everything one may see. */
  placeId: WritableComputedRef<string>;
}

export function useLive(): Live {
  const look = shallowRef<LiveTold | null>(null);
  const line = ref<Line>("opening");
  const route = useRoute();
  const router = useRouter();
  const placeId = computed({
    get: () => (/^\d{1,9}$/.test(String(route.query.place)) ? String(route.query.place) : ""),
    set: (place) => void router.replace({ query: { ...route.query, place: place || undefined } }),
  });
  let stream: EventSource | null = null;

  function open(): void {
    stream?.close();
    look.value = null;
    line.value = "opening";
    const opened = new EventSource(placeId.value ? `/admin/live?place_id=${placeId.value}` : "/admin/live");
    stream = opened;
    opened.addEventListener("look", (event: MessageEvent<string>) => {
      look.value = JSON.parse(event.data) as LiveTold;
      line.value = "live";
    });
    opened.addEventListener("ended", () => {
      opened.close();
      line.value = "lost";
      void recall(); // tells the frame that the session is over
    });
    opened.addEventListener("error", () => {
      line.value = "lost";
    });
  }
  watch(placeId, open, { immediate: true });
  onBeforeUnmount(() => stream?.close());
  return { look, line, placeId };
}
