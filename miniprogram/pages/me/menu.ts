/** The menu of each role: where its pages are. */
import type { Role } from "../../stores/session";
import { say, type Key, type Language } from "../../words/index";

interface Link {
  readonly url: string;
  readonly icon: string;
  readonly name: Key;
  readonly note: Key;
}

interface Group {
  readonly id: string;
  readonly name: Key | null;
  readonly links: readonly Link[];
}

const SETTINGS: Group = {
  id: "settings",
  name: null,
  links: [
    {
      url: "/packages/student/settings/index",
      icon: "/images/settings.svg",
      name: "me.settings",
      note: "me.settings_note",
    },
  ],
};

const MONEY: Group = {
  id: "money",
  name: "me.money",
  links: [
    {
      url: "/packages/topup/topup/index",
      icon: "/images/top_up.svg",
      name: "me.top_up",
      note: "me.top_up_note",
    },
    {
      url: "/packages/student/statement/index",
      icon: "/images/statement.svg",
      name: "me.statement",
      note: "me.statement_note",
    },
    {
      url: "/packages/student/spending/index",
      icon: "/images/chart.svg",
      name: "me.spending",
      note: "me.spending_note",
    },
    {
      url: "/packages/student/windows/index",
      icon: "/images/windows.svg",
      name: "me.windows",
      note: "me.windows_note",
    },
    {
      url: "/packages/student/disputes/index",
      icon: "/images/dispute.svg",
      name: "me.disputes",
      note: "me.disputes_note",
    },
    {
      url: "/packages/topup/limits/index",
      icon: "/images/limit.svg",
      name: "me.limits",
      note: "me.limits_note",
    },
    {
      url: "/packages/topup/leaving/index",
      icon: "/images/leave.svg",
      name: "me.leaving",
      note: "me.leaving_note",
    },
  ],
};

const SAFETY: Group = {
  id: "safety",
  name: "me.safety",
  links: [
    {
      url: "/packages/student/emergency/index",
      icon: "/images/emergency.svg",
      name: "me.emergency",
      note: "me.emergency_note",
    },
    {
      url: "/packages/student/guardians/index",
      icon: "/images/people.svg",
      name: "me.guardians",
      note: "me.guardians_note",
    },
    {
      url: "/packages/student/trail/index",
      icon: "/images/eye.svg",
      name: "me.trail",
      note: "me.trail_note",
    },
  ],
};

const CHILDREN: Group = {
  id: "children",
  name: null,
  links: [
    {
      url: "/packages/guardian/children/index",
      icon: "/images/people.svg",
      name: "me.children",
      note: "me.children_note",
    },
  ],
};

const OFFICE: Group = {
  id: "office",
  name: null,
  links: [
    {
      url: "/packages/staff/lookup/index",
      icon: "/images/search.svg",
      name: "me.lookup",
      note: "me.lookup_note",
    },
  ],
};

const MENUS: Readonly<Record<Role, readonly Group[]>> = {
  none: [SETTINGS],
  student: [MONEY, SAFETY, SETTINGS],
  guardian: [CHILDREN, SETTINGS],
  staff: [OFFICE, SETTINGS],
};

/** The role's groups of links, in words. */
export function menuOf(role: Role, language: Language): readonly object[] {
  return MENUS[role].map((group) => ({
    id: group.id,
    name: group.name === null ? "" : say(group.name, language),
    links: group.links.map((link) => ({
      url: link.url,
      icon: link.icon,
      name: say(link.name, language),
      note: say(link.note, language),
    })),
  }));
}
