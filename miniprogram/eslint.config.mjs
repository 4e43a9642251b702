// The rings of the mini-program and the rules of the house, as far as a linter can see them.
import tseslint from "typescript-eslint";

/** Members that only services/ may touch: the server, storage, the device. */
const DEVICE =
  "request|uploadFile|downloadFile|connectSocket|login|checkSession" +
  "|(get|set|remove|clear|batchGet|batchSet)Storage(Sync|Info|InfoSync)?" +
  "|(get|start|stop|on|off|send)HCE\\w*|\\w*Brightness|setKeepScreenOn|setVisualEffectOnCapture" +
  "|\\w*(CaptureScreen|ScreenRecording)\\w*|\\w*NetworkStatus\\w*|vibrate\\w+" +
  "|onNeedPrivacyAuthorization|getPrivacySetting|requestPayment|getUserCryptoManager";

const noDevice = {
  selector: `MemberExpression[object.name='wx'][property.name=/^(${DEVICE})$/]`,
  message: "Only services/ reach the server, storage and the device.",
};
const noWx = { name: "wx", message: "models/, words/ and stores/ know no WeChat: services/ do." };

/** A ring does not import from the rings around it. */
function ring(files, forbidden, message) {
  const group = forbidden.map((folder) => `**/${folder}/**`);
  return {
    files,
    rules: { "no-restricted-imports": ["error", { patterns: [{ group, message }] }] },
  };
}

/** Who may know whom; a test tries them one by one. */
export const rings = [
  {
    files: ["models/**/*.ts", "words/**/*.ts", "stores/**/*.ts"],
    rules: { "no-restricted-globals": ["error", noWx] },
  },
  {
    files: ["pages/**/*.ts", "packages/**/*.ts", "components/**/*.ts", "app.ts"],
    rules: { "no-restricted-syntax": ["error", noDevice] },
  },
  ring(
    ["models/**/*.ts"],
    ["services", "stores", "words", "pages", "packages", "components"],
    "models/ import nothing but models/ and vendor/.",
  ),
  ring(
    ["services/**/*.ts"],
    ["stores", "words", "pages", "packages", "components"],
    "services/ import models/ only.",
  ),
  ring(
    ["stores/**/*.ts"],
    ["words", "pages", "packages", "components"],
    "stores/ name words, they do not say them.",
  ),
  ring(
    ["pages/**/*.ts", "packages/**/*.ts", "components/**/*.ts"],
    ["services", "vendor"],
    "Pages are passive: they follow stores and call their actions.",
  ),
];

export default tseslint.config(
  { ignores: ["node_modules/", "vendor/", "models/api.ts", "**/*.mjs"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: ["./tsconfig.json", "./tests/tsconfig.json"] },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": "off", // `() => this.hide()` says enough
      "@typescript-eslint/no-invalid-void-type": "off",
      // it does not see what changes while something is awaited, nor what a server may really send
      "@typescript-eslint/no-unnecessary-condition": "off",
      "@typescript-eslint/no-unnecessary-type-parameters": "off", // what storage holds is named there
      "max-lines": ["error", { max: 400 }],
      "max-lines-per-function": ["error", { max: 70 }],
      "max-params": ["error", { max: 5 }],
      "no-console": "error",
      eqeqeq: "error",
    },
  },
  ...rings,
  {
    files: ["tests/**/*.ts"],
    rules: {
      "max-lines-per-function": "off",
      "@typescript-eslint/no-floating-promises": "off", // node:test's own
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
    },
  },
);
