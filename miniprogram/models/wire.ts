/** What the server takes and answers, as far as the phone uses it: generated in api.ts. */
import type { StateTold } from "./api";

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
  InvitationTold,
  PaymentTold,
  PaymentsTold,
  SecretsListTold,
  SecretsTold,
  SessionTold,
  SpendingTold,
  StaffSessionTold,
  StateTold,
  StoredTold,
  TemplatesTold,
  TrailTold,
  WindowsTold,
} from "./api";

export type CardStateWord = StateTold["state"];
export type PartWord = "money" | "doors";
export type SeesWord = "state" | "balance" | "all";
