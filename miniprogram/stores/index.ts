/** The stores of the running mini-program: `import { card } from "../../stores/index"`. */
import type { CardStore } from "./card";
import type { GuardianStore } from "./guardian";
import type { SessionStore } from "./session";
import type { SettingsStore } from "./settings";
import type { StaffStore } from "./staff";
import type { StatementStore } from "./statement";
import type {
  DisputesStore,
  EmergencyStore,
  GuardiansStore,
  TrailStore,
  WindowsStore,
} from "./student";

export declare const card: CardStore;
export declare const session: SessionStore;
export declare const statement: StatementStore;
export declare const guardian: GuardianStore;
export declare const staff: StaffStore;
export declare const settings: SettingsStore;
export declare const emergency: EmergencyStore;
export declare const windows: WindowsStore;
export declare const trail: TrailStore;
export declare const guardians: GuardiansStore;
export declare const disputes: DisputesStore;
