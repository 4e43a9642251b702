import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, it } from "node:test";
import { transformSync } from "esbuild";
import { ESLint, type Linter } from "eslint";
import tseslint from "typescript-eslint";
import { WORD_KEYS } from "../models/word_keys";
import { en } from "../words/en";
import { zh } from "../words/zh";

const ROOT = path.dirname(__dirname);
const MAIN_BYTES_MAX = 500_000;
const PLACE = /\{\w+\}/g;
/** What WeChat is told not to upload; the subpackages are counted apart. */
const NOT_UPLOADED = /^(node_modules|tests|packages)\/|\.(md|mjs|d\.ts)$|^[^/]*\.(json|npmrc)$|^\./;

/** What a file weighs once its types are gone, as WeChat's own compiler leaves it. */
function uploadedBytes(name: string): number {
  const code = fs.readFileSync(path.join(ROOT, name));
  if (!name.endsWith(".ts")) return code.length;
  return Buffer.byteLength(transformSync(code, { loader: "ts", target: "es2017" }).code);
}

interface Rings {
  readonly rings: readonly Linter.Config[];
}

function filesIn(folder: string): string[] {
  const names = fs.readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true });
  return names
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
    .filter((name) => !name.startsWith("node_modules/"));
}

function read(name: string): string {
  return fs.readFileSync(path.join(ROOT, name), "utf8");
}

describe("words", () => {
  it("every key that is named has a sentence in both languages", () => {
    for (const key of WORD_KEYS) {
      assert.ok(zh[key], `zh: ${key}`);
      assert.ok(en[key], `en: ${key}`);
    }
    assert.equal(new Set(WORD_KEYS).size, WORD_KEYS.length);
  });

  it("every key that is listed is named somewhere", () => {
    const code = ["models", "services", "stores"]
      .flatMap(filesIn)
      .filter((name) => name.endsWith(".ts") && name !== "models/word_keys.ts")
      .map(read)
      .join("\n");
    assert.deepEqual(
      WORD_KEYS.filter((key) => !code.includes(`"${key}"`)),
      [],
    );
  });

  it("both languages have the same keys, with the same places", () => {
    assert.deepEqual(Object.keys(en).sort(), Object.keys(zh).sort());
    for (const [key, sentence] of Object.entries(zh)) {
      const other = (en as Record<string, string>)[key] ?? "";
      const places = (text: string) => [...new Set(text.match(PLACE) ?? [])].sort();
      if (key === "every.month" || key === "every.day") continue; // a number here, a name there
      assert.deepEqual(places(other), places(sentence), key);
    }
  });
});

describe("vendored packages", () => {
  it("are what the script makes of the locked versions", () => {
    const done = spawnSync(process.execPath, ["vendor.mjs", "--check"], { cwd: ROOT });
    assert.equal(done.status, 0, done.stdout.toString() + done.stderr.toString());
  });

  it("are seen when they differ", () => {
    const copy = fs.mkdtempSync(path.join(os.tmpdir(), "vendor-"));
    for (const name of ["vendor.mjs", "package.json", "vendor"]) {
      fs.cpSync(path.join(ROOT, name), path.join(copy, name), { recursive: true });
    }
    fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(copy, "node_modules"));
    fs.appendFileSync(path.join(copy, "vendor", "hashes.js"), "\n");
    const done = spawnSync(process.execPath, ["vendor.mjs", "--check"], { cwd: copy });
    fs.rmSync(copy, { recursive: true });
    assert.equal(done.status, 1);
    assert.match(done.stdout.toString(), /hashes\.js: is not what would be written/);
  });

  it("name version and licence of everything", () => {
    const text = read("vendor/LICENSES.md");
    const lock = JSON.parse(read("package-lock.json")) as {
      packages: Record<string, { version: string; license: string }>;
    };
    for (const name of ["@noble/hashes", "lean-qr"]) {
      const locked = lock.packages[`node_modules/${name}`];
      assert.ok(text.includes(`## ${name} ${locked?.version} (${locked?.license})`), name);
    }
  });

  it("use nothing the phone's engine lacks", () => {
    const lacking = /\b(BigInt|globalThis|structuredClone|TextEncoder)\b|\?\.\w|\?\?|\d+n\b/;
    for (const name of ["vendor/hashes.js", "vendor/qr.js"]) {
      assert.doesNotMatch(read(name), lacking, name);
    }
  });
});

describe("the package", () => {
  it("locks exact versions and no registry's address", () => {
    const lock = read("package-lock.json");
    assert.doesNotMatch(lock, /"resolved"/);
    const { devDependencies } = JSON.parse(read("package.json")) as {
      devDependencies: Record<string, string>;
    };
    for (const [name, version] of Object.entries(devDependencies)) {
      assert.match(version, /^\d+\.\d+\.\d+$/, name);
    }
  });

  it("main is at most 500 kB before anybody compresses it", () => {
    const main = filesIn(".").filter((name) => !NOT_UPLOADED.test(name));
    assert.ok(main.includes("app.ts") && main.includes("pages/card/index.wxml"));
    const bytes = main.reduce((sum, name) => sum + uploadedBytes(name), 0);
    assert.ok(bytes <= MAIN_BYTES_MAX, `${bytes} bytes`);
  });
});

describe("the linter keeps the rings apart", () => {
  /** The rings alone: what needs types is the linter's own run, and takes half a minute. */
  const rulesFor = async (file: string, code: string): Promise<(string | null)[]> => {
    const { rings } = (await import(path.join(ROOT, "eslint.config.mjs"))) as Rings;
    const parser = { files: ["**/*.ts"], languageOptions: { parser: tseslint.parser } };
    const baseConfig = [parser, ...rings] as Linter.Config[];
    const eslint = new ESLint({ cwd: ROOT, overrideConfigFile: true, baseConfig });
    const [found] = await eslint.lintText(code, { filePath: path.join(ROOT, file) });
    return (found?.messages ?? []).map((message) => message.ruleId);
  };

  for (const [file, code, rule] of [
    ["pages/card/index.ts", 'wx.request({ url: "x" });', "no-restricted-syntax"],
    ["pages/card/index.ts", 'wx.setStorageSync("a", 1);', "no-restricted-syntax"],
    ["components/code-picture/index.ts", "wx.startHCE({ aid_list: [] });", "no-restricted-syntax"],
    ["packages/topup/topup/index.ts", "wx.requestPayment({});", "no-restricted-syntax"],
    ["models/money.ts", "wx.getWindowInfo();", "no-restricted-globals"],
    ["stores/card.ts", "wx.getWindowInfo();", "no-restricted-globals"],
    ["models/money.ts", 'import "../services/http";', "no-restricted-imports"],
    ["services/http.ts", 'import "../stores/index";', "no-restricted-imports"],
    ["pages/card/index.ts", 'import "../../services/http";', "no-restricted-imports"],
  ] as const) {
    it(`${file}: ${code}`, async () => {
      assert.ok((await rulesFor(file, `${code}\n`)).includes(rule));
    });
  }

  it("services may", async () => {
    const rules = await rulesFor("services/http.ts", 'wx.request({ url: "x" });\n');
    assert.deepEqual(rules.filter((rule) => rule?.startsWith("no-restricted")), []);
  });
});
