/** Who is my guardian, and what an adult lets each of them see. */
import { ask } from "../../../pages/ask";
import { follow, IDLE } from "../../../pages/follow";
import { freshness } from "../../../pages/loaded";
import { guardians, settings } from "../../../stores/index";
import type { GuardianLine, Sees } from "../../../stores/student";
import { say, type Language } from "../../../words/index";
import { dayOf, moment } from "../../../words/when";

const CHOICES: readonly Sees[] = ["state", "balance", "all"];

Page({
  data: { t: {}, large: "", guardians: [] },
  following: IDLE,

  onLoad() {
    this.following = follow(this, ["guardians"], [guardians], (language) => this.look(language));
    void guardians.open();
  },
  onUnload() {
    this.following.end();
  },

  look(language: Language) {
    const now = Date.now() / 1000;
    const { isAdult, invitation, guardians: lines } = guardians.state;
    const fresh = freshness(guardians.state, now, language);
    const code = invitation?.code ?? "";
    const time = invitation === null ? "" : moment(invitation.expiresAt, now, language);
    return {
      ...fresh,
      isAdult,
      lead: fresh.hasAnswer
        ? say(isAdult ? "guardians.lead_adult" : "guardians.lead_minor", language)
        : "",
      isEmpty: fresh.hasAnswer && lines.length === 0,
      guardians: lines.map((line) => shown(line, language)),
      code,
      codeShown: (code.match(/.{1,5}/g) ?? []).join(" "),
      codeUntil: say("guardians.code_until", language, { time }),
    };
  },

  onSees(event: WechatMiniprogram.TouchEvent) {
    const { id, sees } = event.currentTarget.dataset as { id: number; sees: Sees };
    void guardians.share(id, sees);
  },
  async onRemove(event: WechatMiniprogram.TouchEvent) {
    const { id, name } = event.currentTarget.dataset as { id: number; name: string };
    if (await ask("guardians.remove", "guardians.remove_ask", { name })) {
      await guardians.remove(id);
    }
  },
  onInvite() {
    void guardians.invite();
  },
  onCopy() {
    const title = say("every.copied", settings.state.language);
    wx.setClipboardData({
      data: guardians.state.invitation?.code ?? "",
      success: () => void wx.showToast({ title, icon: "none" }),
    });
  },
});

function shown(line: GuardianLine, language: Language): object {
  return {
    id: line.guardianId,
    name: line.name,
    since: say("guardians.since", language, { date: dayOf(line.since, language) }),
    sees: say(`guardians.${line.sees}`, language),
    choices: CHOICES.map((sees) => ({
      sees,
      name: say(`guardians.${sees}`, language),
      isChosen: sees === line.sees,
    })),
  };
}
