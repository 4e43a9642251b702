/** What can be said of every page without drawing it. */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { section, type Section } from "../words/index";

const ROOT = path.dirname(__dirname);
const CONTRAST_MIN = 4.5;

interface AppJson {
  pages: string[];
  subPackages: { root: string; pages: string[] }[];
}

function read(name: string): string {
  return fs.readFileSync(path.join(ROOT, name), "utf8");
}

const app = JSON.parse(read("app.json")) as AppJson;
const pages = [
  ...app.pages,
  ...app.subPackages.flatMap(({ root, pages: names }) => names.map((name) => `${root}/${name}`)),
];
const components = ["code-picture", "freeze-button", "bar-chart"].map(
  (name) => `components/${name}/index`,
);

/** Every tag of a template with its text of attributes. */
function tags(wxml: string): { name: string; attributes: string }[] {
  return Array.from(wxml.matchAll(/<([a-z-]+)\b([^>]*)>/g), ([, name = "", attributes = ""]) => ({
    name,
    attributes,
  }));
}

describe("every page", () => {
  for (const page of pages) {
    it(`${page} has its four files, for the new component framework`, () => {
      for (const end of ["ts", "wxml", "wxss"]) assert.ok(fs.existsSync(`${ROOT}/${page}.${end}`));
      const config = JSON.parse(read(`${page}.json`)) as Record<string, unknown>;
      assert.equal(config["componentFramework"], "glass-easel");
      assert.equal(config["glassEaselWebview"], true);
    });

    it(`${page} says only words there are`, () => {
      const followed = /follow\(\s*this,\s*\[([^\]]*)\]/.exec(read(`${page}.ts`))?.[1] ?? "";
      const names = Array.from(followed.matchAll(/"(\w+)"/g), (found) => found[1] as Section);
      assert.notEqual(names.length, 0);
      for (const language of ["zh", "en"] as const) {
        const told = section(["every", ...names], language);
        assert.ok(told["title"], "its title");
        for (const [, key = ""] of read(`${page}.wxml`).matchAll(/\bt\.(\w+)/g)) {
          assert.ok(told[key], `t.${key}`);
        }
      }
    });
  }

  for (const file of [...pages, ...components]) {
    it(`${file} tells what can be tapped to those who do not see it`, () => {
      for (const { name, attributes } of tags(read(`${file}.wxml`))) {
        if (name === "view" && attributes.includes("bindtap=")) {
          assert.match(attributes, /aria-role="(button|link|radio)"/, attributes);
        }
        if (["input", "textarea", "switch"].includes(name)) {
          assert.match(attributes, /aria-label=/, attributes);
        }
      }
    });

    it(`${file} keeps to what every phone understands`, () => {
      const wxml = read(`${file}.wxml`);
      assert.doesNotMatch(wxml, /\{\{\s*\}\}|wx-if|wx-for|\\/);
      assert.doesNotMatch(wxml + read(`${file}.wxss`), /https?:|url\(|@import/);
      for (const [, picture = ""] of wxml.matchAll(/src="(\/[^"{]+)"/g)) {
        assert.ok(fs.existsSync(ROOT + picture), picture);
      }
    });
  }
});

/** WCAG's relative luminance of "#rrggbb". */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

describe("colours", () => {
  const sheet = read("app.wxss");
  const named = new Map(
    Array.from(sheet.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g), ([, name = "", colour = ""]) => [
      name,
      colour,
    ]),
  );

  for (const [ink, paper] of [
    ["ink", "paper"],
    ["ink", "ground"],
    ["muted", "paper"],
    ["muted", "ground"],
    ["accent", "paper"],
    ["accent", "ground"],
    ["accent", "accent-soft"],
    ["paper", "accent"],
    ["alarm", "paper"],
    ["alarm", "ground"],
    ["alarm", "alarm-soft"],
  ] as const) {
    it(`${ink} is read on ${paper}`, () => {
      const found = contrast(named.get(ink) ?? "", named.get(paper) ?? "");
      assert.ok(found >= CONTRAST_MIN, found.toFixed(2));
    });
  }

  it("those of a rule's own are read, too", () => {
    const rules = Array.from(sheet.matchAll(/background: (#[0-9a-f]{6}); color: (#[0-9a-f]{6})/g));
    assert.ok(rules.length >= 2);
    for (const [rule, paper = "", ink = ""] of rules) {
      assert.ok(contrast(ink, paper) >= CONTRAST_MIN, rule);
    }
  });
});
