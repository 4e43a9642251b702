// What people read, in both languages. Each area brings its own words under its own name; the
// shell's are here. `t("people.title")` says them.
import { computed } from "vue";
import { createI18n } from "vue-i18n";
import elementEn from "element-plus/es/locale/lang/en";
import elementZh from "element-plus/es/locale/lang/zh-cn";

import { Refused } from "@/api/client";

import en from "./en";
import reasons from "./reasons";
import zh from "./zh";

export type Language = "zh" | "en";
export type Words = { [key: string]: string | Words };
export const LANGUAGE_KEY = "xiaoma.language";

function preferred(): Language {
  const kept = localStorage.getItem(LANGUAGE_KEY);
  if (kept === "zh" || kept === "en") return kept;
  return navigator.language.startsWith("zh") ? "zh" : "en";
}

export const i18n = createI18n({
  legacy: false,
  locale: preferred(),
  fallbackLocale: "zh",
  messages: { zh: { ...zh, reason: reasons.zh }, en: { ...en, reason: reasons.en } },
});

export const language = computed<Language>(() => i18n.global.locale.value);
export const elementWords = computed(() => (language.value === "zh" ? elementZh : elementEn));

export function speak(wanted: Language): void {
  i18n.global.locale.value = wanted;
  localStorage.setItem(LANGUAGE_KEY, wanted);
  document.documentElement.lang = wanted === "zh" ? "zh-CN" : "en";
}

/** An area's words. */
export function addWords(area: string, words: { zh: Words; en: Words }): void {
  i18n.global.mergeLocaleMessage("zh", { [area]: words.zh });
  i18n.global.mergeLocaleMessage("en", { [area]: words.en });
}

/** The sentence of an error, in the language of whoever looks. */
export function sentence(error: unknown): string {
  if (error instanceof Refused) return language.value === "zh" ? error.zh : error.en;
  return i18n.global.t("shell.broken", { what: String(error) });
}
