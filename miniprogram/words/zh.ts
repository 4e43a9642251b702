/** Every sentence on the phone, in Chinese; words/en.ts must have the same keys to compile. */
import { first } from "./zh_first";
import { packages } from "./zh_packages";

export const zh = { ...first, ...packages };

export type Key = keyof typeof zh;
export type Words = Record<Key, string>;
