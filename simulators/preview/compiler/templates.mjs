// WXML and WXS → the JavaScript that glass-easel draws with, by the compiler the phone's own
// templates come from.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { isFile } from './project.mjs';
import { BUILTINS, templateOf } from '../runtime/builtins/tags.mjs';

const { TmplGroup } = createRequire(import.meta.url)('glass-easel-template-compiler');

/** Somebody else's templates may have warnings, ours may not. */
const isForeign = (virtual) => virtual.startsWith('miniprogram_npm/');

/**
 * Keep two meanings that WXS has and JavaScript has not: `x.constructor` is a string ("Array"), and
 * the text given to getRegExp keeps its backslashes.
 */
export function wxsToJavaScript(source) {
  return source
    .replace(/\.constructor\b/g, '.$wxsConstructor')
    .replace(/getRegExp\((['"])(.*?)\1/g, (_, quote, text) => {
      const kept = text.replace(/\\(?!\\)/g, '\\\\');
      return `getRegExp(${quote}${kept}${quote}`;
    })
    .replace(/(require\(\s*['"][^'"]+)\.wxs(['"])/g, '$1$2');
}

function inlineWxs(wxml) {
  return wxml.replace(
    /(<wxs\b[^>]*[^/]>)([\s\S]*?)(<\/wxs>)/g,
    (_, open, source, close) => open + wxsToJavaScript(source) + close,
  );
}

/** Returns the expression (JavaScript text) that makes all templates of the project. */
export function compileTemplates(project) {
  const group = TmplGroup.newDev();
  const seen = new Set();

  function addScript(virtual) {
    if (seen.has(`wxs ${virtual}`)) return;
    seen.add(`wxs ${virtual}`);
    const file = `${project.stem(virtual)}.wxs`;
    if (!isFile(file)) {
      project.mistakes.add(`${virtual}.wxs`, 'is not there');
      return;
    }
    const source = wxsToJavaScript(fs.readFileSync(file, 'utf8'));
    group.addScript(virtual, source);
    for (const [, target] of source.matchAll(/require\(\s*['"]([^'"]+)['"]\s*\)/g)) {
      addScript(path.posix.join(path.posix.dirname(virtual), target));
    }
  }

  function addTemplate(virtual) {
    if (seen.has(virtual)) return;
    seen.add(virtual);
    const file = `${project.stem(virtual)}.wxml`;
    if (!isFile(file)) {
      project.mistakes.add(`${virtual}.wxml`, 'is not there');
      group.addTmpl(virtual, '');
      return;
    }
    for (const one of group.addTmpl(virtual, inlineWxs(fs.readFileSync(file, 'utf8'))) || []) {
      if (!isForeign(virtual)) {
        project.mistakes.add(`${virtual}.wxml:${one.startLine + 1}`, one.message);
      }
    }
    group.getDirectDependencies(virtual).forEach(addTemplate);
    group.getScriptDependencies(virtual).forEach(addScript);
  }

  [...project.components.keys()].forEach(addTemplate);
  for (const tag of BUILTINS) group.addTmpl(`builtin/${tag}`, templateOf(tag));
  return group.getTmplGenObjectGroups();
}
