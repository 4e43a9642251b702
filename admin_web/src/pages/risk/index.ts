import { ChatLineSquare, Files, Warning } from "@element-plus/icons-vue";

import type { Area } from "@/areas";

import AlertsPage from "./AlertsPage.vue";
import CasePage from "./CasePage.vue";
import CasesPage from "./CasesPage.vue";
import DisputesPage from "./DisputesPage.vue";
import EvidencePage from "./EvidencePage.vue";
import words from "./words";

export const area: Area = {
  name: "risk",
  entries: [
    { path: "/risk/alerts", words: "risk.alerts.title", icon: Warning, verb: "cases.read", group: "guard", order: 0 },
    { path: "/risk/cases", words: "risk.cases.title", icon: Files, verb: "cases.read", group: "guard", order: 1 },
    { path: "/risk/disputes", words: "risk.disputes.title", icon: ChatLineSquare, verb: "payments.refund", group: "guard", order: 2 },
  ],
  routes: [
    { path: "/risk/alerts", component: AlertsPage, meta: { verb: "cases.read", title: "risk.alerts.title" } },
    { path: "/risk/cases", component: CasesPage, meta: { verb: "cases.read", title: "risk.cases.title" } },
    { path: "/risk/cases/:id(\\d+)", component: CasePage, meta: { verb: "cases.read", title: "risk.cases.one" } },
    { path: "/risk/disputes", component: DisputesPage, meta: { verb: "payments.refund", title: "risk.disputes.title" } },
    { path: "/risk/disputes/:id(\\d+)", component: EvidencePage, meta: { verb: "payments.refund", title: "risk.disputes.one" } },
  ],
  words,
};
