/** A relative with a link: he sees whom it is for, pays once, and has no account. */
import {
  checkByInvitation,
  orderByInvitation,
  readInvitation,
} from "../services/top_ups";
import { load, NOT_LOADED, type Loaded } from "./loading";
import type { PayDoor } from "./paying";
import { createStore, type Store } from "./store";

export interface InvitedState extends Loaded {
  readonly school: string;
  /** Masked: "王*". */
  readonly holderName: string;
  readonly amountFenMax: number;
  readonly amountsFen: readonly number[];
  readonly expiresAt: number;
  /** "open", "paid", "ended"; "" until it was read. */
  readonly invitation: string;
}

export interface InvitedStore extends Store<InvitedState> {
  open(token: string): Promise<boolean>;
  door(token: string): PayDoor;
}

const INITIAL: InvitedState = {
  ...NOT_LOADED,
  school: "",
  holderName: "",
  amountFenMax: 0,
  amountsFen: [],
  expiresAt: 0,
  invitation: "",
};
/** So much of a token tells two apart on one phone, and pays nothing. */
const PLACE_LETTERS = 8;

export function createInvited(): InvitedStore {
  const store = createStore<InvitedState>(INITIAL);
  const open = (token: string): Promise<boolean> =>
    load(store, () => readInvitation(token), (told) => ({
      school: told.school,
      holderName: told.holder_name,
      amountFenMax: told.amount_fen_max,
      amountsFen: told.amounts_fen,
      expiresAt: told.expires_at,
      invitation: told.state,
    }));
  return {
    get state() {
      return store.state;
    },
    subscribe: (hear) => store.subscribe(hear),
    async open(token) {
      store.set(INITIAL);
      return open(token);
    },
    door: (token) => ({
      place: `/open/invitations/${token.slice(-PLACE_LETTERS)}`,
      audience: "nobody",
      order: (requestKey, amountFen) => orderByInvitation(token, requestKey, amountFen),
      sheet: ({ requestKey, amountFen }) => orderByInvitation(token, requestKey, amountFen),
      check: () => checkByInvitation(token),
      paid: () => void open(token),
    }),
  };
}
