/** Topping up: what may be paid, what was paid, and invitations for relatives. */
import type { TopUpInvitationTold, TopUpStateWord, TopUpsTold, TopUpTold } from "../models/wire";
import {
  audienceOf,
  askSheet,
  checkTopUp,
  endTopUpInvitation,
  makeTopUpInvitation,
  orderTopUp,
  OWN,
  readTopUpInvitations,
  readTopUps,
  topUpsPath,
  type Whose,
} from "../services/top_ups";
import { load, NOT_LOADED, type Loaded } from "./loading";
import type { PayDoor } from "./paying";
import { createStore, type OwnStore, type Store } from "./store";

export { OWN, type Whose };

export interface TopUpLine {
  readonly number: string;
  readonly amountFen: number;
  readonly state: TopUpStateWord;
  readonly startedAt: number;
  /** null: not paid. */
  readonly paidAt: number | null;
}

export interface TopUpInvitation {
  readonly invitationId: number;
  readonly amountFenMax: number;
  readonly expiresAt: number;
  readonly state: TopUpInvitationTold["state"];
}

/** An invitation made just now: the only time its token is known. */
export interface MadeTopUpInvitation {
  readonly invitationId: number;
  readonly token: string;
  readonly amountFenMax: number;
  readonly expiresAt: number;
}

export interface TopUpsState extends Loaded {
  readonly whose: Whose;
  /** The school takes WeChat Pay. */
  readonly isOn: boolean;
  readonly amountFenMax: number;
  readonly amountsFen: readonly number[];
  readonly lastAmountFen: number | null;
  /** For how many more days the money lasts, by what was spent lately; null: not known. */
  readonly daysLeft: number | null;
  readonly isLow: boolean;
  /** Newest first. */
  readonly lines: readonly TopUpLine[];
  readonly invitations: readonly TopUpInvitation[];
  readonly made: MadeTopUpInvitation | null;
}

export interface TopUpsStore extends Store<TopUpsState> {
  open(whose: Whose): Promise<void>;
  /** What paying needs to know of this purse. */
  door(whose: Whose): PayDoor;
  openInvitations(whose: Whose): Promise<void>;
  invite(whose: Whose, amountFenMax: number, days: number): Promise<boolean>;
  endInvitation(whose: Whose, invitationId: number): Promise<boolean>;
}

/** What the session store, and nobody else, may do. */
export interface OwnTopUpsStore extends TopUpsStore {
  forget(): void;
}

/** Who shows a balance that a top-up changes. */
export interface Balances {
  refreshOwn(): void;
  refreshChildren(): void;
}

const INITIAL: TopUpsState = {
  ...NOT_LOADED,
  whose: OWN,
  isOn: true,
  amountFenMax: 0,
  amountsFen: [],
  lastAmountFen: null,
  daysLeft: null,
  isLow: false,
  lines: [],
  invitations: [],
  made: null,
};

export class TopUps implements OwnTopUpsStore {
  private readonly store: OwnStore<TopUpsState> = createStore(INITIAL);
  private readonly balances: Balances;

  constructor(balances: Balances) {
    this.balances = balances;
  }

  get state(): TopUpsState {
    return this.store.state;
  }

  subscribe(hear: (state: TopUpsState) => void): () => void {
    return this.store.subscribe(hear);
  }

  async open(whose: Whose): Promise<void> {
    if (whose !== this.state.whose) this.store.set({ ...INITIAL, whose });
    await load(this.store, () => readTopUps(whose), (told) =>
      whose === this.state.whose ? shown(told) : {},
    );
  }

  door(whose: Whose): PayDoor {
    return {
      place: topUpsPath(whose),
      audience: audienceOf(whose),
      order: (requestKey, amountFen) => orderTopUp(whose, requestKey, amountFen),
      sheet: ({ number }) => askSheet(whose, number ?? ""),
      check: ({ number }) => checkTopUp(whose, number ?? ""),
      paid: () => {
        if (whose === OWN) this.balances.refreshOwn();
        else this.balances.refreshChildren();
        void this.open(whose);
      },
    };
  }

  async openInvitations(whose: Whose): Promise<void> {
    if (whose !== this.state.whose) this.store.set({ ...INITIAL, whose });
    this.store.set({ made: null });
    await Promise.all([this.open(whose), this.readInvitations(whose)]);
  }

  async invite(whose: Whose, amountFenMax: number, days: number): Promise<boolean> {
    const isMade = await load(
      this.store,
      () => makeTopUpInvitation(whose, amountFenMax, days),
      ({ invitation_id: invitationId, token, expires_at: expiresAt }) => ({
        made: { invitationId, token, amountFenMax, expiresAt },
      }),
    );
    if (isMade) await this.readInvitations(whose);
    return isMade;
  }

  async endInvitation(whose: Whose, invitationId: number): Promise<boolean> {
    const isEnded = await load(
      this.store,
      () => endTopUpInvitation(whose, invitationId),
      () => (this.state.made?.invitationId === invitationId ? { made: null } : {}),
    );
    if (isEnded) await this.readInvitations(whose);
    return isEnded;
  }

  /** Logged out. */
  forget(): void {
    this.store.set(INITIAL);
  }

  private async readInvitations(whose: Whose): Promise<void> {
    await load(this.store, () => readTopUpInvitations(whose), ({ invitations }) => ({
      invitations: invitations.map((one) => ({
        invitationId: one.invitation_id,
        amountFenMax: one.amount_fen_max,
        expiresAt: one.expires_at,
        state: one.state,
      })),
    }));
  }
}

function shown(told: TopUpsTold): Partial<TopUpsState> {
  return {
    isOn: told.is_on,
    amountFenMax: told.amount_fen_max,
    amountsFen: told.amounts_fen,
    lastAmountFen: told.last_amount_fen,
    daysLeft: told.days_left,
    isLow: told.is_low,
    lines: told.top_ups.map(lineOf),
  };
}

function lineOf(told: TopUpTold): TopUpLine {
  return {
    number: told.number,
    amountFen: told.amount_fen,
    state: told.state,
    startedAt: told.started_at,
    paidAt: told.paid_at,
  };
}
