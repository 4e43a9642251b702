import { House } from "@element-plus/icons-vue";

import type { Area } from "@/areas";

import HomePage from "./HomePage.vue";
import words from "./words";

export const area: Area = {
  name: "home",
  entries: [{ path: "/", words: "home.title", icon: House, group: "run", order: 0 }],
  routes: [{ path: "/", component: HomePage, meta: { title: "home.title" } }],
  words,
};
