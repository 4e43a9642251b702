/** The menu, by role; several roles on one phone are switched here. */
import { card, session } from "../../stores/index";
import type { Role } from "../../stores/session";
import { say, type Language } from "../../words/index";
import { ask } from "../ask";
import { follow, IDLE } from "../follow";
import { homeOf } from "../home";
import { menuOf } from "./menu";

Page({
  data: { t: {}, large: "", roles: [] },
  following: IDLE,

  onLoad() {
    this.following = follow(this, ["me"], [session, card], (language) => this.look(language));
  },
  onShow() {
    this.following.entitle(); // the language may be another one by now
  },
  onUnload() {
    this.following.end();
  },

  look(language: Language) {
    const { role, roles, name } = session.state;
    const { holderName, cardNumber } = card.state;
    const isStudent = role === "student";
    return {
      icon: role === "staff" ? "/images/staff.svg" : "/images/person.svg",
      name: (isStudent ? holderName : name) || say(`me.${role}`, language),
      note:
        role === "none"
          ? say("me.none_text", language)
          : isStudent && cardNumber !== ""
            ? say("me.card_number", language, { number: cardNumber })
            : say(`me.${role}`, language),
      roles: roles.map((id) => ({ id, name: say(`me.${id}`, language), isChosen: id === role })),
      groups: menuOf(role, language),
      canLeave: role !== "none",
      bindLabel: say(role === "none" ? "card.bind" : "me.add_role", language),
    };
  },

  onRole(event: WechatMiniprogram.TouchEvent) {
    const role = event.currentTarget.dataset["role"] as Role;
    session.use(role);
    void wx.reLaunch({ url: homeOf(role) });
  },
  onLink(event: WechatMiniprogram.TouchEvent) {
    void wx.navigateTo({ url: event.currentTarget.dataset["url"] as string });
  },
  onBind() {
    const role = session.state.role === "guardian" ? "guardian" : "student";
    void wx.navigateTo({ url: `/pages/bind/index?role=${role}` });
  },
  async onLeave() {
    const asked = session.state.role === "student" ? "me.leave_ask" : "me.leave_ask_other";
    if (!(await ask("me.leave", asked))) return;
    await session.logOut();
    void wx.reLaunch({ url: homeOf(session.state.role) });
  },
});
