// What terminals can be filtered by and enrolled into; what a role may not read is left out.
import { api, told } from "@/api/client";
import type { Choice } from "@/parts/listing";
import { may } from "@/session";
import { language } from "@/words";

interface Named {
  zh: string;
  en: string;
}

/** The groups of the rules in force. */
export async function readGroups(): Promise<Choice[]> {
  if (!may("rules.read")) return [];
  const rules = await told(api.GET("/admin/rules"));
  const groups = rules.bundle.groups as Record<string, Named>;
  return Object.entries(groups).map(([value, one]) => ({ value, text: language.value === "zh" ? one.zh : one.en }));
}

/** Campuses and canteens. */
export async function readPlaces(): Promise<Choice[]> {
  if (!may("places.read")) return [];
  const { places } = await told(api.GET("/admin/places"));
  const names = new Map(places.map((one) => [one.place_id, one.name]));
  return places
    .filter((one) => one.kind !== "window")
    .map((one) => ({ value: String(one.place_id), text: one.parent_id ? `${names.get(one.parent_id) ?? ""} · ${one.name}` : one.name }));
}

export async function readMerchants(): Promise<Choice[]> {
  if (!may("merchants.read")) return [];
  const { merchants } = await told(api.GET("/admin/merchants"));
  return merchants.filter((one) => one.is_active).map((one) => ({ value: String(one.merchant_id), text: one.name }));
}
