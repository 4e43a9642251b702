/** The guardian's pages: the children, and one child. */
import type { Notice } from "../models/notice";
import type { PaymentLine } from "../models/statement";
import type { FreezePart, FreezeReach } from "./card";
import type { Store } from "./store";
import type { Loaded, Sees } from "./student";

export interface ChildView {
  readonly cardholderId: number;
  readonly name: string;
  readonly classId: number;
  readonly department: string;
  readonly sees: Sees;
  readonly cardId: number;
  /** "active", "frozen", "lost", "closed". */
  readonly cardState: string;
  readonly areDoorsFrozen: boolean;
  readonly cardNumberTail: string;
  /** null: not shared. */
  readonly balanceFen: number | null;
  readonly spentTodayFen: number | null;
  /** Frozen here, but the school does not know yet. */
  readonly isFreezeUnsent: boolean;
}

export interface GuardianState extends Loaded {
  readonly children: readonly ChildView[];
  readonly chosen: ChildView | null;
  /** Of the chosen child; only when `sees` is "all". */
  readonly lines: readonly PaymentLine[];
  readonly hasMore: boolean;
  readonly freeze: FreezeReach | null;
  readonly canLiftAt: number | null;
  /** Of the chosen child, once asked for. */
  readonly emergency: EmergencyShown | null;
}

export interface EmergencyShown {
  readonly code: string;
  readonly groups: readonly string[];
  readonly on: string;
  readonly expiresAt: number;
}

export interface GuardianStore extends Store<GuardianState> {
  /** The children page: kept ones at once, then the server's. */
  open(): Promise<void>;
  /** The child page. */
  openChild(cardholderId: number): Promise<void>;
  more(): Promise<void>;
  /** Shown before this returns; sent behind it. */
  freeze(cardholderId: number, parts: readonly FreezePart[]): Promise<void>;
  found(cardholderId: number): Promise<boolean>;
  showEmergency(cardholderId: number): Promise<boolean>;
  hideEmergency(): void;
  dismissNotice(): void;
}
export type { Notice };
