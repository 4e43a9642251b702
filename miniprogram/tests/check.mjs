// Types, lint (also of the preview's scripts), vendored files and unit tests; `npm run check` runs
// all, or name some of them:
//
//   node tests/check.mjs [types] [lint] [vendor] [tests]

import { check } from "./checking.mjs";

await check(import.meta.url, "miniprogram", {
  types: [
    ["node_modules/typescript/bin/tsc", "--pretty", "-p", "."],
    ["node_modules/typescript/bin/tsc", "--pretty", "-p", "tests"],
  ],
  // each folder by its own eslint.config.mjs
  lint: [["node_modules/eslint/bin/eslint.js", "--max-warnings", "0", ".", "../simulators/preview"]],
  vendor: [["vendor.mjs", "--check"]],
});
