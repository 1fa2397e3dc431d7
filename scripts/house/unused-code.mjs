// Leaves out of a bundle what nothing in it uses. The bundler knows which exports of a module nobody imports, and keeps their code.
import { parse } from 'acorn';

/**
 * @typedef {import('acorn').AnyNode} Node
 * @typedef {import('acorn').Statement | import('acorn').ModuleDeclaration} Statement
 * @typedef {{ start: number, end: number }} Range
 */

/**
 * Removes declarations at the top of webpack's modules that no other code of their module refers to, with their comments. Only
 * what does nothing when it is evaluated goes: functions, classes that extend nothing, and constants made of literals.
 * @param {string} code a bundle
 */
export function withoutUnusedCode(code) {
  /** @type {import('acorn').Comment[]} */
  const comments = [];
  const program = parse(code, { ecmaVersion: 'latest', sourceType: 'module', onComment: comments });
  const unused = bodiesOf(program).flatMap(unusedIn);
  return cut(
    code,
    unused.map((statement) => withComments(statement, comments, code)),
  );
}

/**
 * The statements of each module.
 * @param {import('acorn').Program} program
 * @returns {Statement[][]}
 */
function bodiesOf(program) {
  const declared = program.body.flatMap((each) => (each.type === 'VariableDeclaration' ? each.declarations : []));
  const modules = declared.find(({ id }) => id.type === 'Identifier' && id.name === '__webpack_modules__')?.init;
  if (modules?.type !== 'ObjectExpression') throw new Error('the bundle has no table of modules');
  return modules.properties.flatMap((each) => {
    const module = each.type === 'Property' ? each.value : undefined;
    const isFunction = module?.type === 'ArrowFunctionExpression' || module?.type === 'FunctionExpression';
    return isFunction && module.body.type === 'BlockStatement' ? [module.body.body] : [];
  });
}

/** @param {Statement[]} body */
function unusedIn(body) {
  const open = new Set(body.filter((each) => namesOf(each).length > 0));
  const waiting = body.filter((each) => !open.has(each));
  /** @type {Set<string>} */
  const used = new Set();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const name of identifiersIn(next)) used.add(name);
    for (const each of open) {
      if (!namesOf(each).some((name) => used.has(name))) continue;
      open.delete(each);
      waiting.push(each);
    }
  }
  return [...open];
}

/**
 * What a statement declares, if that is all that it does.
 * @param {Statement} statement
 * @returns {string[]}
 */
function namesOf(statement) {
  if (statement.type === 'FunctionDeclaration') return [statement.id.name];
  if (statement.type !== 'VariableDeclaration') return [];
  const names = statement.declarations.map(({ id, init }) =>
    id.type === 'Identifier' && isInert(init) ? id.name : '',
  );
  return names.includes('') ? [] : names;
}

/**
 * @param {import('acorn').Expression | import('acorn').SpreadElement | null | undefined} value
 * @returns {boolean}
 */
function isInert(value) {
  if (value === undefined || value === null) return true;
  if (value.type === 'TemplateLiteral') return value.expressions.length === 0;
  if (value.type === 'ArrayExpression') return value.elements.every(isInert);
  if (value.type === 'ObjectExpression')
    return value.properties.every((each) => each.type === 'Property' && !each.computed && isInert(each.value));
  return value.type === 'Literal' || value.type === 'FunctionExpression' || value.type === 'ArrowFunctionExpression';
}

/**
 * Every name in some code, also those of properties: one too many only keeps what could have gone.
 * @param {unknown} node
 * @returns {Generator<string>}
 */
function* identifiersIn(node) {
  if (Array.isArray(node)) {
    for (const each of node) yield* identifiersIn(each);
  } else if (typeof node === 'object' && node !== null) {
    if ('type' in node && node.type === 'Identifier' && 'name' in node) yield String(node.name);
    for (const each of Object.values(node)) yield* identifiersIn(each);
  }
}

/**
 * @param {Range} statement
 * @param {readonly Range[]} comments in their order
 * @param {string} code
 * @returns {Range}
 */
function withComments({ start, end }, comments, code) {
  let first = start;
  for (let at = comments.findLastIndex((each) => each.end <= start); at >= 0; at -= 1) {
    const comment = comments[at];
    if (comment === undefined || !/^\s*$/.test(code.slice(comment.end, first)) || isOfBundler(comment, code)) break;
    first = comment.start;
  }
  return { start: first, end: code[end] === '\n' ? end + 1 : end };
}

/** @param {Range} comment @param {string} code */
function isOfBundler({ start, end }, code) {
  return /^(?:\/\/ CONCATENATED|\/\*{3}\/|\/\* (?:harmony|unused harmony|module decorator)|\/\/ (?:EXPORTS|UNUSED))/.test(
    code.slice(start, end),
  );
}

/** @param {string} code @param {readonly Range[]} ranges */
function cut(code, ranges) {
  let rest = code;
  for (const { start, end } of ranges.toSorted((a, b) => b.start - a.start))
    rest = rest.slice(0, start) + rest.slice(end);
  return rest;
}
