/** The first page of each role. */
import type { Role } from "../stores/session";

const HOMES: Readonly<Record<Role, string>> = {
  none: "/pages/card/index",
  student: "/pages/card/index",
  guardian: "/packages/guardian/children/index",
  staff: "/packages/staff/lookup/index",
};

export function homeOf(role: Role): string {
  return HOMES[role];
}
