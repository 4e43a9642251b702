// The names of all members of `wx`, read from Tencent's own typings: what is not there is not on a
// phone either.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const PACKAGE = createRequire(import.meta.url).resolve('miniprogram-api-typings/package.json');
const MEMBER = /^ {8}(?:readonly )?([A-Za-z]\w*)\??\s*[(<:]/gm;

/** Returns the member names of interface Wx. Throws when the typings changed their shape. */
export function membersOfWx() {
  const file = path.join(path.dirname(PACKAGE), 'types/wx/lib.wx.api.d.ts');
  const text = fs.readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, ''); // samples lie
  const from = text.indexOf('interface Wx {');
  const to = text.indexOf('\n    }\n', from);
  const names = [...text.slice(from, to).matchAll(MEMBER)].map((found) => found[1]);
  if (from < 0 || names.length < 300) throw new Error(`${file}: interface Wx is not as expected`);
  return [...new Set(names)].sort();
}
