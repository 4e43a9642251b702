/** What the person chose for this phone. */
import { hasLargeType, isChinese } from "../services/device";
import { readPlainly, writePlainly } from "../services/storage";
import { createStore, type Store } from "./store";

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

type Kept = Pick<SettingsState, "choice" | "isLargeType" | "isCode128">;

const CHOICES: readonly unknown[] = ["zh", "en", "system"];

export function createSettings(): SettingsStore {
  const store = createStore<SettingsState>({
    choice: "system",
    language: "zh",
    isLargeType: false,
    isCode128: false,
  });

  function keep(changes: Partial<Kept>): void {
    store.set(changes);
    const { choice, isLargeType, isCode128 } = store.state;
    store.set({ language: languageOf(choice) });
    const kept: Kept = { choice, isLargeType, isCode128 };
    writePlainly("settings", kept);
  }

  return {
    get state() {
      return store.state;
    },
    subscribe: (hear) => store.subscribe(hear),
    open() {
      // whatever an older version or a broken write left: only what is known is taken
      const kept = readPlainly<Record<keyof Kept, unknown>>("settings");
      const choice = CHOICES.includes(kept?.choice) ? (kept?.choice as LanguageChoice) : "system";
      store.set({
        choice,
        language: languageOf(choice),
        // until somebody chooses here, what was chosen for all of WeChat holds
        isLargeType: kept === null ? hasLargeType() : kept.isLargeType === true,
        isCode128: kept?.isCode128 === true,
      });
    },
    chooseLanguage: (choice) => keep({ choice }),
    setLargeType: (isLargeType) => keep({ isLargeType }),
    setCode128: (isCode128) => keep({ isCode128 }),
  };
}

function languageOf(choice: LanguageChoice): "zh" | "en" {
  if (choice !== "system") return choice;
  return isChinese() ? "zh" : "en";
}
