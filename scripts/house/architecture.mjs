// Which part of the house may use which: the arrows of docs/architecture.md, as a table that is checked.
// Types may be imported from anywhere: they are gone when the program runs.

/** @typedef {import('./sources.mjs').Source} Source */

/** Every directory of packages/core/src with the others it may load. */
const ARROWS = {
  runtime: [],
  oci: ['runtime'],
  tools: ['runtime', 'oci'],
  sigstore: ['runtime', 'oci', 'tools'],
  policy: ['runtime', 'oci', 'sigstore'],
  metadata: ['runtime', 'oci', 'policy'],
  report: ['runtime', 'oci', 'policy', 'sigstore', 'metadata'],
  // tools: the credentials of docker's helpers, for the registries that an action is given.
  github: ['runtime', 'oci', 'tools', 'policy', 'metadata', 'report'],
  stages: ['runtime', 'oci', 'tools', 'sigstore', 'policy', 'metadata', 'report', 'github'],
};

const PROCESSES = ['node:child_process', 'node:cluster', 'node:worker_threads'];
const SOCKETS = ['node:net', 'node:tls', 'node:http', 'node:https', 'node:http2', 'node:dgram', 'node:dns', 'undici'];
const FILES = ['node:fs', 'node:fs/promises'];

/** Modules that only some files may load themselves. */
const GUARDED = [
  {
    modules: PROCESSES,
    allowed: /^packages\/core\/src\/(?:tools\/|runtime\/(?:exec|process)[a-z-]*\.ts)/,
    why: 'only tools/ and runtime/exec start processes',
  },
  {
    modules: SOCKETS,
    allowed: /^packages\/core\/src\/runtime\/http[a-z-]*\.ts/,
    why: 'sockets are opened by runtime/http alone',
  },
  {
    modules: ['packages/core/src/runtime/http.ts'],
    allowed: /^packages\/core\/src\/(?:runtime|oci|github|sigstore|tools)\/|^actions\//,
    why: 'only oci/, github/, sigstore/ and the downloads of tools/ use the network',
  },
];

/** Directories that must stay pure, with everything they load. */
const PURE = ['policy', 'metadata'];

/** Text that must not stand in certain files. */
const TEXT = [
  {
    pattern: /\bprocess\.env\b/,
    files: /^packages\/core\/src\/(?!github\/)|^actions\/[^/]+\/src\/(?!inputs\.ts|main\.ts)/,
    why: 'the environment is read at the edge: github/ and the inputs of an action',
  },
  {
    pattern: /\bimport\(/,
    files: /^(?:packages\/core|actions\/[^/]+)\/src\//,
    why: 'an import() would split the bundle and cut its list of licences',
  },
];

const CORE = /^packages\/core\/src\/(?<part>[^/]+)\//;
const isProduct = (/** @type {string} */ file) => /^(?:packages\/core|actions\/[^/]+)\/src\//.test(file);
const isSource = (/** @type {string} */ file) => !/\.(?:test|d)\.ts$/.test(file);
const partOf = (/** @type {string} */ file) => CORE.exec(file)?.groups?.['part'];

/** @param {Source} source */
function wrongArrows({ file, imports }) {
  const part = partOf(file);
  const allowed = part === undefined ? undefined : ARROWS[/** @type {keyof typeof ARROWS} */ (part)];
  return imports.flatMap(({ name, typeOnly, line }) => {
    if (isProduct(file) && name.startsWith('packages/testkit/'))
      return [`${file}:${line}: the product must not load the testkit`];
    if (part !== undefined && name.startsWith('actions/')) return [`${file}:${line}: the core must not load an action`];
    const target = partOf(name);
    if (typeOnly || part === undefined || target === undefined || target === part) return [];
    if (allowed === undefined) return [`${file}:${line}: ${part}/ has no row in scripts/house/architecture.mjs`];
    return allowed.some((one) => one === target) ? [] : [`${file}:${line}: ${part}/ must not load ${target}/`];
  });
}

/** @param {Source} source */
function guardedModules({ file, imports }) {
  if (!isProduct(file)) return [];
  return imports
    .filter(({ typeOnly }) => !typeOnly)
    .flatMap(({ name, line }) =>
      GUARDED.filter(({ modules, allowed }) => modules.includes(name) && !allowed.test(file)).map(
        ({ why }) => `${file}:${line}: loads ${name}: ${why}`,
      ),
    );
}

/** @param {Source} source */
function forbiddenText({ file, text }) {
  return TEXT.filter(({ files }) => files.test(file)).flatMap(({ pattern, why }) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${why}`] : [])),
  );
}

/**
 * The chain of imports from a pure file to something that does I/O.
 * @param {string} file
 * @param {Map<string, Source>} byFile
 * @param {Set<string>} seen
 * @returns {string[] | undefined}
 */
function pathToInputOutput(file, byFile, seen = new Set()) {
  seen.add(file);
  for (const { name, typeOnly } of byFile.get(file)?.imports ?? []) {
    if (typeOnly || seen.has(name)) continue;
    if ([...PROCESSES, ...SOCKETS, ...FILES].includes(name)) return [file, name];
    const rest = byFile.has(name) ? pathToInputOutput(name, byFile, seen) : undefined;
    if (rest !== undefined) return [file, ...rest];
  }
  return undefined;
}

/** @param {Source[]} sources */
function impureFiles(sources) {
  const byFile = new Map(sources.map((source) => [source.file, source]));
  return sources
    .filter(({ file }) => PURE.includes(partOf(file) ?? ''))
    .map(({ file }) => pathToInputOutput(file, byFile))
    .filter((chain) => chain !== undefined)
    .map((chain) => `${chain[0]}: must do no I/O, but loads ${chain.slice(1).join(' -> ')}`);
}

/**
 * @param {Source[]} sources TypeScript of packages/ and actions/
 * @returns {string[]} one line per violation
 */
export function checkArchitecture(sources) {
  const product = sources.filter(({ file }) => isSource(file));
  return [
    ...product.flatMap((source) => [...wrongArrows(source), ...guardedModules(source), ...forbiddenText(source)]),
    ...impureFiles(product),
  ];
}
