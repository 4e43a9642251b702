import { MapLocation, Odometer } from "@element-plus/icons-vue";

import type { Area } from "@/areas";

import MapPage from "./MapPage.vue";
import NowPage from "./NowPage.vue";
import words from "./words";

export const area: Area = {
  name: "now",
  entries: [
    { path: "/now", words: "now.title", icon: Odometer, verb: "live.read", group: "run", order: 1 },
    { path: "/now/map", words: "now.map", icon: MapLocation, verb: "live.read", group: "run", order: 2 },
  ],
  routes: [
    { path: "/now", component: NowPage, meta: { verb: "live.read", title: "now.title" } },
    { path: "/now/map", component: MapPage, meta: { verb: "live.read", title: "now.map" } },
  ],
  words,
};
