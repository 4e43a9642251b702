/** One-time values: RFC 4226 and RFC 6238 with HMAC-SHA-256. */
import { hmac, sha256 } from "../vendor/hashes";

const COUNTER_BYTES = 8;
const HIGH = 2 ** 32;

/** HOTP: `digits` ASCII digits for a counter 0 … 2⁵³−1. */
export function hotp(secret: Uint8Array, counter: number, digits: number): string {
  const message = new Uint8Array(COUNTER_BYTES);
  const view = new DataView(message.buffer);
  view.setUint32(0, Math.floor(counter / HIGH));
  view.setUint32(4, counter % HIGH);
  const mac = hmac(sha256, secret, message);
  const start = (mac[mac.length - 1] ?? 0) & 0x0f;
  const truncated = new DataView(mac.buffer, mac.byteOffset).getUint32(start) & 0x7fffffff;
  return String(truncated % 10 ** digits).padStart(digits, "0");
}
