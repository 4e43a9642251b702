/** What a phone knows of its card between two answers of the server, and what that comes to. */
import { coveredUntil, secretsAt, type Secrets } from "./secrets";
import type { CardStateWord, CardTold, PartWord, StateTold } from "./wire";

/** Kept between starts. */
export interface HeldCard {
  readonly cardNumber: string;
  readonly issue: number;
  readonly name: string;
  readonly state: CardStateWord;
  readonly areDoorsFrozen: boolean;
  /** Unix seconds, 0: money is not frozen. */
  readonly frozenAt: number;
  /** Whether a freeze of this card is the holder's to lift; false when somebody else made it. */
  readonly isLiftMine: boolean;
  readonly pursesFen: Readonly<Record<string, number>>;
  readonly spentFen: number | null;
  /** Unix seconds of the answer all this is from; null: never asked. */
  readonly asOf: number | null;
  /** A newer phone has the card, or it was reported lost: this phone's binding is over. */
  readonly isReplaced: boolean;
}

/** A holder cannot say "found" sooner after his own freeze; the server's rule. */
export const FOUND_AFTER_SECONDS = 60;

/** A card that was bound this moment: nothing is known of it but its number. */
export function newCard(cardNumber: string, issue: number): HeldCard {
  return {
    cardNumber,
    issue,
    name: "",
    state: "active",
    areDoorsFrozen: false,
    frozenAt: 0,
    isLiftMine: true,
    pursesFen: {},
    spentFen: null,
    asOf: null,
    isReplaced: false,
  };
}

export type Phase =
  | "unbound"
  | "ready"
  | "no_secrets"
  | "frozen"
  | "lost"
  | "closed"
  | "replaced";

/** Whether tills refuse the card, or will once the school has heard of it. */
function isMoneyFrozen(card: HeldCard, unsent: readonly PartWord[]): boolean {
  return card.state === "frozen" || (card.state === "active" && unsent.includes("money"));
}

function areDoorsFrozen(card: HeldCard, unsent: readonly PartWord[]): boolean {
  return card.areDoorsFrozen || unsent.includes("doors");
}

/**
 * The card as it is to be shown at `at`, with the freezes the school has yet to hear of. It is
 * frozen when its code is good for nothing: with one half frozen the other needs the code.
 */
export function phaseOf(
  card: HeldCard | null,
  secrets: readonly Secrets[],
  unsent: readonly PartWord[],
  at: number,
): Phase {
  if (card === null) return "unbound";
  if (card.isReplaced) return "replaced";
  if (card.state === "lost" || card.state === "closed") return card.state;
  if (isMoneyFrozen(card, unsent) && areDoorsFrozen(card, unsent)) return "frozen";
  return secretsAt(secrets, at) === null ? "no_secrets" : "ready";
}

/** From when "found" is taken; null when nothing is frozen or somebody else froze it. */
export function canLiftAt(card: HeldCard, unsent: readonly PartWord[]): number | null {
  if (unsent.length > 0) return 0; // the school has not heard of it: it can be taken back at once
  const isFrozen = card.state === "frozen" || (card.state === "active" && card.areDoorsFrozen);
  if (!isFrozen || !card.isLiftMine) return null;
  return card.state === "frozen" ? card.frozenAt + FOUND_AFTER_SECONDS : 0;
}

/** Everything in all purses; null when it was never told. */
export function balanceOf(card: HeldCard): number | null {
  if (card.asOf === null) return null;
  return Object.values(card.pursesFen).reduce((sum, fen) => sum + fen, 0);
}

/** What the card page shows of a card, its code aside. */
export interface CardShown {
  readonly cardNumber: string;
  readonly holderName: string;
  readonly isMoneyFrozen: boolean;
  readonly areDoorsFrozen: boolean;
  readonly balanceFen: number | null;
  readonly balanceAsOf: number | null;
  readonly spentTodayFen: number | null;
  readonly isFreezeUnsent: boolean;
  readonly canLiftAt: number | null;
  readonly liftSecondsLeft: number;
  readonly offlineUntil: number | null;
}

export function cardShown(
  card: HeldCard | null,
  secrets: readonly Secrets[],
  unsent: readonly PartWord[],
  at: number,
): CardShown {
  const liftAt = card === null ? null : canLiftAt(card, unsent);
  return {
    cardNumber: card?.cardNumber ?? "",
    holderName: card?.name ?? "",
    isMoneyFrozen: card !== null && isMoneyFrozen(card, unsent),
    areDoorsFrozen: card !== null && areDoorsFrozen(card, unsent),
    balanceFen: card === null ? null : balanceOf(card),
    balanceAsOf: card?.asOf ?? null,
    spentTodayFen: card?.spentFen ?? null,
    isFreezeUnsent: unsent.length > 0,
    canLiftAt: liftAt,
    liftSecondsLeft: Math.max(0, (liftAt ?? 0) - at),
    offlineUntil: coveredUntil(secrets, at),
  };
}

/** The card after an answer about its state. */
export function withState(card: HeldCard, told: StateTold): HeldCard {
  const { state, are_doors_frozen: areDoorsFrozen, frozen_at: frozenAt } = told;
  return { ...card, state, areDoorsFrozen, frozenAt };
}

/** The card after an answer about everything. `at` is the answer's moment. */
export function withAnswer(card: HeldCard, told: CardTold, at: number): HeldCard {
  return {
    ...card,
    cardNumber: told.card_number,
    issue: told.issue,
    name: told.name,
    state: told.state,
    areDoorsFrozen: told.are_doors_frozen,
    frozenAt: told.state === "frozen" ? card.frozenAt : 0,
    isLiftMine: told.is_lift_mine,
    pursesFen: told.purses_fen,
    spentFen: told.spent_fen,
    asOf: at,
  };
}

/** "Found" was refused: too soon by so many seconds, or not ours to say. */
export function afterRefusedLift(
  card: HeldCard,
  at: number,
  seconds: number | null,
  isForbidden: boolean,
): HeldCard {
  const frozenAt = seconds === null ? card.frozenAt : at + seconds - FOUND_AFTER_SECONDS;
  return { ...card, frozenAt, isLiftMine: card.isLiftMine && !isForbidden };
}
