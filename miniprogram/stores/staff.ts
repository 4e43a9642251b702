/** The staff pages: look somebody up (which leaves a trace), freeze, hand out an emergency code. */
import { groupDigits } from "../models/campus_code";
import { word, type Notice } from "../models/notice";
import type { CardholderTold, CardStateWord, HeldCardTold, StateTold } from "../models/wire";
import { tick } from "../services/device";
import { isAway, noticeOf, RefusedError } from "../services/errors";
import {
  cardFreezesPath,
  handOutBinding,
  handOutEmergency,
  liftCard,
  lookUp,
} from "../services/staff";
import { onOutcome, sendFreeze, takeBack, unsentParts, type Outcome } from "../services/unsent";
import type { FreezePart, PurseView } from "./card";
import type { EmergencyShown } from "./guardian";
import { createStore, type OwnStore, type Store } from "./store";
import { emergencyShown } from "./student";

export interface PersonCard {
  readonly cardId: number;
  readonly cardNumber: string;
  readonly state: string;
  readonly areDoorsFrozen: boolean;
  readonly frozenAt: number;
  readonly frozenBy: string;
  readonly isFreezeUnsent: boolean;
}

export interface PersonView {
  readonly cardholderId: number;
  readonly number: string;
  readonly name: string;
  readonly department: string;
  readonly classId: number;
  readonly isActive: boolean;
  readonly balanceFen: number;
  readonly purses: readonly PurseView[];
  readonly cards: readonly PersonCard[];
}

/** A binding code handed out; shown this once. */
export interface BindingShown {
  readonly code: string;
  /** In fives. */
  readonly groups: readonly string[];
  readonly expiresAt: number;
}

export interface StaffState {
  readonly person: PersonView | null;
  readonly isBusy: boolean;
  readonly isOffline: boolean;
  readonly emergency: EmergencyShown | null;
  readonly binding: BindingShown | null;
  readonly notice: Notice | null;
}

export interface StaffStore extends Store<StaffState> {
  lookUp(number: string): Promise<boolean>;
  freeze(cardId: number, parts: readonly FreezePart[]): Promise<boolean>;
  lift(cardId: number): Promise<boolean>;
  handOutEmergency(cardId: number): Promise<boolean>;
  /** For the cardholder's new phone. */
  handOutBinding(cardId: number): Promise<boolean>;
  /** Hide whichever code is shown. */
  hideEmergency(): void;
  /** Leave the person's page: nothing of him stays in memory. */
  forget(): void;
  dismissNotice(): void;
}

const INITIAL: StaffState = {
  person: null,
  isBusy: false,
  isOffline: false,
  emergency: null,
  binding: null,
  notice: null,
};
const NOT_FOUND = 404;
const BINDING_GROUP = 5;

export class Staff implements StaffStore {
  private readonly store: OwnStore<StaffState> = createStore(INITIAL);
  private told: CardholderTold | null = null;

  constructor() {
    onOutcome((outcome) => this.hearOutcome(outcome));
  }

  get state(): StaffState {
    return this.store.state;
  }

  subscribe(hear: (state: StaffState) => void): () => void {
    return this.store.subscribe(hear);
  }

  async lookUp(number: string): Promise<boolean> {
    const wanted = number.trim();
    this.forget();
    if (wanted === "") {
      this.store.set({ notice: word("staff.empty_number") });
      return false;
    }
    return this.busy(async () => this.hold(await lookUp(wanted)), "staff.not_found");
  }

  /** Shown before this returns; answers whether the school took it at the first attempt. */
  async freeze(cardId: number, parts: readonly FreezePart[]): Promise<boolean> {
    const path = cardFreezesPath(cardId);
    const sent = sendFreeze({ audience: "staff", path, parts });
    this.store.set({ notice: word("card.freeze_sending") });
    this.show();
    tick();
    await sent;
    const card = this.told?.cards.find((one) => one.card_id === cardId);
    return unsentParts(path).length === 0 && card !== undefined && isFrozen(card);
  }

  lift(cardId: number): Promise<boolean> {
    const path = cardFreezesPath(cardId);
    if (unsentParts(path).length > 0) {
      takeBack(path);
      this.show();
      this.store.set({ notice: word("card.lifted") });
      return Promise.resolve(true);
    }
    return this.busy(async () => {
      this.change(path, await liftCard(cardId));
      this.store.set({ notice: word("card.lifted") });
    });
  }

  handOutEmergency(cardId: number): Promise<boolean> {
    return this.busy(async () => {
      this.store.set({ emergency: emergencyShown(await handOutEmergency(cardId)), binding: null });
    });
  }

  handOutBinding(cardId: number): Promise<boolean> {
    return this.busy(async () => {
      const { code, expires_at: expiresAt } = await handOutBinding(cardId);
      const groups = code.includes("-") ? code.split("-") : groupDigits(code, BINDING_GROUP);
      this.store.set({ binding: { code, groups, expiresAt }, emergency: null });
    });
  }

  hideEmergency(): void {
    this.store.set({ emergency: null, binding: null });
  }

  forget(): void {
    this.told = null;
    this.store.set({ person: null, emergency: null, binding: null, notice: null });
  }

  dismissNotice(): void {
    this.store.set({ notice: null });
  }

  /** Do one thing at a time; `missing` is the word for a 404, else the server's own sentence. */
  private async busy(act: () => Promise<void>, missing?: "staff.not_found"): Promise<boolean> {
    if (this.state.isBusy) return false;
    this.store.set({ isBusy: true, notice: null });
    try {
      await act();
      this.store.set({ isBusy: false, isOffline: false });
      return true;
    } catch (error) {
      const isMissing = error instanceof RefusedError && error.refusal.status === NOT_FOUND;
      const notice = isMissing && missing !== undefined ? word(missing) : noticeOf(error);
      this.store.set({ isBusy: false, isOffline: isAway(error), notice });
      return false;
    }
  }

  private hold(told: CardholderTold): void {
    this.told = told;
    this.show();
  }

  private show(): void {
    this.store.set({ person: this.told === null ? null : personView(this.told) });
  }

  private change(path: string, state: CardChange): void {
    if (this.told === null) return;
    const cards = this.told.cards.map((card) =>
      cardFreezesPath(card.card_id) === path
        ? { ...card, state: state.state, are_doors_frozen: state.are_doors_frozen }
        : card,
    );
    this.hold({ ...this.told, cards });
  }

  private hearOutcome({ path, told, isWaiting, error }: Outcome): void {
    const isShown = this.told?.cards.some((card) => cardFreezesPath(card.card_id) === path);
    if (isShown !== true) return;
    if (told !== null) {
      this.change(path, told);
      this.store.set({ notice: null, isOffline: false });
      return;
    }
    const refused = error instanceof RefusedError ? noticeOf(error) : word("card.freeze_failed");
    const notice = isWaiting ? word("card.freeze_waiting") : refused;
    this.store.set({ notice, isOffline: isWaiting });
    this.show();
  }
}

type CardChange = Pick<StateTold, "state" | "are_doors_frozen">;

function isFrozen(card: HeldCardTold): boolean {
  return card.state !== "active" || card.are_doors_frozen;
}

function personView(told: CardholderTold): PersonView {
  const purses = Object.entries(told.purses_fen);
  return {
    cardholderId: told.cardholder_id,
    number: told.number,
    name: told.name,
    department: told.department,
    classId: told.class_id,
    isActive: told.is_active,
    balanceFen: purses.reduce((sum, [, fen]) => sum + fen, 0),
    purses: purses.map(([purse, balanceFen]) => ({ purse, balanceFen })),
    cards: told.cards.map(cardView),
  };
}

function cardView(card: HeldCardTold): PersonCard {
  const unsent = unsentParts(cardFreezesPath(card.card_id));
  const state: CardStateWord =
    card.state === "active" && unsent.includes("money") ? "frozen" : card.state;
  return {
    cardId: card.card_id,
    cardNumber: card.card_number,
    state,
    areDoorsFrozen: card.are_doors_frozen || unsent.includes("doors"),
    frozenAt: card.frozen_at,
    frozenBy: card.frozen_by,
    isFreezeUnsent: unsent.length > 0,
  };
}
