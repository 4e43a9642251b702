import { Calendar } from "@element-plus/icons-vue";

import type { Area } from "@/areas";

import DoorsPage from "./DoorsPage.vue";
import words from "./words";

export const area: Area = {
  name: "doors",
  entries: [{ path: "/doors", words: "doors.title", icon: Calendar, verb: "doors.read", group: "run", order: 13 }],
  routes: [{ path: "/doors", component: DoorsPage, meta: { verb: "doors.read", title: "doors.title" } }],
  words,
};
