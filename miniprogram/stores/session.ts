/** Who this phone is for: at most one session for each role. */
import type { Notice } from "../models/notice";
import type { Store } from "./store";

export type Role = "none" | "student" | "guardian" | "staff";

export interface SessionState {
  /** What is on the screen now; "none" until something is bound or logged in. */
  readonly role: Role;
  /** Every role there is a session or a bound card for. */
  readonly roles: readonly Role[];
  /** The staff member's name; "" otherwise. */
  readonly name: string;
  readonly isBusy: boolean;
  /** WeChat wants the privacy guide agreed to before phone number or login: show its button. */
  readonly needsPrivacy: boolean;
  readonly notice: Notice | null;
}

export interface SessionStore extends Store<SessionState> {
  /** Read storage; when a phone was bound before its storage was cleared, log in silently. */
  open(): Promise<void>;
  /** Each of these answers whether it worked; if not, `notice` says why. */
  bindStudent(code: string): Promise<boolean>;
  /** `phoneCode` is event.detail.code of the getPhoneNumber button; undefined: it was denied. */
  bindStudentByPhone(phoneCode: string | undefined): Promise<boolean>;
  /** Bind, or add one more child when already a guardian. */
  bindGuardian(code: string, name: string): Promise<boolean>;
  bindGuardianByPhone(phoneCode: string | undefined, name: string): Promise<boolean>;
  logInStaff(login: string, password: string, totp: string): Promise<boolean>;
  /** Show another role's pages. */
  use(role: Role): void;
  /** End the role's session and forget everything kept for it on this phone. */
  logOut(): Promise<void>;
  agreePrivacy(): void;
  denyPrivacy(): void;
  dismissNotice(): void;
}
