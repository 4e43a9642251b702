/** The card's store: everything the card page shows and does. */
import { groupDigits, issueCode, stepAt, stepProgress } from "../models/campus_code";
import { WRONG_CLOCK_MS } from "../models/clock";
import {
  afterRefusedLift,
  cardShown,
  newCard,
  phaseOf,
  withAnswer,
  withState,
  type HeldCard,
} from "../models/held_card";
import { shortMoment } from "../models/moment";
import { word, type Notice } from "../models/notice";
import { coveredUntil, secretsAt, type Secrets } from "../models/secrets";
import type { BoundTold, CardTold, FreezeTold, SecretsListTold, StateTold } from "../models/wire";
import { forgetKept, forgetSecrets, keepCard, keepSecrets, loadKept } from "../services/card_keeping";
import { onNetwork, tick as tickFinger } from "../services/device";
import { isAway, noticeOf, RefusedError, SessionEndedError } from "../services/errors";
import { clockOffsetMs, schoolMs } from "../services/school_clock";
import { forgetSession } from "../services/sessions";
import { onStorageTrouble } from "../services/storage";
import {
  FREEZES_PATH,
  liftFreeze,
  readCard,
  readFreeze,
  readSecretsList,
} from "../services/student";
import { onOutcome, sendFreeze, takeBack, unsentParts, type Outcome } from "../services/unsent";
import { INITIAL, type BoundCardStore, type CardState, type FreezePart } from "./card";
import { createReach, reachOf } from "./reach";
import { createScreen } from "./screen";
import { createStore } from "./store";

const SECOND_MS = 1000;
const FORBIDDEN = 403;
/** With less than this left, an offline phone is told to go online. */
const SECRETS_LOW_SECONDS = 2 * 86_400;

export class CardOnPhone implements BoundCardStore {
  private readonly store = createStore<CardState>(INITIAL);
  private readonly screen = createScreen({
    onShot: () => this.hide(),
    onRecording: (isOn) => this.record(isOn),
    onHce: (hce) => this.store.set({ hce }),
  });
  private readonly reach = createReach(
    readFreeze,
    (told) => this.hearReach(told),
    (error) => this.hearTrouble(error),
  );
  private card: HeldCard | null = null;
  private secrets: readonly Secrets[] = [];
  private loading: Promise<void> | null = null;
  private refreshing: Promise<void> | null = null;
  private isOpen = false;
  private isDrawn = false;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private endNetwork: (() => void) | null = null;
  /** The step whose code is on the screen, -1 for none; its code is made once. */
  private step = -1;
  /** The step the screen and NFC have; another one while the page is closed. */
  private shownStep = -1;
  private hiddenStep = -1;
  private isRecorded = false;
  /** Rises with everything the holder does: an older answer no longer says how the card is. */
  private deeds = 0;
  /** What happened last, and what is wrong with the network; the first goes before. */
  private event: Notice | null = null;
  private trouble: Notice | null = null;
  /** The server does not know this WeChat account: not asked again at every opening. */
  private isStranger = false;

  constructor() {
    onOutcome((outcome) => this.hearOutcome(outcome));
    onStorageTrouble((error) => this.say(noticeOf(error)));
  }

  get state(): CardState {
    return this.store.state;
  }

  subscribe(hear: (state: CardState) => void): () => void {
    return this.store.subscribe(hear);
  }

  load(): Promise<void> {
    this.loading ??= loadKept().then((kept) => {
      if (this.card === null && kept.card !== null) this.show(kept.card);
      if (this.secrets.length === 0) this.secrets = kept.secrets;
      this.tick();
    });
    return this.loading;
  }

  async open(drawn: Promise<void> = Promise.resolve()): Promise<void> {
    this.isOpen = true;
    await this.load();
    if (!this.isOpen) return; // closed while storage was read
    this.screen.open();
    this.run();
    void drawn.then(() => this.goOn());
  }

  close(): void {
    this.isOpen = false;
    this.isDrawn = false;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.endNetwork?.();
    this.endNetwork = null;
    this.shownStep = -1;
    this.screen.close();
  }

  tick(): void {
    const ms = schoolMs();
    const at = Math.floor(ms / SECOND_MS);
    const unsent = unsentParts(FREEZES_PATH);
    const phase = this.loading === null ? "starting" : phaseOf(this.card, this.secrets, unsent, at);
    const shown = phase === "ready" ? secretsAt(this.secrets, at) : null;
    this.store.set({
      phase,
      ...stepProgress(ms),
      ...this.codeAt(at, shown),
      ...cardShown(this.card, this.secrets, unsent, at),
      isHidden: this.isHiddenAt(at),
      notice: this.noticeAt(at),
    });
    this.watchReach(at);
  }

  refresh(): Promise<void> {
    if (this.refreshing !== null) return this.refreshing;
    const done = (): void => {
      this.refreshing = null;
      this.store.set({ isRefreshing: false });
      this.tick();
    };
    this.store.set({ isRefreshing: true });
    this.refreshing = this.ask().then(done, (error: unknown) => {
      done();
      throw error;
    });
    return this.refreshing;
  }

  async freeze(parts: readonly FreezePart[]): Promise<void> {
    this.deeds += 1;
    this.event = word("card.freeze_sending");
    const sent = sendFreeze({ audience: "student", path: FREEZES_PATH, parts });
    this.tick();
    tickFinger();
    await sent;
  }

  async found(): Promise<void> {
    this.deeds += 1;
    if (unsentParts(FREEZES_PATH).length > 0) {
      takeBack(FREEZES_PATH);
      this.say(word("card.lifted"));
      return;
    }
    const { liftSecondsLeft: seconds } = this.state;
    if (seconds > 0) return this.say(word("card.lift_wait", { seconds }));
    try {
      this.apply(await liftFreeze());
      this.say(word("card.lifted"));
    } catch (error) {
      this.hearLiftTrouble(error);
    }
  }

  hide(): void {
    this.hiddenStep = stepAt(Math.floor(schoolMs() / SECOND_MS));
    this.say(word("card.captured"));
  }

  dismissNotice(): void {
    this.event = null;
    this.trouble = null;
    this.tick();
  }

  async adopt(bound: BoundTold): Promise<void> {
    await this.load();
    this.deeds += 1;
    this.step = -1;
    this.secrets = keepSecrets(bound.secrets, []);
    this.hold(newCard(bound.card_number, bound.issue));
    takeBack(FREEZES_PATH);
    this.isStranger = false;
    this.dismissNotice();
    await this.refreshing; // it asked for the phone as it was before
    await this.refresh();
  }

  async forget(): Promise<void> {
    await this.load();
    this.deeds += 1;
    this.step = -1;
    this.card = null;
    this.secrets = [];
    this.isStranger = true;
    this.store.set({ freeze: null, purses: [], isOffline: false });
    this.dismissNotice();
    await forgetKept();
  }

  /** All that the first code did not need. */
  private goOn(): void {
    if (!this.isOpen) return;
    this.isDrawn = true;
    this.tick();
    this.endNetwork ??= onNetwork(() => void this.refresh());
    if (this.card !== null || !this.isStranger) void this.refresh();
  }

  /** Tick at every full second of school time. */
  private run(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.tick();
    const next = SECOND_MS - (schoolMs() % SECOND_MS);
    this.timer = setTimeout(() => this.run(), next);
  }

  private say(event: Notice): void {
    this.event = event;
    this.tick();
  }

  private record(isOn: boolean): void {
    this.isRecorded = isOn;
    // what was filmed is not shown again: the next code follows
    if (!isOn) this.hiddenStep = stepAt(Math.floor(schoolMs() / SECOND_MS));
    this.say(word(isOn ? "card.recorded" : "card.captured"));
  }

  private isHiddenAt(at: number): boolean {
    return this.isRecorded || this.hiddenStep === stepAt(at);
  }

  /** The code of this moment, made once for its step; light and NFC follow it. */
  private codeAt(at: number, shown: Secrets | null): Partial<CardState> {
    const digits = shown === null ? null : this.digitsAt(at, shown);
    if (shown === null || digits === null) {
      this.step = -1;
      this.shownStep = -1;
      this.screen.blank();
      return { digits: "", groups: [] };
    }
    this.step = stepAt(at);
    if (this.isDrawn && this.shownStep !== this.step) {
      this.shownStep = this.step;
      this.screen.show(shown, digits);
    }
    if (this.isHiddenAt(at)) return { digits: "", groups: [] };
    return digits === this.state.digits ? {} : { digits, groups: groupDigits(digits) };
  }

  private digitsAt(at: number, secrets: Secrets): string | null {
    const isMade = this.step === stepAt(at) && this.state.digits !== "";
    return isMade ? this.state.digits : issueCode(secrets, at);
  }

  private noticeAt(at: number): Notice | null {
    const isCaptured = this.event?.kind === "word" && this.event.key === "card.captured";
    if (isCaptured && !this.isHiddenAt(at)) this.event = null;
    if (this.event !== null) return this.event;
    if (this.trouble !== null && !this.state.isOffline) return this.trouble;
    const until = coveredUntil(this.secrets, at);
    const isLow = until !== null && until - at < SECRETS_LOW_SECONDS;
    if (this.state.isOffline && isLow) {
      return word("card.secrets_end_soon", { until: shortMoment(until) });
    }
    return this.trouble;
  }

  private async ask(): Promise<void> {
    await this.load();
    if (this.card?.isReplaced === true) return; // only binding anew makes it this phone's again
    const { deeds } = this;
    try {
      const [told, list] = await Promise.all([readCard(), readSecretsList()]);
      this.store.set({ isOffline: false });
      if (deeds === this.deeds) this.learn(told, list);
      this.trouble = this.clockTrouble();
    } catch (error) {
      const isStillAsked = deeds === this.deeds || isAway(error);
      if (isStillAsked) this.hearTrouble(error);
    }
  }

  /** What the server says of the card, unless it speaks of somebody else's phone. */
  private learn(told: CardTold, list: SecretsListTold): void {
    const { card } = this;
    if (card !== null && card.issue !== told.issue) return this.lose();
    this.secrets = keepSecrets(list.secrets, this.secrets);
    const wasActive = card?.state === "active" && card.asOf !== null;
    const isNewlyFrozen = wasActive && told.state === "frozen";
    if (isNewlyFrozen) this.event = word("card.frozen_elsewhere");
    this.hold(withAnswer(card ?? newCard(told.card_number, told.issue), told, list.server_at));
    this.reach.again();
  }

  /** The server's answer to something the holder did. */
  private apply(told: StateTold): void {
    this.deeds += 1;
    const card = this.card;
    if (card !== null) {
      const wasFrozen = card.state === "frozen" || card.areDoorsFrozen; // by whom, is not told here
      this.hold({ ...withState(card, told), isLiftMine: card.isLiftMine || !wasFrozen });
    }
    this.reach.again();
  }

  private hold(card: HeldCard): void {
    this.show(card);
    void keepCard(card);
  }

  private show(card: HeldCard): void {
    this.card = card;
    const purses = Object.entries(card.pursesFen);
    this.store.set({
      purses: purses.map(([purse, balanceFen]) => ({ purse, balanceFen })),
      ...(card.state === "frozen" ? {} : { freeze: null }),
    });
  }

  /** Another phone has the card, or it was reported lost: this one shows no codes any more. */
  private lose(): void {
    if (this.card === null) return;
    this.secrets = [];
    this.hold({ ...this.card, isReplaced: true });
    this.event = word("card.replaced");
    void forgetSecrets();
    void forgetSession("student");
  }

  private hearTrouble(error: unknown): void {
    if (error instanceof SessionEndedError) {
      this.store.set({ isOffline: false });
      if (error.isUnbound) return this.lose();
      this.isStranger = this.card === null;
      this.trouble = this.card === null || this.card.isReplaced ? null : noticeOf(error);
      return;
    }
    this.trouble = noticeOf(error);
    this.store.set({ isOffline: isAway(error) });
  }

  private hearOutcome(outcome: Outcome): void {
    if (outcome.path !== FREEZES_PATH) return;
    if (outcome.told !== null) {
      this.event = null;
      this.store.set({ isOffline: false });
      this.apply(outcome.told);
    } else if (outcome.isWaiting) {
      this.event = word("card.freeze_waiting");
      this.store.set({ isOffline: true });
    } else {
      // the school said no: what was shown is taken back, and why is said
      const { error } = outcome;
      this.event = error instanceof RefusedError ? noticeOf(error) : word("card.freeze_failed");
      void this.refresh();
    }
    this.tick();
  }

  private hearLiftTrouble(error: unknown): void {
    if (isAway(error)) return this.say(word("card.lift_needs_network"));
    if (error instanceof RefusedError && this.card !== null) {
      const at = Math.floor(schoolMs() / SECOND_MS);
      const isForbidden = error.refusal.status === FORBIDDEN;
      this.hold(afterRefusedLift(this.card, at, error.seconds, isForbidden));
    }
    this.say(noticeOf(error));
  }

  private watchReach(at: number): void {
    const { isMoneyFrozen, isFreezeUnsent, freeze } = this.state;
    if (!this.isOpen || !isMoneyFrozen || isFreezeUnsent || this.card === null) return;
    this.reach.watch(at, this.card.frozenAt, freeze);
  }

  private hearReach(told: FreezeTold): void {
    if (this.card === null || this.state.isFreezeUnsent) return;
    this.hold(withState(this.card, told));
    this.store.set({ freeze: told.state === "frozen" ? reachOf(told) : null });
    this.tick();
  }

  private clockTrouble(): Notice | null {
    const offsetMs = Math.abs(clockOffsetMs());
    if (offsetMs < WRONG_CLOCK_MS) return null;
    return word("card.clock_wrong", { seconds: Math.round(offsetMs / SECOND_MS) });
  }
}
