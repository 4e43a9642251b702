/** The Damm check digit: finds every single wrong digit and every swap of neighbours. */

const ROWS = [
  "0317598642",
  "7092154863",
  "4206871359",
  "1750983426",
  "6123045978",
  "3674209581",
  "5869720134",
  "8945362017",
  "9438617205",
  "2581436790",
];
const DIGITS = /^[0-9]+$/;

/** Whether the last digit is the Damm digit of those before it. */
export function isDamm(digits: string): boolean {
  if (!DIGITS.test(digits)) return false;
  let row = 0;
  for (const digit of digits) row = Number(ROWS[row]?.charAt(Number(digit)));
  return row === 0;
}
