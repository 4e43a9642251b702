import assert from "node:assert/strict";
import { test } from "node:test";

import { nameOf } from "../src/parts/names.ts";
import { day, dayOf, fenOf, yuan } from "../src/parts/figures.ts";

test("fen are told as yuan, exactly", () => {
  assert.equal(yuan(0), "0.00");
  assert.equal(yuan(5), "0.05");
  assert.equal(yuan(-123456), "−1,234.56");
  assert.equal(yuan(100_000_000_00), "100,000,000.00");
});

test("what somebody types becomes fen, or nothing", () => {
  assert.equal(fenOf("12"), 1200);
  assert.equal(fenOf(" 12.5 "), 1250);
  assert.equal(fenOf("0.05"), 5);
  for (const text of ["", "-1", "1.234", "1e3", "１２", "12,50", "9999999999"]) assert.equal(fenOf(text), null);
});

test("a business day is a date", () => {
  assert.equal(day(20261130), "2026-11-30");
  assert.equal(day(null), "—");
  assert.equal(dayOf(new Date(2026, 10, 3)), 20261103);
});

test("a file has the name the server gave it", () => {
  assert.equal(nameOf("attachment; filename*=UTF-8''%E6%B5%81%E6%B0%B4.csv", "x"), "流水.csv");
  assert.equal(nameOf('attachment; filename="a.xlsx"', "x"), "a.xlsx");
  assert.equal(nameOf(null, "x.csv"), "x.csv");
});
