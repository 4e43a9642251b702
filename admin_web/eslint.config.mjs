// The rings of the web: pages stand on parts, parts on words and api. And the rules of the house.
import vue from "eslint-plugin-vue";
import tseslint from "typescript-eslint";

/** A ring does not import from the rings around it. */
function ring(files, forbidden, message) {
  const group = forbidden.flatMap((folder) => [`@/${folder}/**`, `**/${folder}/**`]);
  return {
    files,
    rules: { "no-restricted-imports": ["error", { patterns: [{ group, message }] }] },
  };
}

export default tseslint.config(
  { ignores: ["node_modules/", "dist/", "src/api/schema.ts"] },
  ...tseslint.configs.recommendedTypeChecked,
  ...vue.configs["flat/recommended"],
  {
    languageOptions: {
      parserOptions: {
        parser: tseslint.parser,
        projectService: { allowDefaultProject: ["eslint.config.mjs", "tests/check.mjs"] },
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: [".vue"],
      },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "max-lines": ["error", { max: 400 }],
      "max-params": ["error", { max: 5 }],
      "no-console": "error",
      eqeqeq: "error",
      "no-undef": "off", // TypeScript knows better
      "vue/no-v-html": "error", // what people typed is text, everywhere
      "vue/multi-word-component-names": "off",
      "vue/max-attributes-per-line": "off",
      "vue/singleline-html-element-content-newline": "off",
      "vue/html-self-closing": ["error", { html: { void: "always" } }],
      "vue/html-indent": "off",
      "vue/html-closing-bracket-newline": "off",
      "vue/attributes-order": "off",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: false }],
    },
  },
  ring(["src/api/**"], ["pages", "parts"], "api/ knows the server and nothing that is seen."),
  ring(["src/parts/**"], ["pages"], "A part knows no page."),
  { files: ["**/*.mjs"], ...tseslint.configs.disableTypeChecked },
  { files: ["tests/check.mjs"], rules: { "no-console": "off" } },
  // node:test's own
  { files: ["tests/**/*.ts"], rules: { "@typescript-eslint/no-floating-promises": "off" } },
);
