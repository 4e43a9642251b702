// The server's stream of looks: one is open while a page shows it; the browser connects again by itself.
import { onBeforeUnmount, ref, shallowRef, type Ref, type ShallowRef } from "vue";

import type { LiveTold } from "@/api/schema";
import { recall } from "@/session";

export type Line = "opening" | "live" | "lost";

export interface Live {
  look: ShallowRef<LiveTold | null>;
  line: Ref<Line>;
}

export function useLive(): Live {
  const look = shallowRef<LiveTold | null>(null);
  const line = ref<Line>("opening");
  const stream = new EventSource("/admin/live");
  stream.addEventListener("look", (event: MessageEvent<string>) => {
    look.value = JSON.parse(event.data) as LiveTold;
    line.value = "live";
  });
  stream.addEventListener("ended", () => {
    stream.close();
    line.value = "lost";
    void recall(); // tells the frame that the session is over
  });
  stream.addEventListener("error", () => {
    line.value = "lost";
  });
  onBeforeUnmount(() => stream.close());
  return { look, line };
}
