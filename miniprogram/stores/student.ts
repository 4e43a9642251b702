/** The student's other pages: emergency code, windows, trail, guardians, open disputes. */
import { groupDigits } from "../models/campus_code";
import { minuteOfDay } from "../models/moment";
import type {
  DisputesTold,
  EmergencyCodeTold,
  GuardiansTold,
  WindowsTold,
} from "../models/wire";
import { schoolSeconds } from "../services/school_clock";
import { readPlainly, writePlainly } from "../services/storage";
import {
  inviteGuardian,
  PAGE_LINES,
  readDisputes,
  readEmergencyCode,
  readGuardians,
  readTrail,
  readWindows,
  removeGuardian,
  shareWith,
} from "../services/student";
import { load, NOT_LOADED, type Loaded } from "./loading";
import { createStore, type Store } from "./store";

export type { Loaded };

const EMERGENCY_GROUP = 4;

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
  readonly nominalFen: number;
  readonly chargedFen: number;
}
export interface WindowGroup {
  readonly groupId: string;
  readonly zh: string;
  readonly en: string;
  readonly priceMode: string;
  readonly isAccepted: boolean;
  /** The periods in which it takes my class. */
  readonly serves: readonly string[];
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
  /** Why somebody looked, where he had to say so. */
  readonly reason?: string;
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
  /** Unix seconds until which an invitation handed out before is still good; null: there is none. */
  readonly invitedUntil: number | null;
}
export interface GuardiansStore extends Store<GuardiansState> {
  open(): Promise<void>;
  share(guardianId: number, sees: Sees): Promise<boolean>;
  remove(guardianId: number): Promise<boolean>;
  invite(): Promise<boolean>;
}

export interface DisputeLine {
  readonly paymentId: string;
  readonly merchant: string;
  readonly occurredAt: number;
  readonly chargedFen: number;
  readonly returnedFen: number;
  /** "not_me", "wrong_amount", "twice", "other", or a refusal's word (`isAutomatic`). */
  readonly reason: string;
  readonly note: string;
  /** The school itself contested it. */
  readonly isAutomatic: boolean;
  readonly openedAt: number;
  /** "open", "upheld", "refused". */
  readonly state: string;
  /** Unix seconds; null while it is open. */
  readonly decidedAt: number | null;
  readonly decisionNote: string;
}
export interface DisputesState extends Loaded {
  readonly disputes: readonly DisputeLine[];
}
export interface DisputesStore extends Store<DisputesState> {
  open(): Promise<void>;
}

/** 16 digits as they are shown: in fours. */
export function emergencyShown(told: EmergencyCodeTold): {
  code: string;
  groups: readonly string[];
  on: string;
  expiresAt: number;
} {
  const groups = groupDigits(told.code, EMERGENCY_GROUP);
  return { code: told.code, groups, on: told.on, expiresAt: told.expires_at };
}

export function createEmergency(): EmergencyStore {
  const empty = { code: "", groups: [], on: "", expiresAt: null };
  const store = createStore<EmergencyState>({ ...NOT_LOADED, ...empty });
  return {
    get state() {
      return store.state;
    },
    subscribe: (hear) => store.subscribe(hear),
    async open() {
      const { expiresAt } = store.state;
      // yesterday's code is worth nothing: better none than one that is refused
      if (expiresAt !== null && expiresAt <= schoolSeconds()) store.set(empty);
      await load(store, readEmergencyCode, emergencyShown);
    },
  };
}

export function createWindows(): WindowsStore {
  const store = createStore<WindowsState>({ ...NOT_LOADED, periods: [], groups: [] });
  return {
    get state() {
      return store.state;
    },
    subscribe: (hear) => store.subscribe(hear),
    async open() {
      const kept = readPlainly<{ told: WindowsTold; asOf: number }>("windows");
      if (store.state.asOf === null && kept !== null) {
        store.set({ ...windowsShown({ ...kept.told, now: "" }), asOf: kept.asOf });
      }
      await load(store, readWindows, (told) => {
        writePlainly("windows", { told, asOf: schoolSeconds() });
        return windowsShown(told);
      });
    },
  };
}

function windowsShown(told: WindowsTold): Pick<WindowsState, "periods" | "groups"> {
  return {
    periods: told.periods.map(({ id, zh, en, begins_minute: begins, ends_minute: ends }) => ({
      id,
      zh,
      en,
      begins: minuteOfDay(begins),
      ends: minuteOfDay(ends),
      isNow: id === told.now,
    })),
    groups: told.groups.map((group) => ({
      groupId: group.group_id,
      zh: group.zh,
      en: group.en,
      priceMode: group.price_mode,
      isAccepted: group.is_accepted,
      serves: group.serves,
      prices: group.prices.map((price) => ({
        periodId: price.period_id,
        nominalFen: price.nominal_fen,
        chargedFen: price.charged_fen,
      })),
      windows: group.windows,
    })),
  };
}

export function createTrail(): TrailStore {
  const store = createStore<TrailState>({ ...NOT_LOADED, lines: [], hasMore: false });
  return {
    get state() {
      return store.state;
    },
    subscribe: (hear) => store.subscribe(hear),
    async open() {
      await load(store, () => readTrail(0), ({ trail }) => ({
        lines: trail,
        hasMore: trail.length === PAGE_LINES,
      }));
    },
    async more() {
      const { lines, hasMore, isLoading } = store.state;
      const last = lines[lines.length - 1];
      if (!hasMore || isLoading || last === undefined) return;
      await load(store, () => readTrail(last.id), ({ trail }) => ({
        lines: [...lines, ...trail],
        hasMore: trail.length === PAGE_LINES,
      }));
    },
  };
}

export function createGuardians(): GuardiansStore {
  const empty = { guardians: [], isAdult: false, invitation: null, invitedUntil: null };
  const store = createStore<GuardiansState>({ ...NOT_LOADED, ...empty });
  const read = (): Promise<boolean> => load(store, readGuardians, guardiansShown);
  return {
    get state() {
      return store.state;
    },
    subscribe: (hear) => store.subscribe(hear),
    async open() {
      store.set({ invitation: null });
      await read();
    },
    async share(guardianId, sees) {
      return (await load(store, () => shareWith(guardianId, sees), () => ({}))) && read();
    },
    async remove(guardianId) {
      return (await load(store, () => removeGuardian(guardianId), () => ({}))) && read();
    },
    invite() {
      return load(store, inviteGuardian, ({ code, expires_at: expiresAt }) => ({
        invitation: { code, expiresAt },
        invitedUntil: expiresAt,
      }));
    },
  };
}

function guardiansShown(told: GuardiansTold): Partial<GuardiansState> {
  return {
    isAdult: told.is_adult,
    invitedUntil: told.invited_until === 0 ? null : told.invited_until,
    guardians: told.guardians.map(({ guardian_id: guardianId, name, since, sees }) => ({
      guardianId,
      name,
      since,
      sees,
    })),
  };
}

export function createDisputes(): DisputesStore {
  const store = createStore<DisputesState>({ ...NOT_LOADED, disputes: [] });
  return {
    get state() {
      return store.state;
    },
    subscribe: (hear) => store.subscribe(hear),
    async open() {
      await load(store, readDisputes, disputesShown);
    },
  };
}

function disputesShown(told: DisputesTold): Pick<DisputesState, "disputes"> {
  return {
    disputes: told.disputes.map((one) => ({
      paymentId: String(one.payment_id),
      merchant: one.merchant,
      occurredAt: one.occurred_at,
      chargedFen: one.charged_fen,
      returnedFen: one.returned_fen,
      reason: one.reason,
      note: one.note,
      isAutomatic: one.is_automatic,
      openedAt: one.opened_at,
      state: one.state,
      decidedAt: one.decided_at === 0 ? null : one.decided_at,
      decisionNote: one.decision_note,
    })),
  };
}
