// Both languages say the same things, and every word that a page asks for is there.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";

import en from "../src/words/en.ts";
import zh from "../src/words/zh.ts";

const SRC = path.join(import.meta.dirname, "..", "src");

interface Words {
  [key: string]: string | Words;
}

/** "shell.login" and so on, with the names of what is filled in. */
function keys(words: Words, under = ""): string[] {
  return Object.entries(words).flatMap(([key, said]) => {
    if (typeof said !== "string") return keys(said, `${under}${key}.`);
    const named = [...said.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
    return [`${under}${key} ${named.join(" ")}`.trim()];
  });
}

const pages = fs.readdirSync(path.join(SRC, "pages"));
for (const area of pages) {
  test(`the words of ${area} are there in both languages, with the same names in them`, async () => {
    const told = (await import(`../src/pages/${area}/words.ts`)) as { default: { zh: Words; en: Words } };
    assert.deepEqual(keys(told.default.zh).sort(), keys(told.default.en).sort());
    assert.equal(/[\u4e00-\u9fff]/.test(JSON.stringify(told.default.en)), false);
  });
}

test("the shell's words are there in both languages, with the same names in them", () => {
  assert.deepEqual(keys(zh).sort(), keys(en).sort());
});

test("no Chinese stands in English words, and no page says a sentence of its own", () => {
  assert.equal(/[\u4e00-\u9fff]/.test(JSON.stringify({ ...en, shell: { ...en.shell, language: "" } })), false);
  const said: string[] = [];
  for (const name of fs.readdirSync(SRC, { recursive: true }).map(String)) {
    if (!name.endsWith(".vue")) continue;
    const text = fs.readFileSync(path.join(SRC, name), "utf8").replace(/\/\/.*$|<!--[^]*?-->/gm, "");
    if (/[\u4e00-\u9fff]/.test(text)) said.push(name);
  }
  assert.deepEqual(said, []);
});
