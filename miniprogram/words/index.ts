/** What to say: a key and its values become one sentence in the chosen language. */
import type { Notice } from "../models/notice";
import type { WordKey } from "../models/word_keys";
import { en } from "./en";
import { zh, type Key, type Words } from "./zh";

export type { Key, Words };
export type Language = "zh" | "en";
export type Values = Readonly<Record<string, string | number>>;

/** The part of a key before its first dot; a page's words share one. */
export type Section = Key extends infer K ? (K extends `${infer S}.${string}` ? S : never) : never;

export const WORDS: Readonly<Record<Language, Words>> = { zh, en };

/** Every key a model or a store names has its sentence: the compiler checks it here. */
export const NAMED: Readonly<Record<WordKey, string>> = zh;

const PLACE = /\{(\w+)\}/g;

/** One sentence. A place without a value stays visible, so that nobody takes it for the truth. */
export function say(key: Key, language: Language, values: Values = {}): string {
  return WORDS[language][key].replace(PLACE, (place, name: string) => {
    const value = values[name];
    return value === undefined ? place : String(value);
  });
}

/** The sentence of a notice, "" when there is none. */
export function sayNotice(notice: Notice | null, language: Language): string {
  if (notice === null) return "";
  if (notice.kind === "word") return say(notice.key, language, notice.values);
  return language === "zh" ? notice.zh : notice.en;
}

/** Whether there is a sentence for a word that came from the server. */
export function isKey(key: string): key is Key {
  return Object.prototype.hasOwnProperty.call(zh, key);
}

/** The sentences of some sections without their prefix, for a page's WXML: `{{t.balance}}`. */
export function section(names: readonly Section[], language: Language): Record<string, string> {
  const found: Record<string, string> = {};
  const heads = names.map((name) => `${name}.`);
  for (const [key, sentence] of Object.entries(WORDS[language])) {
    const head = heads.find((one) => key.startsWith(one));
    if (head !== undefined) found[key.slice(head.length).replace(/\./g, "_")] = sentence;
  }
  return found;
}
