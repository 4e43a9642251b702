/** The student's other pages: emergency code, windows, trail, guardians, open disputes. */
import type { Notice } from "../models/notice";
import type { Store } from "./store";

/** What every page that only reads has. */
export interface Loaded {
  readonly isLoading: boolean;
  readonly isOffline: boolean;
  /** Unix seconds of what is shown; null: nothing yet. */
  readonly asOf: number | null;
  readonly notice: Notice | null;
}

export interface EmergencyState extends Loaded {
  /** 16 digits; "" when there is none for today. */
  readonly code: string;
  /** In fours. */
  readonly groups: readonly string[];
  /** "2026-01-05", the day it is for. */
  readonly on: string;
  readonly expiresAt: number | null;
}
export interface EmergencyStore extends Store<EmergencyState> {
  open(): Promise<void>;
}

export interface PeriodView {
  readonly id: string;
  readonly zh: string;
  readonly en: string;
  /** "06:30". */
  readonly begins: string;
  readonly ends: string;
  readonly isNow: boolean;
}
export interface PriceView {
  readonly periodId: string;
  readonly nominalFen: number | null;
  readonly chargedFen: number | null;
}
export interface WindowGroup {
  readonly groupId: string;
  readonly zh: string;
  readonly en: string;
  readonly priceMode: string;
  readonly isAccepted: boolean;
  readonly prices: readonly PriceView[];
  readonly windows: readonly string[];
}
export interface WindowsState extends Loaded {
  readonly periods: readonly PeriodView[];
  readonly groups: readonly WindowGroup[];
}
export interface WindowsStore extends Store<WindowsState> {
  open(): Promise<void>;
}

export interface TrailLine {
  readonly id: number;
  readonly at: number;
  readonly actor: string;
  readonly verb: string;
}
export interface TrailState extends Loaded {
  readonly lines: readonly TrailLine[];
  readonly hasMore: boolean;
}
export interface TrailStore extends Store<TrailState> {
  open(): Promise<void>;
  more(): Promise<void>;
}

export type Sees = "state" | "balance" | "all";
export interface GuardianLine {
  readonly guardianId: number;
  readonly name: string;
  readonly since: number;
  readonly sees: Sees;
}
export interface GuardiansState extends Loaded {
  readonly guardians: readonly GuardianLine[];
  /** Only an adult decides what a guardian sees. */
  readonly isAdult: boolean;
  /** The code to hand on, once asked for. */
  readonly invitation: { readonly code: string; readonly expiresAt: number } | null;
}
export interface GuardiansStore extends Store<GuardiansState> {
  open(): Promise<void>;
  share(guardianId: number, sees: Sees): Promise<boolean>;
  remove(guardianId: number): Promise<boolean>;
  invite(): Promise<boolean>;
}

export interface DisputeLine {
  readonly paymentId: string;
  readonly openedAt: number;
  /** "open", "upheld", "refused". */
  readonly state: string;
}
export interface DisputesState extends Loaded {
  readonly disputes: readonly DisputeLine[];
}
export interface DisputesStore extends Store<DisputesState> {
  open(): Promise<void>;
}
