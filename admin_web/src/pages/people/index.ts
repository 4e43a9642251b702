import { Calendar, CreditCard, Download, Upload, User } from "@element-plus/icons-vue";

import type { Area } from "@/areas";

import words from "./words";

export const area: Area = {
  name: "people",
  entries: [
    { path: "/people", words: "people.title", icon: User, verb: "cardholders.read", group: "people", order: 10 },
    { path: "/card-requests", words: "people.requests.title", icon: CreditCard, verb: "cards.read", group: "people", order: 20 },
    { path: "/endings", words: "people.endings.title", icon: Calendar, verb: "cards.read", group: "people", order: 30 },
    { path: "/rosters", words: "people.roster.title", icon: Upload, verb: "roster.import", group: "people", order: 40 },
    { path: "/exports", words: "people.exports.title", icon: Download, verb: "exports.ask", group: "people", order: 50 },
  ],
  routes: [
    { path: "/people", component: () => import("./PeoplePage.vue"), meta: { verb: "cardholders.read", title: "people.title" } },
    { path: "/people/:id(\\d+)", component: () => import("./PersonPage.vue"), meta: { verb: "cardholders.read", title: "people.person.title" } },
    { path: "/card-requests", component: () => import("./RequestsPage.vue"), meta: { verb: "cards.read", title: "people.requests.title" } },
    { path: "/endings", component: () => import("./EndingsPage.vue"), meta: { verb: "cards.read", title: "people.endings.title" } },
    { path: "/rosters", component: () => import("./RosterPage.vue"), meta: { verb: "roster.import", title: "people.roster.title" } },
    { path: "/exports", component: () => import("./ExportsPage.vue"), meta: { verb: "exports.ask", title: "people.exports.title" } },
  ],
  words,
};
