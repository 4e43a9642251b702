/** What the person chose for this phone. */
import type { Store } from "./store";

export type LanguageChoice = "zh" | "en" | "system";

export interface SettingsState {
  readonly choice: LanguageChoice;
  /** What `choice` comes to on this phone. */
  readonly language: "zh" | "en";
  readonly isLargeType: boolean;
  readonly isCode128: boolean;
}

export interface SettingsStore extends Store<SettingsState> {
  open(): void;
  chooseLanguage(choice: LanguageChoice): void;
  setLargeType(isLargeType: boolean): void;
  setCode128(isCode128: boolean): void;
}
