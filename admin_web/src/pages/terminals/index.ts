import { Key, Monitor, Warning } from "@element-plus/icons-vue";

import type { Area } from "@/areas";

import DrillsPage from "./DrillsPage.vue";
import EpochsPage from "./EpochsPage.vue";
import TerminalPage from "./TerminalPage.vue";
import TerminalsPage from "./TerminalsPage.vue";
import words from "./words";

export const area: Area = {
  name: "terminals",
  entries: [
    { path: "/terminals", words: "terminals.title", icon: Monitor, verb: "terminals.read", group: "run", order: 10 },
    { path: "/drills", words: "terminals.drills", icon: Warning, verb: "drills.read", group: "run", order: 14 },
    { path: "/epochs", words: "terminals.epochs", icon: Key, verb: "epochs.read", group: "run", order: 15 },
  ],
  routes: [
    { path: "/terminals", component: TerminalsPage, meta: { verb: "terminals.read", title: "terminals.title" } },
    { path: "/terminals/:id(\\d+)", component: TerminalPage, meta: { verb: "terminals.read", title: "terminals.title" } },
    { path: "/drills", component: DrillsPage, meta: { verb: "drills.read", title: "terminals.drills" } },
    { path: "/epochs", component: EpochsPage, meta: { verb: "epochs.read", title: "terminals.epochs" } },
  ],
  words,
};
