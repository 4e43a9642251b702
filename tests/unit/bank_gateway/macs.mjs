// The four MACs once more, by Node's own OpenSSL: [[kind, key, data]…] in, hexadecimal out.
import crypto from "node:crypto";
import { readFileSync } from "node:fs";

const asked = JSON.parse(readFileSync(0, "utf8"));
const block = (name, key, data, way) => {
  const made = crypto[way](name, key, null);
  made.setAutoPadding(false);
  return Buffer.concat([made.update(data), made.final()]);
};
const three = (key) => key.length === 8 ? Buffer.concat([key, key, key]) : Buffer.concat([key, key.subarray(0, 8)]);
const des = (key, data) => block("des-ede3-ecb", three(key), data, "createCipheriv");
const undes = (key, data) => block("des-ede3-ecb", three(key), data, "createDecipheriv");
const sm4 = (key, data) => block("sm4-ecb", key, data, "createCipheriv");
const xor = (a, b) => Buffer.from(a.map((one, n) => one ^ b[n]));
const pieces = (data, size) => {
  const whole = Buffer.concat([data, Buffer.alloc((size - data.length % size) % size)]);
  return Array.from({ length: whole.length / size }, (_, n) => whole.subarray(n * size, (n + 1) * size));
};
const folded = (data, size, encrypt) => {
  const digits = Buffer.from(pieces(data, size).reduce(xor, Buffer.alloc(size)).toString("hex").toUpperCase());
  const once = encrypt(digits.subarray(0, size));
  return Buffer.from(encrypt(xor(once, digits.subarray(size))).toString("hex").toUpperCase().slice(0, 8));
};
const chained = (key, data) => pieces(data, 8).reduce((held, one) => des(key.subarray(0, 8), xor(held, one)), Buffer.alloc(8));
const macs = {
  "ecb": (key, data) => folded(data, 8, (one) => des(key, one)),
  "ecb_sm4": (key, data) => folded(data, 16, (one) => sm4(key, one)),
  "x9.9": chained,
  "x9.19": (key, data) => des(key.subarray(0, 8), undes(key.subarray(8, 16), chained(key, data))),
};
console.log(JSON.stringify(asked.map(([kind, key, data]) =>
  macs[kind](Buffer.from(key, "hex"), Buffer.from(data, "hex")).toString("hex"))));
