/** Payments of one month, what they add up to, and disputes about them. */
import { word, type Notice } from "../models/notice";
import { spendingOf, type Spending } from "../models/spending";
import { paymentLine, withDispute, type PaymentLine } from "../models/statement";
import type { PaymentsTold, PaymentTold } from "../models/wire";
import { isAway, noticeOf } from "../services/errors";
import { schoolSeconds } from "../services/school_clock";
import { readSecretly, writeSecretly } from "../services/storage";
import { openDispute, readPayments, readSpending } from "../services/student";
import { createStore, type OwnStore, type Store } from "./store";

export type { DaySpent, MerchantSpent, MonthSpent, PeriodSpent, Spending } from "../models/spending";

export type DisputeReason = "not_me" | "wrong_amount" | "twice" | "other";

export interface StatementState {
  /** "YYYYMM"; "" for the newest payments whatever their month. */
  readonly month: string;
  readonly lines: readonly PaymentLine[];
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  readonly spending: Spending | null;
  /** The line the payment page shows. */
  readonly chosen: PaymentLine | null;
  readonly isDisputing: boolean;
  readonly isOffline: boolean;
  /** Unix seconds of what is shown; null: nothing yet. */
  readonly asOf: number | null;
  readonly notice: Notice | null;
}

export interface StatementStore extends Store<StatementState> {
  /** The kept page at once, then the server's. */
  open(month?: string): Promise<void>;
  more(): Promise<void>;
  /** The month's sums, for the spending page. */
  openSpending(month: string): Promise<void>;
  /** Choose by id, for the payment page; from what is loaded. */
  choose(paymentId: string): void;
  dispute(paymentId: string, reason: DisputeReason, note?: string): Promise<boolean>;
  dismissNotice(): void;
}

/** What the session store, and nobody else, may do. */
export interface OwnStatementStore extends StatementStore {
  forget(): void;
}

const INITIAL: StatementState = {
  month: "",
  lines: [],
  hasMore: false,
  isLoading: false,
  spending: null,
  chosen: null,
  isDisputing: false,
  isOffline: false,
  asOf: null,
  notice: null,
};

/** The newest page, for an opening without a network. */
interface KeptPage {
  readonly payments: readonly PaymentTold[];
  readonly asOf: number;
}

export class Statement implements OwnStatementStore {
  private readonly store: OwnStore<StatementState> = createStore(INITIAL);
  /** Where the next page begins, 0: there is none. */
  private next = 0;
  /** Rises with every opening: an answer to an older one is not shown. */
  private opening = 0;
  /** The same for the month's sums. */
  private asking = 0;

  get state(): StatementState {
    return this.store.state;
  }

  subscribe(hear: (state: StatementState) => void): () => void {
    return this.store.subscribe(hear);
  }

  async open(month = ""): Promise<void> {
    const opening = this.begin();
    const isOther = month !== this.state.month;
    this.store.set({ month, isLoading: true, notice: null });
    if (isOther) this.store.set({ lines: [], hasMore: false, asOf: null });
    if (month === "" && this.state.lines.length === 0) await this.showKept(opening);
    await this.load(opening, 0);
  }

  async more(): Promise<void> {
    if (this.next === 0 || this.state.isLoading) return;
    this.store.set({ isLoading: true, notice: null });
    await this.load(this.opening, this.next);
  }

  async openSpending(month: string): Promise<void> {
    this.asking += 1;
    const { asking } = this;
    const isOther = this.state.spending?.month !== month;
    this.store.set({ isLoading: true, notice: null });
    if (isOther) this.store.set({ spending: null, asOf: null });
    try {
      const spending = spendingOf(await readSpending(month));
      if (asking !== this.asking) return;
      this.store.set({ spending, isLoading: false, isOffline: false, asOf: schoolSeconds() });
    } catch (error) {
      this.hearTrouble(error, asking === this.asking);
    }
  }

  choose(paymentId: string): void {
    const chosen = this.state.lines.find((line) => line.paymentId === paymentId) ?? null;
    this.store.set({ chosen, notice: null });
  }

  async dispute(paymentId: string, reason: DisputeReason, note = ""): Promise<boolean> {
    if (this.state.isDisputing) return false;
    this.store.set({ isDisputing: true, notice: null });
    try {
      const told = await openDispute(Number(paymentId), reason, note.trim());
      this.mark(paymentId, told.state);
      this.store.set({ isDisputing: false, isOffline: false, notice: word("dispute.sent") });
      return true;
    } catch (error) {
      const notice = noticeOf(error);
      this.store.set({ isDisputing: false, isOffline: isAway(error), notice });
      return false;
    }
  }

  dismissNotice(): void {
    this.store.set({ notice: null });
  }

  /** Logged out: nobody else's payments are shown to the next. */
  forget(): void {
    this.begin();
    this.asking += 1;
    this.next = 0;
    this.store.set(INITIAL);
  }

  private begin(): number {
    this.opening += 1;
    return this.opening;
  }

  private async showKept(opening: number): Promise<void> {
    const kept = await readSecretly<KeptPage>("statement");
    if (kept === null || opening !== this.opening) return;
    this.store.set({ lines: kept.payments.map(paymentLine), asOf: kept.asOf });
  }

  private async load(opening: number, before: number): Promise<void> {
    const { month } = this.state;
    try {
      const told = await readPayments(month, before);
      if (opening !== this.opening) return;
      this.show(told, before);
      if (month === "" && before === 0) {
        const kept: KeptPage = { payments: told.payments, asOf: schoolSeconds() };
        void writeSecretly("statement", kept);
      }
    } catch (error) {
      this.hearTrouble(error, opening === this.opening);
    }
  }

  private show(told: PaymentsTold, before: number): void {
    const lines = told.payments.map(paymentLine);
    this.next = told.next;
    this.store.set({
      lines: before === 0 ? lines : [...this.state.lines, ...lines],
      hasMore: told.next !== 0,
      isLoading: false,
      isOffline: false,
      asOf: schoolSeconds(),
    });
  }

  private mark(paymentId: string, dispute: string): void {
    const marked = (line: PaymentLine): PaymentLine =>
      line.paymentId === paymentId ? withDispute(line, dispute) : line;
    const { lines, chosen } = this.state;
    this.store.set({
      lines: lines.map(marked),
      chosen: chosen === null ? null : marked(chosen),
    });
  }

  private hearTrouble(error: unknown, isStillWanted: boolean): void {
    const notice = noticeOf(error);
    if (!isStillWanted) return;
    this.store.set({ isLoading: false, isOffline: isAway(error), notice });
  }
}
