// Small things that several pages of the money area need.
import { computed, ref, shallowRef, type ComputedRef } from "vue";

import { api, told } from "@/api/client";
import type { Choice, Filled } from "@/parts/listing";
import { i18n } from "@/words";

/** Filters and cursor as the server takes them: in an address a number is its digits, so a filter
 * fits whatever the route says of it, and the server reads it strictly. */
export function asked(query: Filled, after: string): never {
  return { ...query, after } as never;
}

/** A key that one request keeps, however often it is sent. */
export function requestKey(): string {
  return crypto.randomUUID();
}

/** A word of ours where there is one, else the server's own. */
export function worded(under: string, word: string): string {
  if (!word) return "—";
  // words that begin with a digit or have points in them stand under a plain name
  const key = `finance.named.${under}.${/^\d/.test(word) ? "n" : ""}${word.replace(/[^A-Za-z0-9]/g, "_")}`;
  return i18n.global.te(key, "zh") ? i18n.global.t(key) : word;
}

/** `staff:3` as a name, as far as the answer told it. */
export function nameOf(label: string, people: Record<string, string>): string {
  return label ? (people[label] ?? label) : "—";
}

/** An account as answers name it: `risk`, `merchant:3`, `purse:cash`. */
export function accountWord(word: string): string {
  const merchant = /^merchant:(\d+)$/.exec(word)?.[1];
  if (!merchant) return worded("account", word);
  const name = merchants.value.find((one) => one.value === merchant)?.text;
  return i18n.global.t("finance.payableTo", { n: name ?? merchant });
}

const merchants = shallowRef<Choice[]>([]);
const isAsked = ref(false);

/** Merchants to choose from, those within reach; asked for once. */
export function useMerchants(): ComputedRef<Choice[]> {
  if (!isAsked.value) {
    isAsked.value = true;
    void told(api.GET("/admin/merchants")).then(
      (said) => {
        merchants.value = said.merchants.map((one) => ({ value: String(one.merchant_id), text: one.name }));
      },
      () => (isAsked.value = false),
    );
  }
  return computed(() => merchants.value);
}

export type Figure = "payments" | "postings" | "settlements" | "accounts";

/** What is being explained at the right of the page. */
export const explained = shallowRef<{ figure: Figure; id: number } | null>(null);

export function explain(figure: Figure, id: number): void {
  explained.value = { figure, id };
}

/** The Beijing day of a Unix second as YYYYMMDD. */
export function dayOf(at: number): string {
  return new Date((at + 8 * 3600) * 1000).toISOString().slice(0, 10).replaceAll("-", "");
}

/** Days back from now as YYYYMMDD, for ranges that people choose. */
export function daysAgo(days: number): string {
  const date = new Date(Date.now() - days * 86_400_000);
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`;
}
