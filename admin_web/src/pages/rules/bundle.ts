// A rules bundle as the editor sees it. Fields that are not named here stay as they are.
export interface Period { id: string; zh: string; en: string; begins_minute: number; ends_minute: number }
export interface Fee { kind: "none" | "fixed" | "percent"; amount_fen: number; percent: number; owner: "school" | "merchant" }
/** Meals on the school: fen of one (0: none are given), how many on a day and in seven; no periods listed: at every meal. */
export interface Courtesy { payment_fen_max: number; day_count_max: number; seven_days_count_max: number; periods: string[] }
export interface ClassRules {
  class_id: number; zh: string; en: string; pay_percent: number; fee: Fee; fixed_prices: Record<string, number>; count_limit: number;
  single_limit_fen: number; meal_limit_fen: number; day_limit_fen: number; over_limit: "pin" | "refuse"; floor_fen: number;
  offline_limit_fen: number; offline_age_seconds_max?: number; courtesy?: Courtesy;
}
export interface MenuItem { code: string; zh: string; en: string; price_fen: number }
export interface GroupRules {
  id: string; zh: string; en: string; price_mode: "free" | "fixed" | "count"; accepted_classes: number[]; accepted_periods: string[];
  accepts_outside_periods: boolean; interval_seconds: number; purse_order: string[]; amount_fen_max: number; always_pin: boolean;
  kind?: string; menu?: MenuItem[]; gives_courtesy?: boolean;
}
/** `ends_on` YYYYMMDD is the last day, 0 for no end. */
export interface Chip { kind: ChipKind; payment_fen_max: number; day_fen_max: number; ends_on?: number }
export interface Nfc { chips: Chip[]; accepts_plain_codes: boolean }
export interface Tier {
  sync_age_seconds_max: number; payment_fen_max: number; payments_max: number; name?: string; card_fen_max?: number; terminal_fen_max?: number;
}
export interface Bundle {
  version: number; school: string; utc_offset_seconds: number; day_starts_minute: number; periods: Period[];
  classes: Record<string, ClassRules>; groups: Record<string, GroupRules>; offline: Tier[];
  window?: { early_seconds: number; late_seconds: number }; emergency?: { payment_fen_max: number };
  online_deadline_milliseconds: number; display_seconds: number; lease_seconds?: number; nfc?: Nfc;
}

export const CHIP_KINDS = ["desfire", "cpu", "classic"] as const;
export type ChipKind = (typeof CHIP_KINDS)[number];
export const PERIODS_MAX = 8;
export const TIERS_MAX = 8;
export const MENU_MAX = 200;
export const OUTSIDE = "";

/** A new class takes no word of another: everything off, the full price. */
export function newClass(class_id: number): ClassRules {
  return {
    class_id, zh: "", en: "", pay_percent: 100, fee: { kind: "none", amount_fen: 0, percent: 0, owner: "school" }, fixed_prices: {},
    count_limit: 0, single_limit_fen: 0, meal_limit_fen: 0, day_limit_fen: 0, over_limit: "pin", floor_fen: 0, offline_limit_fen: 0,
  };
}

export const NO_COURTESY: Courtesy = { payment_fen_max: 0, day_count_max: 1, seven_days_count_max: 1, periods: [] };

export function newGroup(id: string): GroupRules {
  return {
    id, zh: "", en: "", price_mode: "free", accepted_classes: [], accepted_periods: [], accepts_outside_periods: true, interval_seconds: 0,
    purse_order: ["benefit", "cash"], amount_fen_max: 20_000, always_pin: false,
  };
}

export function named(one: { zh: string; en: string }, language: string): string {
  return language === "zh" ? one.zh || one.en : one.en || one.zh;
}
