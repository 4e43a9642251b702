/** WeChat messages a person agrees to: one message for each time he says so, or for good. */
import type { TemplatesTold } from "../models/wire";
import { askForMessages } from "../services/device";
import { agreeToMessage, readTemplates, type Subscriber } from "../services/subscriptions";
import { load, NOT_LOADED, type Loaded } from "./loading";
import { createStore, type Store } from "./store";

/** What a message is about: the server's own words. */
export type MessageKind = TemplatesTold["templates"][number]["template"];

export interface MessagesState extends Loaded {
  /** What this school sends; [] for none. */
  readonly kinds: readonly MessageKind[];
  /** Those agreed to for good. */
  readonly agreed: readonly MessageKind[];
  /** How many of each may be sent by now; null: not asked yet. */
  readonly left: Readonly<Partial<Record<MessageKind, number>>> | null;
}

export interface MessagesStore extends Store<MessagesState> {
  open(whose?: Subscriber): Promise<void>;
  /** Straight from a tap: WeChat shows its dialogue only then. Answers whether one was agreed to. */
  agree(kind: MessageKind): Promise<boolean>;
  /** Straight from a tap that fits: ask for what the school would like to tell next, or nothing. */
  agreeNow(): Promise<void>;
}

export function createMessages(): MessagesStore {
  const store = createStore<MessagesState>({ ...NOT_LOADED, kinds: [], agreed: [], left: null });
  let told: TemplatesTold = { templates: [], ask_now: [] };
  let subscriber: Subscriber = "student";
  const ask = async (kinds: readonly MessageKind[]): Promise<readonly MessageKind[]> => {
    const asked = told.templates.filter(({ template }) => kinds.includes(template));
    if (asked.length === 0) return [];
    const accepted: MessageKind[] = [];
    const isDone = await load(
      store,
      async () => {
        const answers = await askForMessages(asked.map(({ template_id: id }) => id));
        let left = {};
        for (const { template, template_id: id } of asked) {
          const isAccepted = answers[id] === true;
          left = await agreeToMessage(subscriber, template, isAccepted);
          if (isAccepted) accepted.push(template);
        }
        return left;
      },
      (left) => ({ left }),
    );
    return isDone ? accepted : [];
  };
  return {
    get state() {
      return store.state;
    },
    subscribe: (hear) => store.subscribe(hear),
    async open(whose = "student") {
      subscriber = whose;
      await load(store, () => readTemplates(whose), (answer) => {
        told = answer;
        return shown(answer);
      });
    },
    async agree(kind) {
      return (await ask([kind])).includes(kind);
    },
    async agreeNow() {
      const { ask_now: wished } = told;
      told = { ...told, ask_now: [] }; // once for each opening of a page
      await ask(wished);
    },
  };
}

function shown({ templates }: TemplatesTold): Partial<MessagesState> {
  const left: Partial<Record<MessageKind, number>> = {};
  for (const one of templates) left[one.template] = one.messages_left;
  const agreed = templates.filter((one) => one.is_long_term && one.is_agreed);
  return {
    kinds: templates.map(({ template }) => template),
    agreed: agreed.map(({ template }) => template),
    left,
  };
}
