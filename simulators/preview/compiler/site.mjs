// Puts the finished preview together: bundles, pictures, and the pages around them.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Mistakes, Project } from './project.mjs';
import { bundleApp, bundleRuntime } from './scripts.mjs';
import { compileStyles } from './styles.mjs';
import { compileTemplates } from './templates.mjs';
import { membersOfWx } from './typings.mjs';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const PICTURE = /\.(png|jpe?g|gif|svg|webp)$/;
const NOT_SHIPPED = /(^|\/)(node_modules|tests)(\/|$)/;
const OURS = ['runtime/phone.html', 'runtime/phone.css', 'runtime/begin.js', 'outer/index.html',
  'outer/outer.css', 'outer/outer.mjs', 'outer/words.mjs', 'outer/totp.mjs'];

/** The build failed because the mini-program has mistakes: all of them, one a line. */
export class BuildError extends Error {}

function copyPictures(project, target) {
  for (const name of fs.readdirSync(project.root, { recursive: true })) {
    if (!PICTURE.test(name) || NOT_SHIPPED.test(name)) continue;
    const copy = path.join(target, 'assets', name);
    fs.mkdirSync(path.dirname(copy), { recursive: true });
    fs.copyFileSync(path.join(project.root, name), copy);
  }
}

/**
 * Builds the mini-program in `source` into the folder `target`.
 *
 * Returns { components, milliseconds, mistakes }. Throws BuildError when the mini-program has a
 * mistake, unless it is a draft; whatever `target` held before is replaced only when all went well.
 */
export async function buildPreview({ source, target, isDraft = false }) {
  const began = performance.now();
  const mistakes = new Mistakes();
  const project = new Project(source, mistakes);
  const sheets = compileStyles(project); // also gives each isolated component its scope
  const templates = compileTemplates(project);
  const components = [...project.components].map(([name, { config, scope, isPage }]) => {
    return { path: name, config, scope, isPage };
  });
  const { app, pages } = project;
  const config = { app, pages, components, sheets, members: membersOfWx() };
  const fresh = `${path.resolve(target)}.new`;
  fs.rmSync(fresh, { recursive: true, force: true });
  fs.mkdirSync(fresh, { recursive: true });
  await Promise.all([bundleApp(project, config, templates, fresh), bundleRuntime(fresh)]);
  copyPictures(project, fresh);
  for (const name of OURS) {
    fs.copyFileSync(path.join(ROOT, name), path.join(fresh, path.basename(name)));
  }
  if (mistakes.found.length && !(isDraft && fs.existsSync(path.join(fresh, 'app.js')))) {
    fs.rmSync(fresh, { recursive: true });
    throw new BuildError(mistakes.found.join('\n'));
  }
  fs.rmSync(target, { recursive: true, force: true });
  fs.renameSync(fresh, target);
  const milliseconds = Math.round(performance.now() - began);
  return { components: components.length, milliseconds, mistakes: mistakes.found };
}
