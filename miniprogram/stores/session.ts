/** Who this phone is for: at most one session for each role. */
import { word, type Notice } from "../models/notice";
import type { BoundTold } from "../models/wire";
import { onPrivacyQuestion, wechatCode, type PrivacyQuestion } from "../services/device";
import {
  isTellable,
  isWechatTrouble,
  noticeOf,
  OfflineError,
  RefusedError,
  WechatError,
} from "../services/errors";
import * as guardianServer from "../services/guardian";
import { forgetOrders } from "../services/kept_orders";
import {
  forgetSession,
  keepSession,
  loadSessions,
  onSessions,
  renew,
  sessionOf,
  type Audience,
} from "../services/sessions";
import * as staffServer from "../services/staff";
import { forgetSecretly, readPlainly, writePlainly } from "../services/storage";
import { bindPhone, endSession, type BoundBy } from "../services/student";
import { forgetUnsent, sendUnsent } from "../services/unsent";
import type { BoundCardStore } from "./card";
import type { OwnGuardianStore } from "./guardian";
import type { StaffStore } from "./staff";
import type { OwnStatementStore } from "./statement";
import { createStore, type OwnStore, type Store } from "./store";
import type { OwnTopUpsStore } from "./top_ups";

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

/** What a logging out has to empty. */
export interface Others {
  readonly card: BoundCardStore;
  readonly statement: OwnStatementStore;
  readonly guardian: OwnGuardianStore;
  readonly staff: StaffStore;
  readonly topUps: OwnTopUpsStore;
}

const INITIAL: SessionState = {
  role: "none",
  roles: [],
  name: "",
  isBusy: false,
  needsPrivacy: false,
  notice: null,
};
const AUDIENCES: readonly Audience[] = ["student", "guardian", "staff"];

export class SessionOnPhone implements SessionStore {
  private readonly store: OwnStore<SessionState> = createStore(INITIAL);
  private readonly others: Others;
  private question: PrivacyQuestion | null = null;
  private wanted: Role = "none";
  /** What a phone was bound by when no answer came; "" for nothing. */
  private lostBy = "";

  constructor(others: Others) {
    this.others = others;
    onSessions(() => void this.show());
  }

  get state(): SessionState {
    return this.store.state;
  }

  subscribe(hear: (state: SessionState) => void): () => void {
    return this.store.subscribe(hear);
  }

  async open(): Promise<void> {
    onPrivacyQuestion((question) => {
      this.question = question;
      this.store.set({ needsPrivacy: true });
    });
    this.wanted = readPlainly<Role>("role") ?? "none";
    void sendUnsent();
    await this.show();
    // storage was cleared, perhaps: a guardian is found by WeChat; the card looks for itself
    if (this.state.roles.length === 0) await this.findGuardian();
  }

  bindStudent(code: string): Promise<boolean> {
    return this.bind({ code: code.trim() }, (by) => this.enterAsStudent(by));
  }

  bindStudentByPhone(phoneCode: string | undefined): Promise<boolean> {
    return this.bind({ phone_code: phoneCode ?? "" }, (by) => this.enterAsStudent(by));
  }

  bindGuardian(code: string, name: string): Promise<boolean> {
    return this.bind({ code: code.trim() }, (by) => this.enterAsGuardian(by, name.trim()), name);
  }

  bindGuardianByPhone(phoneCode: string | undefined, name: string): Promise<boolean> {
    const by = { phone_code: phoneCode ?? "" };
    return this.bind(by, () => this.enterAsGuardian(by, name.trim()), name);
  }

  async logInStaff(login: string, password: string, totp: string): Promise<boolean> {
    return this.busy(async () => {
      const told = await staffServer.logIn(login.trim(), password, totp.trim());
      this.prefer("staff");
      await keepSession("staff", sessionOf(told, false, told.name));
    });
  }

  use(role: Role): void {
    if (role !== "none" && !this.state.roles.includes(role)) return;
    this.prefer(role);
    void this.show();
  }

  async logOut(): Promise<void> {
    const { role } = this.state;
    if (role === "none") return;
    try {
      await this.endAtServer(role);
    } catch (error) {
      // the phone forgets in any case: a session nobody holds any more ends by itself
      if (!isTellable(error)) throw error;
    }
    forgetUnsent(role);
    forgetOrders(role);
    if (role !== "staff") this.others.topUps.forget();
    await this.empty(role);
    this.prefer("none");
    await forgetSession(role);
  }

  agreePrivacy(): void {
    this.question?.agree();
    this.question = null;
    this.store.set({ needsPrivacy: false, notice: null });
  }

  denyPrivacy(): void {
    this.question?.deny();
    this.question = null;
    this.store.set({ needsPrivacy: false, notice: word("session.privacy_denied") });
  }

  dismissNotice(): void {
    this.store.set({ notice: null });
  }

  private async bind<By extends BoundBy>(
    by: By,
    enter: (by: By) => Promise<void>,
    name = "-",
  ): Promise<boolean> {
    if (Object.values(by).includes("")) {
      // a denied privacy guide has said so already
      const { notice } = this.state;
      const isTold = notice?.kind === "word" && notice.key === "session.privacy_denied";
      const missing = word("code" in by ? "session.empty_code" : "session.phone_denied");
      if (!isTold) this.store.set({ notice: missing });
      return false;
    }
    if (name.trim() === "") {
      this.store.set({ notice: word("session.empty_name") });
      return false;
    }
    return this.busy(() => enter(by));
  }

  private async enterAsStudent(by: BoundBy): Promise<void> {
    const { card } = this.others;
    try {
      const { told, isWechatKnown } = await boundPhone(by);
      this.lostBy = "";
      this.prefer("student");
      await keepSession("student", sessionOf(told, isWechatKnown));
      await card.adopt(told);
    } catch (error) {
      const isAgain = this.lostBy === JSON.stringify(by);
      this.lostBy = error instanceof OfflineError ? JSON.stringify(by) : "";
      if (!isAgain || !(error instanceof RefusedError)) throw error;
      // the code was taken the first time, and only the answer was lost: WeChat knows us by now
      await card.forget();
      await renew("student");
      this.prefer("student");
      await card.refresh();
    }
  }

  private async enterAsGuardian(by: BoundBy, name: string): Promise<void> {
    const isOneMore = this.state.roles.includes("guardian");
    const told = await guardianServer.bindGuardian(by, await wechatCode(), name);
    this.prefer("guardian");
    await keepSession("guardian", sessionOf(told, true));
    if (isOneMore) this.store.set({ notice: word("guardian.child_added") });
  }

  private async findGuardian(): Promise<void> {
    try {
      await renew("guardian");
    } catch (error) {
      if (!isTellable(error)) throw error;
    }
  }

  private async busy(act: () => Promise<void>): Promise<boolean> {
    if (this.state.isBusy) return false;
    this.store.set({ isBusy: true, notice: null });
    try {
      await act();
      this.store.set({ isBusy: false });
      return true;
    } catch (error) {
      this.store.set({ isBusy: false, notice: noticeOf(error) });
      return false;
    }
  }

  private prefer(role: Role): void {
    this.wanted = role;
    writePlainly("role", role);
  }

  /** The roles there are sessions for, and which of them is on the screen. */
  private async show(): Promise<void> {
    const sessions = await loadSessions();
    const roles = AUDIENCES.filter((audience) => sessions[audience] !== undefined);
    const role = roles.find((one) => one === this.wanted) ?? roles[0] ?? "none";
    this.store.set({ role, roles, name: role === "staff" ? (sessions.staff?.name ?? "") : "" });
  }

  private endAtServer(role: Audience): Promise<unknown> {
    if (role === "student") return endSession();
    return role === "guardian" ? guardianServer.endSession() : staffServer.endSession();
  }

  private async empty(role: Audience): Promise<void> {
    if (role === "student") {
      this.others.statement.forget();
      await Promise.all([this.others.card.forget(), forgetSecretly("statement")]);
    } else if (role === "guardian") {
      this.others.guardian.forget();
      await forgetSecretly("children");
    } else {
      this.others.staff.forget();
    }
  }
}

/** A code from the school binds without WeChat's help too; then WeChat cannot log in later. */
async function boundPhone(by: BoundBy): Promise<{ told: BoundTold; isWechatKnown: boolean }> {
  if ("phone_code" in by) return { told: await bindPhone(by, await wechatCode()), isWechatKnown: true };
  const code = await codeOrNull();
  try {
    return { told: await bindPhone(by, code), isWechatKnown: code !== null };
  } catch (error) {
    if (code === null || !isWechatTrouble(error)) throw error;
    return { told: await bindPhone(by, null), isWechatKnown: false };
  }
}

/** WeChat's code where there is one: without it the phone is bound all the same. */
async function codeOrNull(): Promise<string | null> {
  try {
    return await wechatCode();
  } catch (error) {
    if (error instanceof WechatError) return null;
    throw error;
  }
}
