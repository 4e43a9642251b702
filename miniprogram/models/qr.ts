/** The picture: QR version 2, level H, one numeric segment, exactly 34 digits. */
import { qrcode } from "../vendor/qrcode";
import { CODE_DIGITS } from "./campus_code";

const VERSION = 2;
const DIGITS = /^[0-9]{34}$/;

/** Dark modules, 25 rows of 25, without the quiet zone of 4 modules. */
export function matrix(digits: string): boolean[][] {
  if (!DIGITS.test(digits)) throw new RangeError(`digits: exactly ${CODE_DIGITS} are wanted`);
  const code = qrcode(VERSION, "H");
  code.addData(digits, "Numeric");
  code.make();
  const size = code.getModuleCount();
  const places = Array.from({ length: size }, (_, place) => place);
  return places.map((row) => places.map((column) => code.isDark(row, column)));
}
