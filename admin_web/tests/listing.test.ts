import assert from "node:assert/strict";
import { test } from "node:test";

import { dropView, filled, keepView, queryText, readViews } from "../src/parts/listing.ts";

const FILTERS = [
  { key: "state", words: "x.state", kind: "choice" as const },
  { key: "name", words: "x.name", kind: "text" as const },
];

function store(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  } as Storage;
}

test("an address holds the filters of its list and nothing else", () => {
  assert.deepEqual(filled({ state: "active", other: "1", name: "" }, FILTERS), { state: "active" });
  assert.deepEqual(filled({ state: ["a", "b"], name: null }, FILTERS), {});
});

test("the same filters are the same text, whatever their order", () => {
  assert.equal(queryText({ b: "2", a: "1", c: "" }), "a=1&b=2");
  assert.equal(queryText({ a: "1", b: "2" }), queryText({ b: "2", a: "1" }));
  assert.equal(new URLSearchParams(queryText({ name: "=张 三&" })).get("name"), "=张 三&");
});

test("a view of the same name is replaced, and too many drop the oldest", () => {
  const own = store();
  keepView("cards", { name: "lost", query: "state=lost" }, own);
  keepView("cards", { name: " lost ", query: "state=frozen" }, own);
  assert.deepEqual(readViews("cards", own), [{ name: "lost", query: "state=frozen" }]);
  for (let number = 0; number < 30; number += 1) keepView("cards", { name: `v${number}`, query: "" }, own);
  assert.equal(readViews("cards", own).length, 20);
  assert.equal(readViews("cards", own).some((view) => view.name === "lost"), false);
  assert.equal(dropView("cards", "v29", own).length, 19);
});

test("what somebody else left under the name of the views is none", () => {
  const own = store();
  for (const text of ["{", "7", "[1, null, {\"name\": 1}]"]) {
    own.setItem("xiaoma.views.cards", text);
    assert.deepEqual(readViews("cards", own), []);
  }
});
