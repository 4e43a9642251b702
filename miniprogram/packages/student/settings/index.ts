/** What the person chooses for this phone, and what this phone can do. */
import { follow, IDLE } from "../../../pages/follow";
import { card, settings } from "../../../stores/index";
import type { LanguageChoice } from "../../../stores/settings";
import { say, sayNotice, type Language } from "../../../words/index";
import { moment } from "../../../words/when";

const CHOICES: readonly LanguageChoice[] = ["system", "zh", "en"];

interface Switched {
  readonly detail: { readonly value: boolean };
}

Page({
  data: { t: {}, large: "", languages: [] },
  following: IDLE,

  onLoad() {
    this.following = follow(this, ["settings"], [card], (language) => this.look(language));
  },
  onUnload() {
    this.following.end();
  },

  look(language: Language) {
    const { choice, isLargeType, isCode128 } = settings.state;
    const { offlineUntil, hce, phase } = card.state;
    return {
      isLargeType,
      isCode128,
      hasCard: phase !== "starting" && phase !== "unbound",
      languages: CHOICES.map((id) => ({
        id,
        name: say(`settings.language_${id}`, language),
        isChosen: id === choice,
      })),
      offline:
        offlineUntil === null
          ? say("settings.offline_none", language)
          : moment(offlineUntil, Date.now() / 1000, language),
      nfc: sayNotice(hce, language) || say("settings.nfc_unknown", language),
    };
  },

  onLanguage(event: WechatMiniprogram.TouchEvent) {
    settings.chooseLanguage(event.currentTarget.dataset["id"] as LanguageChoice);
  },
  onLarge(event: Switched) {
    settings.setLargeType(event.detail.value);
  },
  onBars(event: Switched) {
    settings.setCode128(event.detail.value);
  },
  onPrivacy() {
    wx.openPrivacyContract({});
  },
});
