/** What the server takes and answers, as far as the phone uses it: generated in api.ts. */
export type {
  BindingCodeTold,
  BoundTold,
  CardTold,
  CardholderTold,
  DisputesTold,
  EmergencyCodeTold,
  ErrorTold,
  FreezeTold,
  HeldCardTold,
  PaymentTold,
  PaymentsTold,
  SecretsListTold,
  SecretsTold,
  SpendingTold,
  StaffSessionTold,
  StateTold,
  TrailTold,
  WindowsTold,
} from "./api";

export type CardStateWord = "active" | "frozen" | "lost" | "closed";
export type PartWord = "money" | "doors";
export type SeesWord = "state" | "balance" | "all";

export interface SessionTold {
  session: string;
  expires_at: number;
}
export interface GuardiansTold {
  guardians: { guardian_id: number; name: string; since: number; sees: SeesWord }[];
  is_adult: boolean;
}
export interface InvitationTold {
  code: string;
  expires_at: number;
}
export interface ChildTold {
  cardholder_id: number;
  name: string;
  class_id: number;
  department: string;
  sees: SeesWord;
  card: {
    card_id: number;
    state: CardStateWord;
    are_doors_frozen: boolean;
    card_number_tail: string;
  };
  balance_fen: number | null;
  spent_today_fen: number | null;
}
export interface ChildrenTold {
  children: ChildTold[];
}
