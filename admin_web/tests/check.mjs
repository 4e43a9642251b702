// Types, lint and unit tests; `npm run check` runs all, or name some of them:
//
//   node tests/check.mjs [types] [lint] [tests]
//
// The browser tests build it (scripts/build_office.py), so this does not.
//
// Ends with status 0 or 1, and leaves ../var/check/admin_web.json for the project's own check.

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { run } from "node:test";
import { fileURLToPath } from "node:url";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.dirname(HERE);
const RESULT = path.join(ROOT, "..", "var", "check", "admin_web.json");
const TEST_MS_MAX = 30_000;

const COMMANDS = {
  types: ["node_modules/vue-tsc/bin/vue-tsc.js", "--pretty", "-p", "."],
  lint: ["node_modules/eslint/bin/eslint.js", "--max-warnings", "0", "."],
};

const failures = [];
let passed = 0;

function command(name) {
  const done = spawnSync(process.execPath, COMMANDS[name], { cwd: ROOT, stdio: "inherit" });
  if (done.status === 0) passed += 1;
  else failures.push(`${name}: ${COMMANDS[name].join(" ")}`);
}

/** Every test counts as one; a file that breaks before its first test counts as one that failed. */
async function tests() {
  process.chdir(ROOT);
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --import tsx`.trim();
  const names = fs.readdirSync(HERE, { recursive: true }).map(String);
  const files = names.filter((name) => name.endsWith(".test.ts")).sort();
  const stream = run({
    files: files.map((name) => path.join(HERE, name)),
    concurrency: 2,
    timeout: TEST_MS_MAX,
  });
  stream.on("test:pass", (event) => {
    if (event.details.type !== "suite" && event.skip === undefined) passed += 1;
  });
  stream.on("test:fail", (event) => {
    if (event.details.type === "suite") return;
    const error = event.details.error;
    console.error(`✗ ${event.name}\n${error?.cause?.stack ?? error?.cause ?? error}\n`);
    failures.push(event.name);
  });
  for await (const event of stream) void event;
}

const wished = process.argv.slice(2);
for (const name of Object.keys(COMMANDS)) {
  if (!wished.length || wished.includes(name)) command(name);
}
if (!wished.length || wished.includes("tests")) await tests();

console.log(`admin_web: ${passed} passed, ${failures.length} failed`);
for (const failure of failures) console.log(`  ✗ ${failure}`);
if (!wished.length) {
  fs.mkdirSync(path.dirname(RESULT), { recursive: true });
  const result = { passed, failed: failures.length, failures };
  fs.writeFileSync(RESULT, `${JSON.stringify(result)}\n`);
}
process.exitCode = failures.length || !passed ? 1 : 0;
