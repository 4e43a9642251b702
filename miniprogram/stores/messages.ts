/** WeChat messages the holder agrees to: one message for each time he says so. */
import type { TemplatesTold } from "../models/wire";
import { askForMessage } from "../services/device";
import { agreeToMessage, readTemplates } from "../services/student";
import { load, NOT_LOADED, type Loaded } from "./loading";
import { createStore, type Store } from "./store";

/** "payment": after each payment; "freeze": when the card is frozen or found. */
export type MessageKind = "payment" | "freeze";

export interface MessagesState extends Loaded {
  /** What this school sends; [] for none. */
  readonly kinds: readonly MessageKind[];
  /** How many of each may be sent by now; null: not asked yet. */
  readonly left: Readonly<Record<MessageKind, number>> | null;
}

export interface MessagesStore extends Store<MessagesState> {
  open(): Promise<void>;
  /** Straight from a tap: WeChat shows its dialogue only then. Answers whether one was agreed to. */
  agree(kind: MessageKind): Promise<boolean>;
}

export function createMessages(): MessagesStore {
  const store = createStore<MessagesState>({ ...NOT_LOADED, kinds: [], left: null });
  let templates: TemplatesTold["templates"] = [];
  return {
    get state() {
      return store.state;
    },
    subscribe: (hear) => store.subscribe(hear),
    async open() {
      await load(store, readTemplates, (told) => {
        templates = told.templates;
        return { kinds: templates.map(({ template }) => template) };
      });
    },
    async agree(kind) {
      const asked = templates.find(({ template }) => template === kind);
      if (asked === undefined) return false;
      let isAccepted = false;
      const isDone = await load(
        store,
        async () => {
          isAccepted = await askForMessage(asked.template_id);
          return agreeToMessage(kind, isAccepted);
        },
        (left) => ({ left }),
      );
      return isDone && isAccepted;
    },
  };
}
