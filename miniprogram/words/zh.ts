/** Every sentence on the phone, in Chinese; words/en.ts must have the same keys to compile. */
import { first } from "./zh_first";
import { packages } from "./zh_packages";
import { topUp } from "./zh_top_up";

export const zh = { ...first, ...packages, ...topUp };

export type Key = keyof typeof zh;
export type Words = Record<Key, string>;
