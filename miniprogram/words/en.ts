/** The same sentences in English. */
import { first } from "./en_first";
import { packages } from "./en_packages";
import { topUp } from "./en_top_up";
import type { Words } from "./zh";

export const en: Words = { ...first, ...packages, ...topUp };
