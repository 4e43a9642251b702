/** What the person chooses for this phone, and what this phone can do. */
import { follow, IDLE } from "../../../pages/follow";
import { card, messages, session, settings } from "../../../stores/index";
import type { MessageKind } from "../../../stores/messages";
import type { LanguageChoice } from "../../../stores/settings";
import { say, sayNotice, type Key, type Language } from "../../../words/index";
import { moment } from "../../../words/when";

const CHOICES: readonly LanguageChoice[] = ["system", "zh", "en"];

interface Switched {
  readonly detail: { readonly value: boolean };
}

Page({
  data: { t: {}, large: "", languages: [] },
  following: IDLE,

  onLoad() {
    this.following = follow(this, ["settings"], [card, messages], (language) =>
      this.look(language),
    );
    const { role } = session.state;
    if (role === "student" || role === "guardian") void messages.open(role);
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
      ...messagesShown(language),
      nfc: sayNotice(hce, language) || say("settings.nfc_unknown", language),
    };
  },

  onLanguage(event: WechatMiniprogram.TouchEvent) {
    settings.chooseLanguage(event.currentTarget.dataset["id"] as LanguageChoice);
    this.following.entitle();
  },
  onLarge(event: Switched) {
    settings.setLargeType(event.detail.value);
  },
  onBars(event: Switched) {
    settings.setCode128(event.detail.value);
  },
  onMessage(event: WechatMiniprogram.TouchEvent) {
    void messages.agree(event.currentTarget.dataset["kind"] as MessageKind);
  },
  onPrivacy() {
    wx.openPrivacyContract({});
  },
});

const MESSAGES: Readonly<Record<MessageKind, Key>> = {
  payment: "settings.message_payment",
  freeze: "settings.message_freeze",
  top_up: "settings.message_top_up",
  low: "settings.message_low",
  over: "settings.message_over",
  refund: "settings.message_refund",
  benefit: "settings.message_benefit",
  dispute: "settings.message_dispute",
  lot: "settings.message_lot",
};

/** What the school sends by WeChat, and how often it still may. */
function messagesShown(language: Language): Record<string, unknown> {
  const { kinds, agreed, left, notice } = messages.state;
  return {
    messages: kinds.map((kind) => {
      const count = left?.[kind] ?? 0;
      const told = count === 0 ? "" : say("settings.message_left", language, { count });
      const isAgreed = agreed.includes(kind);
      return {
        kind,
        name: say(MESSAGES[kind], language),
        left: isAgreed ? say("settings.message_agreed", language) : told,
        isAgreed,
      };
    }),
    // without anything to agree to there is nothing to be told about it
    messageNotice: kinds.length === 0 ? "" : sayNotice(notice, language),
  };
}
