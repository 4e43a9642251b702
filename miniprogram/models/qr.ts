/** The picture: QR version 2, level H, one numeric segment, exactly 34 digits (docs/code-format.md). */
import { correction, generate, mode } from "../vendor/qr";
import { CODE_DIGITS } from "./campus_code";

const VERSION = 2;
const DIGITS = /^[0-9]{34}$/;

/** Dark modules, 25 rows of 25, without the quiet zone of 4 modules; masked as the standard says. */
export function matrix(digits: string): boolean[][] {
  return drawn(digits, null);
}

/** The same with a mask of one's own choice, 0 … 7: every reader takes each of them. */
export function matrixMasked(digits: string, mask: number): boolean[][] {
  return drawn(digits, mask);
}

function drawn(digits: string, mask: number | null): boolean[][] {
  if (!DIGITS.test(digits)) throw new RangeError(`digits: exactly ${CODE_DIGITS} are wanted`);
  const picture = generate(mode.numeric(digits), {
    minVersion: VERSION,
    maxVersion: VERSION,
    minCorrectionLevel: correction.H,
    mask,
  });
  const places = Array.from({ length: picture.size }, (_, place) => place);
  return places.map((y) => places.map((x) => picture.get(x, y)));
}
