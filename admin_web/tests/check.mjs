// Types, lint and unit tests; `npm run check` runs all, or name some of them:
//
//   node tests/check.mjs [types] [lint] [tests]
//
// The browser tests build it (scripts/build_office.py), so this does not.

import { check } from "../../miniprogram/tests/checking.mjs";

await check(import.meta.url, "admin_web", {
  types: [["node_modules/vue-tsc/bin/vue-tsc.js", "--pretty", "-p", "."]],
  lint: [["node_modules/eslint/bin/eslint.js", "--max-warnings", "0", "."]],
});
