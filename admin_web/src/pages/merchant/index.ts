import { Shop } from "@element-plus/icons-vue";

import type { Area } from "@/areas";

import words from "./words";

export const area: Area = {
  name: "merchant",
  entries: [{ path: "/merchant", words: "merchant.title", icon: Shop, verb: "merchants.read", group: "run", order: 60 }],
  routes: [{ path: "/merchant", component: () => import("./MerchantPage.vue"), meta: { verb: "merchants.read", title: "merchant.title" } }],
  words,
};
