import { Bell, Connection, Files, Key, Lock, Message, Monitor, OfficeBuilding, Operation, User } from "@element-plus/icons-vue";

import type { Area } from "@/areas";

import AuditsPage from "./AuditsPage.vue";
import LoginsPage from "./LoginsPage.vue";
import MachinePage from "./MachinePage.vue";
import NoticesPage from "./NoticesPage.vue";
import OutboxPage from "./OutboxPage.vue";
import OwnAccessPage from "./OwnAccessPage.vue";
import PlacesPage from "./PlacesPage.vue";
import SettingsPage from "./SettingsPage.vue";
import StaffPage from "./StaffPage.vue";
import TokensPage from "./TokensPage.vue";
import words from "./words";

const pages = [
  { path: "/system/machine", words: "system.machine.title", icon: Monitor, verb: "health.read", page: MachinePage },
  { path: "/system/outbox", words: "system.outbox.title", icon: Message, verb: "messages.read", page: OutboxPage },
  { path: "/system/audits", words: "system.audits.title", icon: Files, verb: "audit.read", page: AuditsPage },
  { path: "/system/staff", words: "system.staff.title", icon: User, verb: "staff.read", page: StaffPage },
  { path: "/system/places", words: "system.places.title", icon: OfficeBuilding, verb: "places.make", page: PlacesPage },
  { path: "/system/logins", words: "system.logins.title", icon: Lock, verb: "sessions.read", page: LoginsPage },
  { path: "/system/settings", words: "system.settings.title", icon: Operation, verb: "settings.read", page: SettingsPage },
  { path: "/system/tokens", words: "system.tokens.title", icon: Connection, verb: "tokens.read", page: TokensPage },
  { path: "/system/notices", words: "system.notices.title", icon: Bell, verb: "announcements.publish", page: NoticesPage },
  { path: "/system/access", words: "system.access.title", icon: Key, verb: undefined, page: OwnAccessPage },
];

export const area: Area = {
  name: "system",
  entries: pages.map(({ path, words: said, icon, verb }, order) => ({ path, words: said, icon, verb, group: "system", order })),
  routes: pages.map(({ path, words: title, verb, page }) => ({ path, component: page, meta: { verb, title } })),
  words,
};
