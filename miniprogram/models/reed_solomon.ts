/** The 28 bytes that let a reader lose a third of the picture: Reed-Solomon over GF(2⁸). */

const CHECK_BYTES = 28;
const FIELD = 0x11d;

let made: readonly number[] | null = null;

/** Coefficients of (x − 2⁰)(x − 2¹) … (x − 2²⁷), without the leading 1. */
function divisor(): readonly number[] {
  if (made !== null) return made;
  const found = Array<number>(CHECK_BYTES).fill(0);
  found[CHECK_BYTES - 1] = 1;
  let root = 1;
  for (let round = 0; round < CHECK_BYTES; round += 1) {
    for (let at = 0; at < CHECK_BYTES; at += 1) {
      found[at] = multiply(found[at] ?? 0, root) ^ (found[at + 1] ?? 0);
    }
    root = multiply(root, 2);
  }
  made = found;
  return made;
}

/** What is left of `data` divided by the divisor. */
export function check(data: readonly number[]): number[] {
  const rest = Array<number>(CHECK_BYTES).fill(0);
  for (const byte of data) {
    const factor = byte ^ (rest.shift() ?? 0);
    rest.push(0);
    divisor().forEach((coefficient, at) => {
      rest[at] = (rest[at] ?? 0) ^ multiply(coefficient, factor);
    });
  }
  return rest;
}

function multiply(one: number, other: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ ((product >> 7) * FIELD);
    product ^= ((other >> bit) & 1) * one;
  }
  return product;
}
