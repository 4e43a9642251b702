// node build.mjs --source ../../miniprogram --target ../../var/preview [--watch] [--draft]
//
// Builds the mini-program's own files into a folder of static files. Exit status 1 and one line for
// each mistake when the mini-program has any; a draft is built in spite of them, when it can be.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BuildError, buildPreview } from './compiler/site.mjs';

const PROJECT = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
const PAUSE_MS = 100; // editors save in several steps

const { values } = parseArgs({
  options: {
    source: { type: 'string', default: path.join(PROJECT, 'miniprogram') },
    target: { type: 'string', default: path.join(PROJECT, 'var/preview') },
    out: { type: 'string' }, // another word for target
    watch: { type: 'boolean', default: false },
    draft: { type: 'boolean', default: false },
  },
});
const target = path.resolve(values.out ?? values.target);
const wish = { source: values.source, target, isDraft: values.draft };

async function build() {
  try {
    const { components, milliseconds, mistakes } = await buildPreview(wish);
    for (const mistake of mistakes) console.error(mistake);
    console.log(`预览已生成 · preview built: ${components} components, ${milliseconds} ms`);
    return 0;
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(`${error.message}\n小程序有错 · the mini-program has mistakes`);
    return 1;
  }
}

const status = await build();
if (values.watch) {
  let timer;
  fs.watch(wish.source, { recursive: true }, (_, name) => {
    if (/(^|\/)node_modules\//.test(name ?? '')) return;
    clearTimeout(timer);
    timer = setTimeout(() => void build().catch((error) => console.error(error.message)), PAUSE_MS);
  });
} else {
  process.exitCode = status;
}
