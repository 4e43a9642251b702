/** The stores of the running mini-program: `import { card } from "../../stores/index"`. */
import type { BoundCardStore, CardStore } from "./card";
import { CardOnPhone } from "./card_store";
import { Guardian, type GuardianStore, type OwnGuardianStore } from "./guardian";
import { createInvited, type InvitedStore } from "./invited";
import { createLeaving, type LeavingStore } from "./leaving";
import { createLimits, type LimitsStore } from "./limits";
import { createMessages, type MessagesStore } from "./messages";
import { Paying, type PayingStore } from "./paying";
import { SessionOnPhone, type SessionStore } from "./session";
import { createSettings, type SettingsStore } from "./settings";
import { Staff, type StaffStore } from "./staff";
import { Statement, type OwnStatementStore, type StatementStore } from "./statement";
import {
  createDisputes,
  createEmergency,
  createGuardians,
  createTrail,
  createWindows,
  type DisputesStore,
  type EmergencyStore,
  type GuardiansStore,
  type TrailStore,
  type WindowsStore,
} from "./student";
import { TopUps, type OwnTopUpsStore, type TopUpsStore } from "./top_ups";

const ownCard: BoundCardStore = new CardOnPhone();
const ownStatement: OwnStatementStore = new Statement();
const ownGuardian: OwnGuardianStore = new Guardian();
const ownTopUps: OwnTopUpsStore = new TopUps({
  refreshOwn: () => void ownCard.refresh(),
  refreshChildren: () => void ownGuardian.open(),
});

export const card: CardStore = ownCard;
export const statement: StatementStore = ownStatement;
export const guardian: GuardianStore = ownGuardian;
export const staff: StaffStore = new Staff();
export const settings: SettingsStore = createSettings();
export const emergency: EmergencyStore = createEmergency();
export const windows: WindowsStore = createWindows();
export const trail: TrailStore = createTrail();
export const guardians: GuardiansStore = createGuardians();
export const disputes: DisputesStore = createDisputes();
export const messages: MessagesStore = createMessages();
export const topUps: TopUpsStore = ownTopUps;
export const paying: PayingStore = new Paying();
export const invited: InvitedStore = createInvited();
export const limits: LimitsStore = createLimits();
export const leaving: LeavingStore = createLeaving();
export const session: SessionStore = new SessionOnPhone({
  card: ownCard,
  statement: ownStatement,
  guardian: ownGuardian,
  staff,
  topUps: ownTopUps,
});
