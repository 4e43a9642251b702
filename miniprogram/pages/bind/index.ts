/** Bind this phone: to a card, to a child, or as staff. */
import { session } from "../../stores/index";
import type { Role } from "../../stores/session";
import { say, sayNotice, type Language } from "../../words/index";
import { follow, IDLE } from "../follow";
import { homeOf } from "../home";

type Chosen = Exclude<Role, "none">;

const ROLES: readonly Chosen[] = ["student", "guardian", "staff"];

function roleNamed(word: string | undefined): Chosen {
  return ROLES.find((role) => role === word) ?? "student";
}

interface Typed {
  readonly detail: { readonly value: string };
}

interface PhoneTold {
  readonly detail: { readonly code?: string };
}

Page({
  data: { t: {}, large: "", code: "", name: "" },
  following: IDLE,
  role: roleNamed(undefined),

  onLoad(query: { role?: string }) {
    this.role = roleNamed(query.role);
    session.dismissNotice();
    this.following = follow(this, ["bind"], [session], (language) => this.look(language));
  },
  onUnload() {
    this.following.end();
    session.dismissNotice();
  },

  look(language: Language) {
    const { isBusy, needsPrivacy, notice } = session.state;
    const help = this.role === "guardian" ? "bind.code_help_guardian" : "bind.code_help";
    return {
      role: this.role,
      roles: ROLES.map((id) => ({
        id,
        name: say(`bind.${id}`, language),
        isChosen: id === this.role,
      })),
      isBusy,
      needsPrivacy,
      notice: sayNotice(notice, language),
      codeHelp: say(help, language),
      bindLabel: say(isBusy ? "bind.busy" : "bind.do", language),
    };
  },

  onRole(event: WechatMiniprogram.TouchEvent) {
    this.role = event.currentTarget.dataset["role"] as Chosen;
    session.dismissNotice();
    this.following.show();
  },
  onCode(event: Typed) {
    this.setData({ code: event.detail.value });
  },
  onName(event: Typed) {
    this.setData({ name: event.detail.value });
  },
  async onBind() {
    const { code, name } = this.data;
    const isBound =
      this.role === "guardian"
        ? await session.bindGuardian(code, name)
        : await session.bindStudent(code);
    if (isBound) this.goHome();
  },
  onAskPhone() {
    session.dismissNotice();
  },
  async onPhone(event: PhoneTold) {
    const phoneCode = event.detail.code;
    const isBound =
      this.role === "guardian"
        ? await session.bindGuardianByPhone(phoneCode, this.data.name)
        : await session.bindStudentByPhone(phoneCode);
    if (isBound) this.goHome();
  },
  goHome() {
    void wx.reLaunch({ url: homeOf(this.role) });
  },
  onStaff() {
    void wx.navigateTo({ url: "/packages/staff/login/index" });
  },
  onReadPrivacy() {
    wx.openPrivacyContract({});
  },
  onAgreePrivacy() {
    session.agreePrivacy();
  },
  onDenyPrivacy() {
    session.denyPrivacy();
  },
});
