/** The staff pages: look somebody up (which leaves a trace), freeze, hand out an emergency code. */
import type { Notice } from "../models/notice";
import type { FreezePart, PurseView } from "./card";
import type { EmergencyShown } from "./guardian";
import type { Store } from "./store";

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
