// The preview's own scripts. ESLint is the mini-program's: `npm run lint` there checks this folder.

const BROWSER = [
  'AbortController', 'CSS', 'Event', 'FormData', 'Image', 'MutationObserver', 'OffscreenCanvas',
  'ResizeObserver', 'URL', 'URLSearchParams', 'clearInterval', 'clearTimeout', 'cancelAnimationFrame',
  'console', 'crypto', 'devicePixelRatio', 'document', 'fetch', 'getComputedStyle', 'history', 'innerHeight', 'innerWidth',
  'localStorage', 'location', 'matchMedia', 'navigator', 'performance', 'queueMicrotask',
  'requestAnimationFrame', 'setInterval', 'setTimeout', 'window', '__bundle', '__startPhone',
];
const NODE = ['console', 'clearTimeout', 'performance', 'process', 'setTimeout'];

const readable = (names) => Object.fromEntries(names.map((name) => [name, 'readonly']));
const error = (...names) => Object.fromEntries(names.map((name) => [name, 'error']));

const RULES = {
  ...error(
    'array-callback-return', 'constructor-super', 'default-case-last', 'eqeqeq', 'for-direction',
    'getter-return', 'no-async-promise-executor', 'no-class-assign', 'no-compare-neg-zero',
    'no-cond-assign', 'no-const-assign', 'no-constant-binary-expression', 'no-constant-condition',
    'no-debugger', 'no-dupe-class-members', 'no-dupe-else-if', 'no-dupe-keys', 'no-duplicate-case',
    'no-duplicate-imports', 'no-empty', 'no-eval', 'no-ex-assign', 'no-fallthrough', 'no-func-assign',
    'no-import-assign', 'no-loss-of-precision', 'no-misleading-character-class', 'no-new-func',
    'no-param-reassign', 'no-prototype-builtins', 'no-redeclare',
    'no-self-assign', 'no-self-compare', 'no-setter-return', 'no-shadow', 'no-sparse-arrays',
    'no-this-before-super', 'no-undef', 'no-unreachable', 'no-unsafe-finally', 'no-unsafe-negation',
    'no-unsafe-optional-chaining', 'no-unused-private-class-members', 'no-unused-vars',
    'no-useless-catch', 'no-useless-escape', 'no-useless-return', 'no-var', 'prefer-const',
    'require-atomic-updates', 'use-isnan', 'valid-typeof',
  ),
  'max-lines': ['error', { max: 400 }],
  'max-lines-per-function': ['error', { max: 70 }],
  'max-params': ['error', { max: 5 }],
};

export default [
  { ignores: ['node_modules/', 'sample/'] },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: { ecmaVersion: 2024, sourceType: 'module', globals: readable(BROWSER) },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: RULES,
  },
  {
    files: ['build.mjs', 'compiler/**/*.mjs'],
    languageOptions: {
      globals: { ...Object.fromEntries(BROWSER.map((name) => [name, 'off'])), ...readable(NODE) },
    },
  },
];
