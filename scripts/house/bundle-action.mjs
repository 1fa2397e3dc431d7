// Bundles one action into one directory: node scripts/house/bundle-action.mjs NAME OUTPUT
// A process of its own, so that two bundles can be made at once.
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { root } from './actions.mjs';
import { withoutUnusedCode } from './unused-code.mjs';

const ncc = createRequire(import.meta.url)('@vercel/ncc');

// Unminified and without source maps: dist can be read in a review, and starts faster (docs/adr/0012).
const OPTIONS = { cache: false, minify: false, sourceMap: false, license: 'licenses.txt', quiet: true, esm: true };

/** Of undici's library: a file, and what of it is left out. */
const SPARE_PARSERS = /** @type {const} */ ([
  ['milo/simd.js', /\S[^]*\S/],
  ['milo/no-simd.js', /\S[^]*\S/],
  ['llhttp/llhttp-wasm.js', /(?<=wasmBase64 = )'[^']+'/],
]);
const LEFT_OUT = "(() => { throw new Error('This parser of undici is left out of the bundle') })()";

/**
 * @param {string} name
 * @param {string} output directory that is replaced
 */
async function bundleAction(name, output) {
  const { code, assets } = await ncc(path.join(root, 'actions', name, 'lib', 'main.js'), OPTIONS);
  const files = { 'index.js': inAscii(withoutUnusedCode(await withoutSpareParsers(code))), ...contents(assets) };
  refuseChunks(name, Object.keys(files));
  // Complete or not at all: a process that runs the bundle meanwhile must not find half of it.
  const fresh = path.join(path.dirname(output), `.making-${name}-${process.pid}`);
  await mkdir(fresh, { recursive: true });
  for (const [file, content] of Object.entries(files)) await writeFile(path.join(fresh, file), content);
  await rm(output, { recursive: true, force: true });
  await rename(fresh, output);
}

/**
 * Undici has parsers for HTTP that no runner of ours starts, as WebAssembly in text: milo, which is off unless a program asks for it, and
 * llhttp for processors without SIMD, which Node 24 has no builds for. They are a tenth of a bundle.
 * @param {string} code
 */
async function withoutSpareParsers(code) {
  const library = path.join(root, 'node_modules', 'undici', 'lib');
  let rest = code;
  for (const [file, pattern] of SPARE_PARSERS) {
    const text = pattern.exec(await readFile(path.join(library, file), 'utf8'))?.[0];
    if (text === undefined || !rest.includes(text))
      throw new Error(`the bundle does not hold undici/lib/${file} as it is`);
    rest = rest.replace(text, () => LEFT_OUT);
  }
  return rest;
}

/**
 * One character beyond Latin-1 makes V8 hold and parse a whole bundle in two bytes a character, which costs a tenth of its start.
 * Escapes mean the same in strings, templates, regular expressions and names; only `String.raw` would see them.
 * @param {string} code
 */
function inAscii(code) {
  const raw = /String\.raw`[^`]*[^\p{ASCII}][^`]*`/u.exec(code);
  if (raw !== null) throw new Error(`write this without String.raw, or in ASCII: ${raw[0].slice(0, 100)}`);
  return code.replaceAll(/[^\p{ASCII}]/gu, (character) =>
    character.replaceAll(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}

/** @param {Record<string, { source: string | Buffer }>} assets */
function contents(assets) {
  return Object.fromEntries(Object.entries(assets).map(([file, asset]) => [file, asset.source]));
}

/**
 * A dynamic import splits the bundle, and licenses.txt would then name only the packages of the last chunk.
 * @param {string} name
 * @param {string[]} files
 */
function refuseChunks(name, files) {
  const expected = new Set(['index.js', 'licenses.txt', 'package.json']);
  const extra = files.filter((file) => !expected.has(file));
  if (extra.length > 0)
    throw new Error(`${name}: the bundle has more than one file (${extra.join(', ')}): remove the import()`);
}

const [name = '', output = ''] = process.argv.slice(2);
await bundleAction(name, output);
// ncc leaves handles open that would keep the process alive.
process.exit(0);
