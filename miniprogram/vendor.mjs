// Bundles the packages the phone needs into CommonJS ES2017 files, so that the folder
// opens in WeChat DevTools without its "npm build" step.
//
//   node vendor.mjs            writes vendor/
//   node vendor.mjs --check    exit status 1 when a file is not what would be written

import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const FOLDER = path.join(HERE, "vendor");

const BUNDLES = [
  {
    file: "hashes.js",
    packages: ["@noble/hashes"],
    source: `export { hmac } from "@noble/hashes/hmac.js";
export { sha256 } from "@noble/hashes/sha2.js";`,
  },
  {
    file: "qr.js",
    packages: ["lean-qr"],
    source: `export { correction, generate, mode } from "lean-qr";`,
    // it makes one when it is loaded, for texts; ours are digits, and a phone has none
    lacking: ["TextEncoder"],
  },
];

/** The text of one bundle, the same on every machine. */
async function bundled({ packages, source, lacking = [] }) {
  const made = await build({
    stdin: { contents: source, resolveDir: HERE, loader: "js" },
    bundle: true,
    write: false,
    format: "cjs",
    target: "es2017",
    platform: "neutral",
    mainFields: ["module", "main"],
    legalComments: "inline",
    charset: "utf8",
    define: Object.fromEntries(lacking.map((name) => [name, "Object"])),
    logLevel: "warning",
  });
  const named = packages.map((name) => `${name} ${packageOf(name).version}`).join(", ");
  return `// ${named}: made by vendor.mjs, not by hand; licences in LICENSES.md\n${made.outputFiles[0].text}`;
}

function packageOf(name) {
  return JSON.parse(
    fs.readFileSync(path.join(HERE, "node_modules", name, "package.json"), "utf8"),
  );
}

/** What is vendored, in which version, under which licence, with the licence's text. */
function licences() {
  const parts = ["# What stands in this folder and is not ours\n"];
  for (const { file, packages } of BUNDLES) {
    for (const name of packages) {
      const { version, license, homepage } = packageOf(name);
      const folder = path.join(HERE, "node_modules", name);
      const text = fs.readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      parts.push(`## ${name} ${version} (${license}), in ${file}\n`);
      if (homepage) parts.push(`${homepage}\n`);
      parts.push(text ? indented(path.join(folder, text)) : noticeOf(folder));
    }
  }
  return `${parts.join("\n").trimEnd()}\n`;
}

function indented(file) {
  const lines = fs.readFileSync(file, "utf8").trim().split(/\r?\n/);
  return lines.map((line) => (line.trim() ? `    ${line}` : "")).join("\n") + "\n";
}

/** A package without a licence file says it at the head of its source. */
function noticeOf(folder) {
  const { main } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  const source = fs.readFileSync(path.join(folder, main), "utf8");
  const lines = [];
  for (const line of source.split("\n").filter((one) => one.trim())) {
    if (!line.startsWith("//")) break;
    if (/^\/\/-+$/.test(line.trim())) continue;
    lines.push(`    ${line.slice(2).trim()}`.trimEnd());
  }
  if (!lines.length) throw new Error(`${folder}: neither a licence file nor a notice`);
  return lines.join("\n") + "\n";
}

const isCheck = process.argv.includes("--check");
const wanted = new Map([["LICENSES.md", licences()]]);
for (const bundle of BUNDLES) wanted.set(bundle.file, await bundled(bundle));
let stale = 0;
for (const [name, text] of wanted) {
  const file = path.join(FOLDER, name);
  if (fs.existsSync(file) && fs.readFileSync(file, "utf8") === text) continue;
  stale += 1;
  console.log(`vendor/${name}: ${isCheck ? "is not what would be written" : "written"}`);
  if (!isCheck) fs.writeFileSync(file, text);
}
process.exitCode = isCheck && stale ? 1 : 0;
