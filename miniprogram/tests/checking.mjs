// What `npm run check` does in each of our Node folders: commands, then unit tests, each counted.
//
// Ends with status 0 or 1, and leaves ../var/check/<name>.json for the project's own check.

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { run } from "node:test";
import { fileURLToPath } from "node:url";

const TEST_MS_MAX = 30_000;

/**
 * Run what the command line names, all when it names nothing.
 *
 * @param {string} url the address of the check itself, which lies beside its tests
 * @param {string} name what the result is called
 * @param {Record<string, string[][]>} wanted the commands of each word, run by this very Node
 */
export async function check(url, name, wanted) {
  const here = path.dirname(fileURLToPath(url));
  const root = path.dirname(here);
  const failures = [];
  let passed = 0;

  function command(word, words) {
    const done = spawnSync(process.execPath, words, { cwd: root, stdio: "inherit" });
    if (done.status === 0) passed += 1;
    else failures.push(`${word}: ${words.join(" ")}`);
  }

  /** Every test counts as one; a file that breaks before its first test counts as one that failed. */
  async function tests() {
    process.chdir(root);
    process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --import tsx`.trim();
    const names = fs.readdirSync(here, { recursive: true }).map(String);
    const files = names.filter((one) => one.endsWith(".test.ts")).sort();
    const stream = run({
      files: files.map((one) => path.join(here, one)),
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
  for (const [word, commands] of Object.entries(wanted)) {
    if (wished.length && !wished.includes(word)) continue;
    for (const words of commands) command(word, words);
  }
  if (!wished.length || wished.includes("tests")) await tests();

  console.log(`${name}: ${passed} passed, ${failures.length} failed`);
  for (const failure of failures) console.log(`  ✗ ${failure}`);
  if (!wished.length) {
    const result = path.join(root, "..", "var", "check", `${name}.json`);
    fs.mkdirSync(path.dirname(result), { recursive: true });
    const counts = { passed, failed: failures.length, failures };
    fs.writeFileSync(result, `${JSON.stringify(counts)}\n`);
  }
  process.exitCode = failures.length || !passed ? 1 : 0;
}
