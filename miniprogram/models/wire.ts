/** What the server takes and answers, as far as the phone uses it: generated in api.ts. */
import type { StateTold, TopUpTold } from "./api";

export type {
  BindingCodeTold,
  BoundTold,
  CardTold,
  CardholderTold,
  ChildrenTold,
  ChildTold,
  DisputesTold,
  EmergencyCodeTold,
  ErrorTold,
  FreezeTold,
  GuardiansTold,
  HeldCardTold,
  InvitationMadeTold,
  InvitationTold,
  InvitedTold,
  LeavingTold,
  LimitsShape,
  LimitsTold,
  PaymentTold,
  PaymentsTold,
  SecretsListTold,
  SecretsTold,
  SessionTold,
  SheetTold,
  SpendingTold,
  StaffSessionTold,
  StateTold,
  StoredTold,
  TemplatesTold,
  TopUpInvitationsTold,
  TopUpInvitationTold,
  TopUpsTold,
  TopUpTold,
  TrailTold,
  WindowsTold,
} from "./api";

export type CardStateWord = StateTold["state"];
export type TopUpStateWord = TopUpTold["state"];
export type PartWord = "money" | "doors";
export type SeesWord = "state" | "balance" | "all";
