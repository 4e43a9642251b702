// WXSS → CSS: rpx, type selectors, style isolation, @import.
import fs from 'node:fs';
import path from 'node:path';
import postcss from 'postcss';
import selectorParser from 'postcss-selector-parser';
import { isFile } from './project.mjs';
import { BUILTINS } from '../runtime/builtins/tags.mjs';

const TAGS = new Set(BUILTINS);
const RPX = /(-?(?:\d*\.)?\d+)rpx\b/g;
const RPX_PER_VW = 7.5; // 750 rpx are the width of any screen

const toVw = (text) => text.replace(RPX, (_, rpx) => `${+(rpx / RPX_PER_VW).toFixed(4)}vw`);

function load(file, mistakes, seen = new Set()) {
  if (seen.has(file)) return postcss.root();
  seen.add(file);
  const root = postcss.parse(fs.readFileSync(file, 'utf8'), { from: file });
  root.walkAtRules('import', (rule) => {
    const target = /['"]([^'"]+)['"]/.exec(rule.params)?.[1] ?? '';
    const imported = path.resolve(path.dirname(file), target);
    if (!isFile(imported)) {
      mistakes.add(file, `@import ${rule.params}: is not there`);
      rule.remove();
      return;
    }
    rule.replaceWith(load(imported, mistakes, seen).nodes);
  });
  return root;
}

/**
 * Returns the CSS of one WXSS file. `scope` prefixes every class of an isolated component, as
 * glass-easel prefixes the classes of its elements.
 */
export function compileStyle(file, scope, mistakes) {
  const selectors = selectorParser((found) => {
    found.walkTags((tag) => {
      if (TAGS.has(tag.value)) tag.value = `wx-${tag.value}`;
    });
    found.walkPseudos((pseudo) => {
      if (pseudo.value !== ':host') return;
      const host = { attribute: 'wx-host', value: scope || '', operator: '=', quoteMark: '"' };
      pseudo.replaceWith(selectorParser.attribute({ ...host, raws: {} }));
    });
    // glass-easel writes ids with a prefix of the page or component they are in
    found.walkIds((id) => {
      const suffix = { attribute: 'id', value: `--${id.value}`, operator: '$=', quoteMark: '"' };
      id.replaceWith(selectorParser.attribute({ ...suffix, raws: {} }));
    });
    if (scope) found.walkClasses((one) => (one.value = `${scope}--${one.value}`));
  });
  const root = load(file, mistakes);
  root.walkRules((rule) => {
    if (/keyframes$/.test(rule.parent?.name ?? '')) return;
    rule.selector = selectors.processSync(rule.selector);
  });
  root.walkDecls((one) => {
    one.value = toVw(one.value);
    // a phone shows only remote pictures and data: URLs in a style; a remote one fails offline
    if (/url\(\s*['"]?(?!data:)/.test(one.value)) mistakes.add(file, `${one.prop}: ${one.value}`);
  });
  root.walkAtRules((rule) => (rule.params = toVw(rule.params)));
  return root.toString();
}

/** Whether classes of the page and the app must not reach into a component. */
function isIsolated({ config, isPage }) {
  if (isPage) return false;
  if (!config.styleIsolation) return Boolean(config.component);
  return !/^(page-)?shared$/.test(config.styleIsolation);
}

/** Gives isolated components a `scope` and returns { app, [path]: CSS }. */
export function compileStyles(project) {
  const sheets = {};
  const sheet = (virtual, scope) => {
    const file = `${project.stem(virtual)}.wxss`;
    return isFile(file) ? compileStyle(file, scope, project.mistakes) : '';
  };
  sheets.app = sheet('app');
  let count = 0;
  for (const [virtual, component] of project.components) {
    if (isIsolated(component)) component.scope = `c${count++}`;
    sheets[virtual] = sheet(virtual, component.scope);
  }
  return sheets;
}
