/** What the card page shows, made of the card's state alone: one face for each phase. */
import type { CardPhase, CardState } from "../../stores/card";
import { amount } from "../../words/amount";
import { say, sayNotice, type Key, type Language } from "../../words/index";
import { reachPercent, reachTold } from "../../words/reach";
import { moment } from "../../words/when";
import { numbered } from "../numbered";

type Tone = "ready" | "waiting" | "stopped" | "none";

/** What stands in the white card instead of a code. */
interface Instead {
  readonly icon: string;
  readonly title: Key;
  readonly text: Key;
  readonly tone: Tone;
}

const INSTEAD: Readonly<Record<Exclude<CardPhase, "starting" | "ready">, Instead>> = {
  unbound: {
    icon: "/images/card.svg",
    title: "card.unbound_title",
    text: "card.unbound_text",
    tone: "none",
  },
  no_secrets: {
    icon: "/images/clock.svg",
    title: "card.no_secrets_title",
    text: "card.no_secrets_text",
    tone: "waiting",
  },
  frozen: {
    icon: "/images/freeze.svg",
    title: "card.frozen_title",
    text: "card.frozen_doors_text",
    tone: "stopped",
  },
  lost: {
    icon: "/images/lost.svg",
    title: "card.lost_title",
    text: "card.lost_text",
    tone: "stopped",
  },
  closed: {
    icon: "/images/closed.svg",
    title: "card.closed_title",
    text: "card.closed_text",
    tone: "none",
  },
  replaced: {
    icon: "/images/phones.svg",
    title: "card.replaced_title",
    text: "card.replaced_text",
    tone: "none",
  },
};

const HIDDEN: Instead = {
  icon: "/images/hidden.svg",
  title: "card.hidden_title",
  text: "card.hidden_text",
  tone: "waiting",
};

/** What the page shows before anything is known: white paper where the code will be. */
export const FIRST_FRAME = {
  face: "starting",
  kind: "qr",
  digits: "",
  ring: "",
  pictureLabel: "",
  name: "",
  state: "",
  tone: "none",
};

const UNKNOWN_MONEY = "—";

/** Everything pages/card/index.wxml reads. `now` is Unix seconds. */
export function cardFace(
  card: CardState,
  kind: "qr" | "bars",
  now: number,
  language: Language,
): Record<string, unknown> {
  const isCode = card.phase === "ready" && !card.isHidden;
  return {
    face: isCode ? "code" : card.phase === "starting" ? "starting" : "instead",
    isWhole: true,
    name: card.holderName || say("every.app", language),
    notice: card.isHidden ? "" : sayNotice(card.notice, language),
    hasCard: card.phase !== "unbound" && card.phase !== "starting",
    isRefreshing: card.isRefreshing,
    ...halves(card, language),
    ...code(card, kind, language),
    ...instead(card, language),
    ...stateLine(card, now, language),
    ...reached(card, language),
    ...ways(card, language),
    ...sums(card, now, language),
  };
}

/** As much of it as the first frame needs: the code, or what stands in its place. */
export function firstOf(face: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if (face["face"] === "instead") return face;
  const names = face["face"] === "code" ? Object.keys(FIRST_FRAME) : ["face"];
  const first: Record<string, unknown> = {};
  for (const name of names) first[name] = face[name];
  return first;
}

function code(card: CardState, kind: "qr" | "bars", language: Language): Record<string, unknown> {
  const other = kind === "qr" ? "bars" : "qr";
  const over = Math.round(card.progress * 1000) / 10;
  const seconds = card.secondsLeft;
  return {
    kind,
    digits: card.digits,
    groups: numbered(card.groups),
    ring: `background: conic-gradient(var(--line) ${over}%, var(--accent) ${over}%);`,
    seconds: card.phase === "ready" ? say("card.seconds", language, { seconds }) : "",
    pictureLabel: say(kind === "qr" ? "card.qr_label" : "card.bars_label", language, { seconds }),
    switchLabel: say(other === "bars" ? "card.show_bars" : "card.show_qr", language),
    switchIcon: other === "bars" ? "/images/barcode.svg" : "/images/qr.svg",
  };
}

/** The words in place of the code; empty while there is a code. */
function instead(card: CardState, language: Language): Record<string, unknown> {
  const chosen = insteadOf(card);
  if (chosen === null) return { faceIcon: "", faceTitle: "", faceText: "" };
  const seconds = card.secondsLeft;
  return {
    faceIcon: chosen.icon,
    faceTitle: say(chosen.title, language),
    faceText: say(chosen.text, language, { seconds }),
  };
}

function insteadOf(card: CardState): Instead | null {
  if (card.phase === "starting") return null;
  if (card.phase === "ready") return card.isHidden ? HIDDEN : null;
  return INSTEAD[card.phase];
}

/** One short line under the name, told aloud when it changes. */
function stateLine(card: CardState, now: number, language: Language): Record<string, unknown> {
  if (card.phase === "starting") return { state: say("every.loading", language), tone: "none" };
  const chosen = insteadOf(card);
  if (card.phase === "unbound") return { state: say("me.none", language), tone: "none" };
  if (chosen !== null) return { state: say(chosen.title, language), tone: chosen.tone };
  const half = halfFrozen(card);
  if (half !== null) return { state: say(half, language), tone: "waiting" };
  if (!card.isOffline) return { state: say("card.state_ready", language), tone: "ready" };
  if (card.offlineUntil === null) {
    return { state: say("card.state_offline", language), tone: "ready" };
  }
  const time = moment(card.offlineUntil, now, language);
  return { state: say("card.state_offline_until", language, { time }), tone: "ready" };
}

/** What a code is still good for with one half frozen; null: for everything. */
function halfFrozen(card: CardState): Key | null {
  if (card.areDoorsFrozen) {
    return card.isFreezeUnsent ? "card.state_doors_unsent" : "card.state_doors_frozen";
  }
  if (!card.isMoneyFrozen) return null;
  return card.isFreezeUnsent ? "card.state_money_unsent" : "card.state_money_frozen";
}

/** Freezing all, or one half; a half that is frozen can be had back. */
function halves(card: CardState, language: Language): Record<string, unknown> {
  const { isMoneyFrozen, areDoorsFrozen, liftSecondsLeft: seconds } = card;
  const isMine = card.canLiftAt !== null;
  const waits = isMine && seconds > 0;
  return {
    isMoneyFrozen,
    areDoorsFrozen,
    canFreeze: card.phase === "ready" || card.phase === "no_secrets",
    canUnfreeze: isMine && !waits,
    unfreezeMoney: isMine
      ? say(waits ? "card.unfreeze_money_wait" : "card.unfreeze_money", language, { seconds })
      : "",
    unfreezeDoors: isMine ? say("card.unfreeze_doors", language) : "",
  };
}

/** How far the news of a freeze has come. */
function reached(card: CardState, language: Language): Record<string, unknown> {
  if (!card.isMoneyFrozen) return { reach: "", reachShare: 0 };
  const { isFreezeUnsent, isOffline, freeze: reach } = card;
  const told = { isFreezeUnsent, isOffline, reach };
  return { reach: reachTold(told, language), reachShare: reachPercent(told) };
}

/** What can be done from here: found it, bind, go online. */
function ways(card: CardState, language: Language): Record<string, unknown> {
  const isFrozen = card.phase === "frozen" && !card.isFreezeUnsent;
  const isHeld = (card.isMoneyFrozen || card.areDoorsFrozen) && !card.isFreezeUnsent;
  const isOwn = card.canLiftAt !== null;
  const seconds = card.liftSecondsLeft;
  const found = seconds > 0 ? "card.found_wait" : "card.found";
  const needsBinding = card.phase === "unbound" || card.phase === "replaced";
  const binding = card.phase === "replaced" ? "card.bind_again" : "card.bind";
  const refresh = card.isRefreshing ? "card.refreshing" : "card.refresh";
  return {
    canFind: isFrozen && isOwn && seconds <= 0,
    foundLabel: isFrozen && isOwn ? say(found, language, { seconds }) : "",
    foundNote: isHeld && !isOwn ? say("card.found_office", language) : "",
    bindLabel: needsBinding ? say(binding, language) : "",
    refreshLabel: card.phase === "no_secrets" ? say(refresh, language) : "",
  };
}

function sums(card: CardState, now: number, language: Language): Record<string, unknown> {
  const balance = card.balanceFen === null ? UNKNOWN_MONEY : amount(card.balanceFen);
  const spent = card.spentTodayFen === null ? UNKNOWN_MONEY : amount(card.spentTodayFen);
  const asOf =
    card.balanceAsOf === null
      ? say("every.never_heard", language)
      : say("every.as_of", language, { time: moment(card.balanceAsOf, now, language) });
  const told = `${say("every.balance", language)} ${balance} ${asOf}`;
  const today = `${say("card.spent_today", language)} ${spent}`;
  return { balance, spent, asOf, sumsLabel: `${told} ${today}` };
}
