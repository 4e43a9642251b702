// Asking before something is done: `const said = await askReason({...})`; null: thought better of.
import { shallowRef } from "vue";

export interface Question {
  title: string;
  /** What will happen, one or two sentences. */
  text?: string;
  /** The button's word; by default "confirm". */
  verb?: string;
  /** It cannot be undone, or takes something from somebody. */
  isGrave?: boolean;
  /** No reason is asked for. */
  isPlain?: boolean;
  reasonMax?: number;
}

export interface Open extends Question {
  settle: (reason: string | null) => void;
}

export const open = shallowRef<Open | null>(null);

/** The reason somebody gave, or null. */
export function askReason(question: Question): Promise<string | null> {
  open.value?.settle(null);
  return new Promise((resolve) => {
    open.value = {
      ...question,
      settle: (reason) => {
        open.value = null;
        resolve(reason);
      },
    };
  });
}

/** Whether somebody meant it. */
export async function askPlainly(question: Question): Promise<boolean> {
  return (await askReason({ ...question, isPlain: true })) !== null;
}
