import { Aim, SetUp } from "@element-plus/icons-vue";

import type { Area } from "@/areas";

import DraftPage from "./DraftPage.vue";
import RulesPage from "./RulesPage.vue";
import TapPage from "./TapPage.vue";
import VersionPage from "./VersionPage.vue";
import words from "./words";

export const area: Area = {
  name: "rules",
  entries: [
    { path: "/rules", words: "rules.title", icon: SetUp, verb: "rules.review", group: "run", order: 11 },
    { path: "/rules/tap", words: "rules.tap", icon: Aim, verb: "rules.try", group: "run", order: 12 },
  ],
  routes: [
    { path: "/rules", component: RulesPage, meta: { verb: "rules.review", title: "rules.title" } },
    { path: "/rules/tap", component: TapPage, meta: { verb: "rules.try", title: "rules.tap" } },
    { path: "/rules/drafts/:id(\\d+)", component: DraftPage, meta: { verb: "rules.review", title: "rules.draft" } },
    { path: "/rules/versions/:version(\\d+)", component: VersionPage, meta: { verb: "rules.review", title: "rules.version" } },
  ],
  words,
};
