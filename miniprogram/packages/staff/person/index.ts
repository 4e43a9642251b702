/** The person who was looked up: freeze, emergency code, binding code. Forgotten on leaving. */
import { ask } from "../../../pages/ask";
import { follow, IDLE } from "../../../pages/follow";
import { numbered } from "../../../pages/numbered";
import { staff } from "../../../stores/index";
import type { PersonCard, PersonView, StaffState } from "../../../stores/staff";
import { amount } from "../../../words/amount";
import { cardState } from "../../../words/card_state";
import { say, sayNotice, type Language } from "../../../words/index";
import { purseNamed } from "../../../words/purses";
import { whoActed } from "../../../words/trail";
import { moment } from "../../../words/when";

Page({
  data: { t: {}, large: "", name: "" },
  following: IDLE,

  onLoad() {
    this.following = follow(this, ["person"], [staff], (language) => this.look(language));
  },
  onUnload() {
    this.following.end();
    staff.forget();
  },

  look(language: Language) {
    const { person, isBusy, notice } = staff.state;
    if (person === null) return { name: "" };
    const now = Date.now() / 1000;
    return {
      ...personShown(person, language),
      isBusy,
      notice: sayNotice(notice, language),
      shown: codeShown(staff.state, now, language),
      cards: person.cards.map((card) => cardShown(card, now, language)),
    };
  },

  onFreeze(event: WechatMiniprogram.CustomEvent) {
    void staff.freeze(idOf(event), ["money", "doors"]);
  },
  async onLift(event: WechatMiniprogram.CustomEvent) {
    if (await ask("person.lift", "person.lift_ask")) await staff.lift(idOf(event));
  },
  onEmergency(event: WechatMiniprogram.CustomEvent) {
    void staff.handOutEmergency(idOf(event));
  },
  onBinding(event: WechatMiniprogram.CustomEvent) {
    void staff.handOutBinding(idOf(event));
  },
  onHide() {
    // the page is left or the code was read out: either way it is seen no more
    staff.hideEmergency();
  },
});

function idOf(event: WechatMiniprogram.CustomEvent): number {
  return event.currentTarget.dataset["id"] as number;
}

function personShown(person: PersonView, language: Language): Record<string, unknown> {
  return {
    name: person.name,
    isActive: person.isActive,
    about: [person.number, person.department].filter((part) => part !== "").join(" · "),
    balance: amount(person.balanceFen),
    purses: person.purses
      .map(({ purse, balanceFen }) => `${purseNamed(purse, language)} ${amount(balanceFen)}`)
      .join(" · "),
  };
}

function cardShown(card: PersonCard, now: number, language: Language): object {
  const { frozenBy, frozenAt } = card;
  const by = whoActed(frozenBy, "me.student", language);
  const time = moment(frozenAt, now, language);
  const isFrozen = card.state === "frozen" || card.areDoorsFrozen;
  const told = card.isFreezeUnsent ? "unsent" : card.state;
  return {
    id: card.cardId,
    name: say("person.card", language, { number: card.cardNumber }),
    ...cardState(told, card.areDoorsFrozen, language),
    frozenBy: isFrozen && frozenAt > 0 ? say("person.frozen_by", language, { by, time }) : "",
    canFreeze: card.state === "active",
    canLift: isFrozen,
    isUsable: card.state === "active" || card.state === "frozen",
  };
}

/** The code to be read out, whichever was asked for last. */
function codeShown(from: StaffState, now: number, language: Language): object | null {
  const { emergency, binding } = from;
  if (emergency !== null) {
    return {
      label: say("person.emergency", language),
      groups: numbered(emergency.groups),
      note: say("person.emergency_note", language),
    };
  }
  if (binding === null) return null;
  const time = moment(binding.expiresAt, now, language);
  return {
    label: say("person.binding", language),
    groups: numbered(binding.groups),
    note: say("person.binding_note", language, { time }),
  };
}
