// The classes of people that the rules in force name.
import { computed, ref, type ComputedRef } from "vue";

import { api, Refused, told } from "@/api/client";
import type { Choice } from "@/parts/listing";
import { language } from "@/words";

interface CardClass {
  class_id: number;
  zh: string;
  en: string;
}

const known = ref<CardClass[]>([]);
let asked: Promise<void> | null = null;

function isClass(said: unknown): said is CardClass {
  const one = said as Partial<CardClass> | null;
  return typeof one?.class_id === "number" && typeof one.zh === "string" && typeof one.en === "string";
}

async function read(): Promise<void> {
  try {
    const { bundle } = await told(api.GET("/admin/rules"));
    const classes: unknown = bundle.classes;
    const said: unknown[] = Array.isArray(classes) ? classes : Object.values(classes ?? {});
    known.value = said.filter(isClass);
  } catch (error) {
    asked = null; // the next page asks again
    if (!(error instanceof Refused)) throw error; // without rules a class is its number
  }
}

export interface Classes {
  nameOf: (id: number | null) => string;
  choices: ComputedRef<Choice[]>;
}

/** Their names in the language of whoever looks; read once. */
export function useClasses(): Classes {
  asked ??= read();
  const name = (one: CardClass): string => (language.value === "zh" ? one.zh : one.en);
  return {
    nameOf: (id) => {
      const one = known.value.find((other) => other.class_id === id);
      return one ? name(one) : String(id ?? "");
    },
    choices: computed(() => known.value.map((one) => ({ value: String(one.class_id), text: name(one) }))),
  };
}
