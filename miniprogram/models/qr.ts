/**
 * The picture: QR version 2, level H, one numeric segment, exactly 34 digits. All of that is fixed,
 * so the frame, the order of the modules and the masks are made once, and a code is 128 bits that
 * fill its 16 bytes to the last bit. A row is a number: bit x is the module in column x.
 */
import { CODE_DIGITS } from "./campus_code";
import { check } from "./reed_solomon";

const SIZE = 25;
const ALL = 2 ** SIZE - 1;
const DIGITS = /^[0-9]{34}$/;
/** Mode "numeric" in 4 bits, 34 digits in 10; then 10 bits for three digits, 4 for the last. */
const HEAD = "0001" + "0000100010";
const TIMING = 6;
const ALIGNMENT = 18;
const CORNER = 9;
const FAR = SIZE - 8;
const LEVEL_H = 0b10;
const FORMAT_POLYNOMIAL = 0x537;
const FORMAT_MASK = 0x5412;

type Rows = number[];
type Place = readonly [row: number, column: number];

/** Whether a mask turns the module over. */
const MASKS: readonly ((row: number, column: number) => boolean)[] = [
  (row, column) => (row + column) % 2 === 0,
  (row) => row % 2 === 0,
  (_, column) => column % 3 === 0,
  (row, column) => (row + column) % 3 === 0,
  (row, column) => ((row >> 1) + Math.floor(column / 3)) % 2 === 0,
  (row, column) => (row * column) % 6 === 0,
  (row, column) => (row * column) % 6 < 3,
  (row, column) => (row + column + ((row * column) % 3)) % 2 === 0,
];

interface Frame {
  /** What is dark in every code. */
  readonly dark: readonly number[];
  /** Where the bits go, first to last. */
  readonly order: readonly Place[];
  /** What each mask turns over. */
  readonly masks: readonly (readonly number[])[];
}

let made: Frame | null = null;

function frame(): Frame {
  made ??= makeFrame();
  return made;
}

/** Dark modules, 25 rows of 25, without the quiet zone of 4 modules; masked as the standard says. */
export function matrix(digits: string): boolean[][] {
  const drawn = unmasked(digits);
  let best: Rows = [];
  let least = Infinity;
  for (let mask = 0; mask < MASKS.length; mask += 1) {
    const rows = finished(drawn, mask);
    const found = penalty(rows);
    if (found < least) [best, least] = [rows, found];
  }
  return spread(best);
}

/** The same with a mask of one's own choice, 0 … 7: every reader takes each of them. */
export function matrixMasked(digits: string, mask: number): boolean[][] {
  return spread(finished(unmasked(digits), mask));
}

function unmasked(digits: string): Rows {
  if (!DIGITS.test(digits)) throw new RangeError(`digits: exactly ${CODE_DIGITS} are wanted`);
  const data = dataBytes(digits);
  const bytes = [...data, ...check(data)];
  const rows = frame().dark.slice();
  frame().order.forEach(([row, column], at) => {
    const isDark = ((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1; // the 7 bits after the last are light
    if (isDark) rows[row] = (rows[row] ?? 0) | (1 << column);
  });
  return rows;
}

function dataBytes(digits: string): number[] {
  let bits = HEAD;
  for (let at = 0; at < CODE_DIGITS; at += 3) {
    const group = digits.slice(at, at + 3);
    bits += Number(group).toString(2).padStart(group.length * 3 + 1, "0");
  }
  const bytes: number[] = [];
  for (let at = 0; at < bits.length; at += 8) bytes.push(parseInt(bits.slice(at, at + 8), 2));
  return bytes;
}

/** Masked, and told in the format's two places which mask it was. */
function finished(drawn: readonly number[], mask: number): Rows {
  const turned = frame().masks[mask] ?? [];
  const rows = drawn.map((row, at) => row ^ (turned[at] ?? 0));
  const format = formatBits(mask);
  for (let bit = 0; bit < 15; bit += 1) {
    if (((format >> bit) & 1) === 0) continue;
    for (const [row, column] of formatPlaces(bit)) rows[row] = (rows[row] ?? 0) | (1 << column);
  }
  return rows;
}

/** Level and mask with the ten bits that correct them. */
function formatBits(mask: number): number {
  const told = (LEVEL_H << 3) | mask;
  let rest = told;
  for (let round = 0; round < 10; round += 1) rest = (rest << 1) ^ ((rest >> 9) * FORMAT_POLYNOMIAL);
  return ((told << 10) | rest) ^ FORMAT_MASK;
}

function formatPlaces(bit: number): readonly [Place, Place] {
  const down = bit < 6 ? bit : bit + 1; // the timing line is in between
  const right = bit > 8 ? 14 - bit : 15 - bit;
  const first: Place = bit < 8 ? [down, 8] : [8, right];
  return [first, bit < 8 ? [8, SIZE - 1 - bit] : [SIZE - 15 + bit, 8]];
}

/** Finders, timing, alignment, the one dark module: null where the bits of a code go. */
function fixedAt(row: number, column: number): boolean | null {
  const isLow = row >= FAR;
  const isRight = column >= FAR;
  const isTop = row < CORNER;
  const isLeft = column < CORNER;
  if ((isTop && (isLeft || isRight)) || (isLow && isLeft)) {
    const ring = Math.max(Math.abs(row - (isLow ? 21 : 3)), Math.abs(column - (isRight ? 21 : 3)));
    if (ring <= 3) return ring !== 2;
    if (row === TIMING || column === TIMING) return (row + column) % 2 === 0;
    return row === FAR && column === 8; // separators and the format are light for now
  }
  const ring = Math.max(Math.abs(row - ALIGNMENT), Math.abs(column - ALIGNMENT));
  if (ring <= 2) return ring !== 1;
  return row === TIMING || column === TIMING ? (row + column) % 2 === 0 : null;
}

function makeFrame(): Frame {
  const dark: Rows = [];
  const free: Rows = [];
  for (let row = 0; row < SIZE; row += 1) {
    let [darkRow, freeRow] = [0, 0];
    for (let column = 0; column < SIZE; column += 1) {
      const fixed = fixedAt(row, column);
      if (fixed === true) darkRow |= 1 << column;
      if (fixed === null) freeRow |= 1 << column;
    }
    dark.push(darkRow);
    free.push(freeRow);
  }
  const masks = MASKS.map((isTurned) =>
    free.map((freeRow, row) => {
      let turned = 0;
      for (let column = 0; column < SIZE; column += 1) {
        if (isTurned(row, column)) turned |= 1 << column;
      }
      return turned & freeRow;
    }),
  );
  return { dark, order: orderOf(free), masks };
}

/** Two columns at a time from the right, up and down in turns, past the timing column. */
function orderOf(free: readonly number[]): Place[] {
  const order: Place[] = [];
  let isUp = true;
  for (let right = SIZE - 1; right > 0; right -= 2) {
    if (right === TIMING) right -= 1;
    for (let step = 0; step < SIZE; step += 1) {
      const row = isUp ? SIZE - 1 - step : step;
      for (const column of [right, right - 1]) {
        if (((free[row] ?? 0) >> column) & 1) order.push([row, column]);
      }
    }
    isUp = !isUp;
  }
  return order;
}

/** How hard a picture is to read, by the standard's four rules. */
function penalty(rows: readonly number[]): number {
  let columns = Array<number>(SIZE).fill(0);
  columns = columns.map((_, x) => rows.reduce((bits, row, y) => bits | (((row >> x) & 1) << y), 0));
  let found = 0;
  for (const lines of [rows, columns]) {
    for (const line of lines) found += runs(line) + 40 * lookalikes(line);
  }
  for (let y = 1; y < SIZE; y += 1) found += 3 * blocks(rows[y - 1] ?? 0, rows[y] ?? 0);
  const dark = rows.reduce((sum, row) => sum + ones(row), 0);
  return found + 10 * Math.floor((Math.abs(dark * 2 - SIZE * SIZE) * 10) / (SIZE * SIZE));
}

/** Runs of five or more of one colour: their length less two. */
function runs(line: number): number {
  const same = ~(line ^ (line >> 1)) & (ALL >> 1);
  const five = same & (same >> 1) & (same >> 2) & (same >> 3);
  return ones(five) + 2 * ones(five & ~(five << 1));
}

/** Places that look like a finder's middle with four light modules at one side. */
function lookalikes(line: number): number {
  let found = 0;
  for (let bits = line, left = SIZE; left >= 11; bits >>= 1, left -= 1) {
    const window = bits & 0x7ff;
    if (window === 0b00001011101 || window === 0b10111010000) found += 1;
  }
  return found;
}

/** Squares of two by two of one colour. */
function blocks(upper: number, lower: number): number {
  const across = ~(upper ^ (upper >> 1)) & ~(lower ^ (lower >> 1)) & (ALL >> 1);
  return ones(across & ~(upper ^ lower));
}

function ones(bits: number): number {
  let rest = bits - ((bits >> 1) & 0x55555555);
  rest = (rest & 0x33333333) + ((rest >> 2) & 0x33333333);
  return (((rest + (rest >> 4)) & 0x0f0f0f0f) * 0x01010101) >> 24;
}

function spread(rows: readonly number[]): boolean[][] {
  return rows.map((row) => Array.from({ length: SIZE }, (_, x) => ((row >> x) & 1) === 1));
}
