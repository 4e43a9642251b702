// Who is logged in, and what the role may do. The server asks again at every request; this only
// keeps what one may not do out of sight.
import { reactive, readonly } from "vue";

import { api, told, whenLoggedOut, Refused } from "./api/client";
import type { StaffMemberTold } from "./api/schema";

interface State {
  me: StaffMemberTold | null;
  /** Set when a session ended while somebody was at work: the page stays, a login is laid over. */
  isOver: boolean;
}

const state = reactive<State>({ me: null, isOver: false });
export const session = readonly(state);

whenLoggedOut(() => {
  if (state.me) state.isOver = true;
});

/** Whether the logged-in person's role may do a thing. */
export function may(verb: string): boolean {
  return state.me?.verbs.includes(verb) ?? false;
}

/** Ask the server who we are; false: nobody. */
export async function recall(): Promise<boolean> {
  try {
    state.me = await told(api.GET("/staff/sessions"));
    state.isOver = false;
    return true;
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return false;
    throw error;
  }
}

export async function logIn(
  login: string,
  password: string,
  factor: { totp: string } | { recovery_code: string },
): Promise<void> {
  const before = state.me?.staff_id;
  await api.POST("/staff/browser-sessions", { body: { login, password, ...factor } });
  await recall();
  // somebody else took the chair: nothing of the one before may stay on the screen
  if (before !== undefined && before !== state.me?.staff_id) location.reload();
}

export async function logOut(): Promise<void> {
  try {
    await api.DELETE("/staff/sessions");
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 401) throw error;
  }
  state.me = null;
  state.isOver = false;
}
