// The mini-program's scripts in one bundle, and our own runtime in another.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const TARGET = 'es2017'; // what the mini-program promises to run on

/**
 * Globals a browser has and the logic layer of a phone has not. In the bundle each is `undefined`,
 * so that a page that touches one fails here as it fails there.
 */
const NOT_ON_A_PHONE = [
  'window', 'self', 'top', 'parent', 'frames', 'opener', 'document', 'navigator', 'location',
  'history', 'screen', 'performance', 'crypto', 'indexedDB', 'caches', 'origin', 'name', 'event',
  'localStorage', 'sessionStorage', 'fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource',
  'TextEncoder', 'TextDecoder', 'URL', 'URLSearchParams', 'atob', 'btoa', 'Blob', 'File',
  'FileReader', 'FormData', 'Headers', 'Request', 'Response', 'AbortController', 'Worker',
  'BroadcastChannel', 'MessageChannel', 'requestAnimationFrame', 'cancelAnimationFrame',
  'requestIdleCallback', 'queueMicrotask', 'structuredClone', 'alert', 'confirm', 'prompt', 'open',
  'close', 'print', 'Image', 'Audio', 'Element', 'HTMLElement', 'Node', 'Event', 'CustomEvent',
  'MutationObserver', 'IntersectionObserver', 'ResizeObserver', 'matchMedia', 'getComputedStyle',
  'addEventListener', 'removeEventListener', 'dispatchEvent', 'postMessage', 'innerWidth',
  'innerHeight', 'devicePixelRatio', 'OffscreenCanvas', 'WebAssembly', 'Intl', 'BigInt',
  '__preview', '__startPhone', '__bundle',
];

function defines() {
  const gone = Object.fromEntries(NOT_ON_A_PHONE.map((name) => [name, 'undefined']));
  // the phone's own clock may be wrong; a global object would be a way round all of the above
  return { ...gone, Date: '__PhoneDate', globalThis: 'undefined', eval: 'undefined' };
}

/** `require("vendor/x")` and `require("some-package")` as DevTools resolves them: miniprogram_npm. */
function miniprogramPackages(project) {
  return {
    name: 'miniprogram_npm',
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, (wanted) => {
        if (path.isAbsolute(wanted.path) || wanted.kind === 'entry-point') return undefined;
        const near = path.join(wanted.resolveDir, wanted.path);
        const packed = project.stem(`miniprogram_npm/${wanted.path}`);
        const again = { kind: wanted.kind, resolveDir: wanted.resolveDir };
        const options = { ...again, pluginData: 'tried' };
        if (wanted.pluginData === 'tried') return undefined;
        return build
          .resolve(near, options)
          .then((found) => (found.errors.length ? build.resolve(packed, options) : found));
      });
    },
  };
}

function reason(error) {
  return (error.errors ?? []).map(({ location, text }) => {
    const where = location ? `${location.file}:${location.line}` : 'bundle';
    return [where, text];
  });
}

/** Text of the bundle's entry: define everything, then start. */
function entryOf(project, config, templates) {
  const load = (file) => `function () { return require(${JSON.stringify(file)}); }`;
  const scripts = [...project.components.keys()]
    .map((virtual) => [virtual, project.script(virtual)])
    .filter(([, file]) => file)
    .map(([virtual, file]) => `phone.component(${JSON.stringify(virtual)}, ${load(file)});`);
  const app = project.script('app');
  if (!app) project.mistakes.add('app', 'has no .ts or .js file');
  return `module.exports = function (begin) {
    var phone = begin(${JSON.stringify(config)}, ${templates});
    ${app ? `phone.app(${load(app)});` : ''}
    ${scripts.join('\n')}
    phone.start();
  };`;
}

/** Bundles the mini-program to `${target}/app.js`. Returns bytes of script by package. */
export async function bundleApp(project, config, templates, target) {
  try {
    const { metafile } = await esbuild.build({
      stdin: {
        contents: entryOf(project, config, templates),
        resolveDir: project.root,
        sourcefile: 'entry.js',
      },
      absWorkingDir: project.root,
      bundle: true,
      format: 'iife',
      globalName: '__bundle',
      outfile: path.join(target, 'app.js'),
      sourcemap: 'linked',
      target: TARGET,
      charset: 'utf8',
      define: defines(),
      plugins: [miniprogramPackages(project)],
      logLevel: 'silent',
      metafile: true,
    });
    const pairs = Object.entries(metafile.inputs).flatMap(([file, input]) =>
      input.imports
        .filter((one) => file !== 'entry.js' && !one.external)
        .map((one) => [path.join(project.root, file), path.join(project.root, one.path)]),
    );
    project.checkImports(pairs);
  } catch (error) {
    if (!error.errors) throw error;
    for (const [where, text] of reason(error)) project.mistakes.add(where, text);
  }
}

/** Bundles what plays the phone to `${target}/runtime.js`. */
export async function bundleRuntime(target) {
  await esbuild.build({
    entryPoints: [path.join(HERE, '../runtime/main.mjs')],
    bundle: true,
    format: 'iife',
    outfile: path.join(target, 'runtime.js'),
    sourcemap: 'linked',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"development"' },
    logLevel: 'error',
  });
}
