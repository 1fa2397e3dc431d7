import * as v from 'valibot';
import { type Document, isMap, isNode, LineCounter, type Node, parseDocument } from 'yaml';
import { PlimsollError } from '../runtime/errors.ts';
import { nearest } from '../runtime/nearest.ts';
import { keysAt } from './schema-keys.ts';
import { type Policy, policySchema } from './schema.ts';

const LARGEST = 1024 * 1024;
const SCHEMA = 'https://github.com/plimsoll-ci/plimsoll/blob/main/schema/policy.schema.json';
type Issue = v.BaseIssue<unknown>;
type Path = readonly (string | number)[];

/**
 * Reads a policy file.
 * @param fileName as people know it, such as `.github/plimsoll.yml`; for messages
 * @throws PlimsollError `policy-invalid` with file, line and column
 */
export function parsePolicy(text: string, fileName: string): Policy {
  if (Buffer.byteLength(text) > LARGEST) throw invalid(fileName, 'the file is larger than 1 MiB', 'Make it smaller.');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, version: '1.2' });
  // A warning is a tag that YAML's core schema does not have; its value would not be what was written.
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    throw invalid(`${fileName}:${position(lines, problem.pos[0])}`, problem.message, 'Correct the YAML at this place.');
  }
  const parsed = v.safeParse(policySchema, plain(document, fileName) ?? {});
  if (parsed.success) return parsed.output;
  throw schemaFailure(parsed.issues, { document, lines, fileName });
}

/** Plain values; aliases are followed up to the library's limit, which stops documents that grow without end. */
function plain(document: Document, fileName: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw invalid(fileName, (cause as Error).message, 'Use fewer anchors and aliases.');
  }
}

interface Source {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly fileName: string;
}

function schemaFailure(issues: readonly [Issue, ...Issue[]], { document, lines, fileName }: Source): PlimsollError {
  // A mistyped key is usually also why another one is missing.
  const issue = issues.map(deepest).find(isUnknownKey) ?? deepest(issues[0]);
  const path = (issue.path ?? []).map((item) => item.key as string | number);
  const place = `${fileName}:${position(lines, offsetOf(document, path))}`;
  const { message, hint } = explain(issue, path);
  const more = issues.length === 1 ? '' : ` (and ${issues.length - 1} more)`;
  return invalid(place, message + more, hint);
}

/** Of a union's complaints, the one about the alternative that went furthest; their paths start at the union. */
function deepest(issue: Issue): Issue {
  const inner = (issue.issues ?? []).map(deepest).filter((one) => one.path !== undefined);
  const furthest = inner.toSorted((a, b) => (b.path?.length ?? 0) - (a.path?.length ?? 0))[0];
  const [first, ...rest] = [...(issue.path ?? []), ...(furthest?.path ?? [])];
  return furthest === undefined || first === undefined ? issue : { ...furthest, path: [first, ...rest] };
}

function isUnknownKey(issue: Issue): boolean {
  return issue.path?.at(-1)?.origin === 'key' && issue.expected === 'never';
}

function explain(issue: Issue, path: Path): { message: string; hint: string } {
  const name = path.join('.') || 'the policy';
  const key = String(path.at(-1) ?? '');
  if (isUnknownKey(issue)) {
    const known = keysAt(policySchema, path.slice(0, -1));
    const meant = nearest(key, known);
    const hint = meant === undefined ? `The keys here are: ${known.join(', ')}.` : `Did you mean "${meant}:"?`;
    return { message: `unknown key "${name}"`, hint };
  }
  if (issue.path?.at(-1)?.origin === 'key') return { message: `"${name}" is missing`, hint: `Write "${key}:" here.` };
  return {
    message: `"${name}": ${issue.message}`,
    hint: `Correct the value of "${key}"; ${SCHEMA} describes it.`,
  };
}

/** Where the last key of the path stands, or its nearest parent. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    const pair = isMap(parent) ? parent.items.find((item) => String(item.key) === key) : undefined;
    const node: unknown = pair?.key ?? document.getIn(path.slice(0, length), true);
    if (isNode(node)) return startOf(node);
  }
  return isNode(document.contents) ? startOf(document.contents) : 0;
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

function position(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${line}:${col}`;
}

function invalid(place: string, message: string, hint: string): PlimsollError {
  return new PlimsollError('policy-invalid', `${place}: ${message}`, { hint });
}
