/** Something a person is told: a word key with its values, or the server's own sentence. */
import type { WordKey } from "./word_keys";

export interface WordNotice {
  readonly kind: "word";
  readonly key: WordKey;
  /** What stands in the sentence's places, e.g. {seconds: 40}. */
  readonly values: Readonly<Record<string, string | number>>;
}

export interface SentenceNotice {
  readonly kind: "sentence";
  /** The word on the wire, e.g. "card_lost"; for choosing, never for showing. */
  readonly word: string;
  readonly zh: string;
  readonly en: string;
}

export type Notice = WordNotice | SentenceNotice;

export function word(key: WordKey, values: WordNotice["values"] = {}): WordNotice {
  return { kind: "word", key, values };
}
