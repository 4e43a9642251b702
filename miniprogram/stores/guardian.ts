/** The guardian's pages: the children, and one child. */
import { canLiftAt, newCard } from "../models/held_card";
import { word } from "../models/notice";
import { paymentLine, type PaymentLine } from "../models/statement";
import type { ChildTold, FreezeTold, StateTold } from "../models/wire";
import { tick } from "../services/device";
import { isAway, noticeOf, RefusedError } from "../services/errors";
import {
  childFreezesPath,
  liftChildFreeze,
  readChildEmergency,
  readChildFreeze,
  readChildPayments,
  readChildren,
} from "../services/guardian";
import { schoolSeconds } from "../services/school_clock";
import { readSecretly, writeSecretly } from "../services/storage";
import { onOutcome, sendFreeze, takeBack, unsentParts, type Outcome } from "../services/unsent";
import type { FreezePart, FreezeReach } from "./card";
import { load, NOT_LOADED } from "./loading";
import { createReach, reachOf } from "./reach";
import { createStore, type OwnStore, type Store } from "./store";
import { emergencyShown, type Loaded, type Sees } from "./student";

export interface ChildView {
  readonly cardholderId: number;
  readonly name: string;
  readonly classId: number;
  readonly department: string;
  readonly sees: Sees;
  /** An adult decides himself what is seen. */
  readonly isAdult: boolean;
  /** 0: there is no card. */
  readonly cardId: number;
  /** "active", "frozen", "lost", "closed", or "none". */
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
  /** Seconds of the chosen child's cool-down that are left. */
  readonly liftSecondsLeft: number;
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
  /** Leave the child page: nothing is counted behind it. */
  closeChild(): void;
  dismissNotice(): void;
}

/** What the session store, and nobody else, may do. */
export interface OwnGuardianStore extends GuardianStore {
  forget(): void;
}

const INITIAL: GuardianState = {
  ...NOT_LOADED,
  children: [],
  chosen: null,
  lines: [],
  hasMore: false,
  freeze: null,
  canLiftAt: null,
  liftSecondsLeft: 0,
  emergency: null,
};
const FORBIDDEN = 403;
const COUNT_MS = 1000;

/** The children page's last answer, for an opening without a network. */
interface KeptChildren {
  readonly children: readonly ChildTold[];
  readonly asOf: number;
}

export class Guardian implements OwnGuardianStore {
  private readonly store: OwnStore<GuardianState> = createStore(INITIAL);
  private readonly reach = createReach(
    () => readChildFreeze(this.chosenId),
    (told) => this.hearFreeze(this.chosenId, told),
    (error) => this.hearTrouble(error),
  );
  private told: readonly ChildTold[] = [];
  private chosenId = 0;
  private frozenAt = 0;
  private next = 0;
  private timer: ReturnType<typeof setInterval> | null = null;

  constructor() {
    onOutcome((outcome) => this.hearOutcome(outcome));
  }

  get state(): GuardianState {
    return this.store.state;
  }

  subscribe(hear: (state: GuardianState) => void): () => void {
    return this.store.subscribe(hear);
  }

  async open(): Promise<void> {
    if (this.told.length === 0) {
      const kept = await readSecretly<KeptChildren>("children");
      if (kept !== null && this.told.length === 0) {
        this.hold(kept.children);
        this.store.set({ asOf: kept.asOf });
      }
    }
    await this.readAll();
  }

  async openChild(cardholderId: number): Promise<void> {
    this.chosenId = cardholderId;
    this.frozenAt = 0;
    this.next = 0;
    this.store.set({ lines: [], hasMore: false, freeze: null, emergency: null, notice: null });
    this.show();
    this.reach.again();
    this.count();
    if (!(await this.readAll()) || this.chosenId !== cardholderId) return;
    if (this.state.chosen?.sees === "all") await this.readPage(cardholderId, 0);
  }

  async more(): Promise<void> {
    if (this.next === 0 || this.state.isLoading) return;
    await this.readPage(this.chosenId, this.next);
  }

  async freeze(cardholderId: number, parts: readonly FreezePart[]): Promise<void> {
    const path = childFreezesPath(cardholderId);
    const sent = sendFreeze({ audience: "guardian", path, parts });
    this.store.set({ notice: word("card.freeze_sending") });
    this.show();
    tick();
    await sent;
  }

  async found(cardholderId: number): Promise<boolean> {
    const path = childFreezesPath(cardholderId);
    if (unsentParts(path).length > 0) {
      takeBack(path);
      this.store.set({ notice: word("card.lifted") });
      this.show();
      return true;
    }
    try {
      this.hearState(cardholderId, await liftChildFreeze(cardholderId));
      this.store.set({ notice: word("card.lifted"), isOffline: false });
      return true;
    } catch (error) {
      if (error instanceof RefusedError && error.refusal.status === FORBIDDEN) {
        this.change(cardholderId, { is_frozen_by_me: false });
      }
      const notice = isAway(error) ? word("card.lift_needs_network") : noticeOf(error);
      this.store.set({ notice, isOffline: isAway(error) });
      return false;
    }
  }

  showEmergency(cardholderId: number): Promise<boolean> {
    return load(
      this.store,
      () => readChildEmergency(cardholderId),
      (told) => ({ emergency: emergencyShown(told) }),
    );
  }

  hideEmergency(): void {
    this.store.set({ emergency: null });
  }

  closeChild(): void {
    this.chosenId = 0;
    this.store.set({ emergency: null, notice: null });
    this.show();
    this.stopCounting();
  }

  dismissNotice(): void {
    this.store.set({ notice: null });
  }

  /** Logged out. */
  forget(): void {
    this.told = [];
    this.chosenId = 0;
    this.stopCounting();
    this.store.set(INITIAL);
  }

  private readAll(): Promise<boolean> {
    return load(this.store, readChildren, ({ children }) => {
      const kept: KeptChildren = { children, asOf: schoolSeconds() };
      void writeSecretly("children", kept);
      this.hold(children);
      return {};
    });
  }

  private async readPage(cardholderId: number, before: number): Promise<void> {
    await load(
      this.store,
      () => readChildPayments(cardholderId, before),
      (told) => {
        if (cardholderId !== this.chosenId) return {};
        this.next = told.next;
        const lines = told.payments.map(paymentLine);
        const shown = before === 0 ? lines : [...this.state.lines, ...lines];
        return { lines: shown, hasMore: told.next !== 0 };
      },
    );
  }

  private hold(children: readonly ChildTold[]): void {
    this.told = children;
    this.show();
  }

  /** Every child as the answers and the unsent freezes say. */
  private show(): void {
    const children = this.told.map(childView);
    const chosen = children.find((child) => child.cardholderId === this.chosenId) ?? null;
    const liftAt = chosen === null ? null : this.liftAt(chosen);
    const liftSecondsLeft = Math.max(0, (liftAt ?? 0) - schoolSeconds());
    this.store.set({ children, chosen, canLiftAt: liftAt, liftSecondsLeft });
    if (chosen?.cardState !== "frozen") this.store.set({ freeze: null });
  }

  private liftAt(child: ChildView): number | null {
    const card = this.told.find((one) => one.cardholder_id === child.cardholderId)?.card;
    if (card === null || card === undefined) return null;
    const { state, are_doors_frozen: areDoorsFrozen, is_frozen_by_me: isLiftMine } = card;
    const { frozenAt } = this;
    const held = { ...newCard("", 0), state, areDoorsFrozen, frozenAt, isLiftMine };
    return canLiftAt(held, unsentParts(childFreezesPath(child.cardholderId)));
  }

  private change(cardholderId: number, changes: Partial<ChildCard>): void {
    const changed = (one: ChildTold): ChildTold =>
      one.cardholder_id === cardholderId && one.card !== null
        ? { ...one, card: { ...one.card, ...changes } }
        : one;
    this.hold(this.told.map(changed));
  }

  private hearState(cardholderId: number, told: StateTold): void {
    const { state, are_doors_frozen, frozen_at: frozenAt } = told;
    if (cardholderId === this.chosenId) this.frozenAt = frozenAt;
    this.change(cardholderId, { state, are_doors_frozen });
  }

  private hearFreeze(cardholderId: number, told: FreezeTold): void {
    if (cardholderId !== this.chosenId) return;
    this.hearState(cardholderId, told);
    if (told.state === "frozen") this.store.set({ freeze: reachOf(told) });
  }

  private hearOutcome(outcome: Outcome): void {
    const child = this.told.find((one) => childFreezesPath(one.cardholder_id) === outcome.path);
    if (child === undefined) return;
    const { told, isWaiting, error } = outcome;
    if (told !== null) {
      const wasActive = child.card?.state === "active" && !child.card.are_doors_frozen;
      this.reach.again();
      this.store.set({ notice: null, isOffline: false });
      if (wasActive) this.change(child.cardholder_id, { is_frozen_by_me: true });
      this.hearState(child.cardholder_id, told);
      return;
    }
    const notice = isWaiting
      ? word("card.freeze_waiting")
      : error instanceof RefusedError
        ? noticeOf(error)
        : word("card.freeze_failed");
    this.store.set({ notice, isOffline: isWaiting });
    this.show();
  }

  private hearTrouble(error: unknown): void {
    this.store.set({ notice: noticeOf(error), isOffline: isAway(error) });
  }

  /** While the child's page is open and the card is frozen, how many terminals know. */
  private count(): void {
    this.stopCounting();
    this.timer = setInterval(() => {
      const { chosen, freeze } = this.state;
      if (chosen?.cardState !== "frozen" || chosen.isFreezeUnsent) return;
      const left = Math.max(0, (this.state.canLiftAt ?? 0) - schoolSeconds());
      this.store.set({ liftSecondsLeft: left });
      this.reach.watch(schoolSeconds(), this.frozenAt, freeze);
    }, COUNT_MS);
  }

  private stopCounting(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }
}

type ChildCard = NonNullable<ChildTold["card"]>;

function childView(told: ChildTold): ChildView {
  const { card } = told;
  const unsent = unsentParts(childFreezesPath(told.cardholder_id));
  const isFrozen = card?.state === "active" && unsent.includes("money");
  return {
    cardholderId: told.cardholder_id,
    name: told.name,
    classId: told.class_id,
    department: told.department,
    isAdult: told.is_adult,
    sees: told.sees,
    cardId: card?.card_id ?? 0,
    cardState: isFrozen ? "frozen" : (card?.state ?? "none"),
    areDoorsFrozen: card?.are_doors_frozen === true || unsent.includes("doors"),
    cardNumberTail: card?.card_number_tail ?? "",
    balanceFen: told.balance_fen,
    spentTodayFen: told.spent_today_fen,
    isFreezeUnsent: unsent.length > 0,
  };
}
