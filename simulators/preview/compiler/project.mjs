// Reads a native mini-program as the phone does: app.json, its packages, and the graph of components.
import fs from 'node:fs';
import path from 'node:path';

export const readJson = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));

export function isFile(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** A mistake in the mini-program. The build collects them all and then fails. */
export class Mistakes {
  constructor() {
    this.found = [];
  }

  add(where, what) {
    this.found.push(`${where}: ${what}`);
  }
}

/**
 * One mini-program on disk.
 *
 * A "path" is what WeChat calls one: from the root of the source, with no extension and no leading
 * slash (`pages/card/index`).
 */
export class Project {
  constructor(source, mistakes) {
    this.root = path.resolve(source);
    this.mistakes = mistakes;
    const appFile = path.join(this.root, 'app.json');
    if (!isFile(appFile)) throw new Error(`${appFile} is not there: no mini-program`);
    this.app = readJson(appFile);
    this.packages = (this.app.subPackages || this.app.subpackages || []).map((one) => ({
      root: one.root.replace(/\/$/, ''),
      pages: one.pages,
    }));
    this.pages = [
      ...this.app.pages,
      ...this.packages.flatMap((one) => one.pages.map((page) => path.posix.join(one.root, page))),
    ];
    /** path → { config, isPage } of every page and component reachable from a page */
    this.components = this.#walk();
  }

  /** The file of a path without its extension. */
  stem(virtual) {
    return path.join(this.root, virtual);
  }

  /** The script of a path, TypeScript before JavaScript as DevTools takes them. */
  script(virtual) {
    return ['.ts', '.js'].map((end) => this.stem(virtual) + end).find(isFile);
  }

  /** The sub-package a file belongs to; '' is the main package. */
  packageOf(virtual) {
    return this.packages.find((one) => virtual.startsWith(`${one.root}/`))?.root ?? '';
  }

  #walk() {
    const found = new Map();
    const queue = [...this.pages];
    while (queue.length) {
      const virtual = queue.shift();
      if (found.has(virtual)) continue;
      const file = `${this.stem(virtual)}.json`;
      const config = isFile(file) ? readJson(file) : {};
      if (!this.script(virtual)) this.mistakes.add(virtual, 'has no .ts or .js file');
      const using = {};
      const wanted = { ...this.app.usingComponents, ...config.usingComponents };
      for (const [tag, target] of Object.entries(wanted)) {
        const resolved = this.#resolve(target, virtual);
        if (!resolved) {
          this.mistakes.add(`${virtual}.json`, `component <${tag}>: ${target} is not there`);
          continue;
        }
        this.#checkPackage(virtual, resolved, `${virtual}.json`);
        using[tag] = `/${resolved}`;
        queue.push(resolved);
      }
      const isPage = this.pages.includes(virtual);
      found.set(virtual, { config: { ...config, usingComponents: using }, isPage });
    }
    return found;
  }

  #resolve(target, owner) {
    const near = path.posix.join(path.posix.dirname(owner), target);
    const wanted = target.startsWith('/') ? [target.slice(1)] : [near];
    if (!/^[./]/.test(target)) wanted.push(target, `miniprogram_npm/${target}`);
    return wanted
      .flatMap((one) => [one, `${one}/index`])
      .find((one) => isFile(`${this.stem(one)}.json`));
  }

  /** A phone may not have loaded another sub-package: what is used must be at home or in main. */
  #checkPackage(owner, target, where) {
    const home = this.packageOf(target);
    if (home && home !== this.packageOf(owner)) {
      this.mistakes.add(where, `uses ${target} of package ${home}, which may not be loaded`);
    }
  }

  /** The same rule for scripts, told by what the bundler saw: [[importing file, imported file]]. */
  checkImports(pairs) {
    for (const [owner, target] of pairs) {
      this.#checkPackage(this.#virtual(owner), this.#virtual(target), this.#virtual(owner));
    }
  }

  #virtual(file) {
    return path.relative(this.root, path.resolve(file)).split(path.sep).join('/');
  }
}
