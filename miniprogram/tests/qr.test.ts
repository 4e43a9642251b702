/** The picture of a code, module by module as a vetted package draws it. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import qrcode from "qrcode-generator";
import { matrix, matrixMasked } from "../models/qr";

const CODES = 400;
const MASKS = [0, 1, 2, 3, 4, 5, 6, 7];
/** Where a picture tells its mask, which bits of that the standard turns over. */
const MASK_PLACES = [2, 3, 4];
const MASK_TURNED = 0b101;

/** The package's picture; it chooses its mask by a rule of its own. */
function drawn(digits: string): boolean[][] {
  const code = qrcode(2, "H");
  code.addData(digits, "Numeric");
  code.make();
  const places = Array.from({ length: code.getModuleCount() }, (_, place) => place);
  return places.map((row) => places.map((column) => code.isDark(row, column)));
}

function maskOf(rows: readonly (readonly boolean[])[]): number {
  const told = MASK_PLACES.reduce((bits, at) => bits * 2 + Number(rows[8]?.[at]), 0);
  return told ^ MASK_TURNED;
}

/** 34 digits, the same at every run; ends in all ten digits, begins with 0 too. */
function digitsOf(number: number): string {
  let state = number + 1;
  let digits = "";
  while (digits.length < 34) {
    state = (state * 48_271) % 2_147_483_647;
    digits += String(state % 10);
  }
  return digits;
}

/** The standard's four rules, counted module by module. */
function penalty(rows: readonly (readonly boolean[])[]): number {
  const columns = rows.map((_, x) => rows.map((row) => row[x] === true));
  let found = 0;
  for (const line of [...rows, ...columns]) {
    const text = line.map((isDark) => (isDark ? "1" : "0")).join("");
    for (const run of text.match(/0{5,}|1{5,}/g) ?? []) found += run.length - 2;
    found += 40 * Array.from(text.matchAll(/(?=00001011101|10111010000)/g)).length;
  }
  for (let y = 1; y < rows.length; y += 1) {
    for (let x = 1; x < rows.length; x += 1) {
      const four = [rows[y]?.[x], rows[y]?.[x - 1], rows[y - 1]?.[x], rows[y - 1]?.[x - 1]];
      if (new Set(four).size === 1) found += 3;
    }
  }
  const dark = rows.flat().filter(Boolean).length / rows.flat().length;
  return found + 10 * Math.floor(Math.abs(dark * 100 - 50) / 5);
}

describe("the QR picture", () => {
  it("is a vetted package's, to the last module, with every mask", () => {
    const seen = new Set<number>();
    for (let number = 0; number < CODES; number += 1) {
      const digits = digitsOf(number);
      const right = drawn(digits);
      const mask = maskOf(right);
      seen.add(mask);
      assert.deepEqual(matrixMasked(digits, mask), right, `${digits}, mask ${mask}`);
    }
    assert.deepEqual(Array.from(seen).sort(), MASKS);
  });

  it("has the mask that the standard's rules find easiest to read", () => {
    for (let number = 0; number < 50; number += 1) {
      const digits = digitsOf(number);
      const penalties = MASKS.map((mask) => penalty(matrixMasked(digits, mask)));
      const chosen = maskOf(matrix(digits));
      assert.equal(penalties[chosen], Math.min(...penalties), `${digits}: ${penalties.join(" ")}`);
      assert.deepEqual(matrix(digits), matrixMasked(digits, chosen));
    }
  });
});
