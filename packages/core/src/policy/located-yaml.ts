import * as v from 'valibot';
import { type Document, isMap, isNode, LineCounter, type Node, parseDocument } from 'yaml';
import type { ErrorCode } from '../runtime/error-codes.ts';
import { PlimsollError } from '../runtime/errors.ts';
import { nearest } from '../runtime/nearest.ts';
import { keysAt, type Schema } from './schema-keys.ts';
import { keepWrittenTexts } from './written-texts.ts';

const LARGEST = 1024 * 1024;
type Issue = v.BaseIssue<unknown>;
type Path = readonly (string | number)[];

/** A kind of YAML file that people write. */
export interface YamlKind<S extends Schema> {
  readonly schema: S;
  readonly code: ErrorCode;
  /** What the whole file is called in messages, such as `the policy`. */
  readonly whole: string;
  /** Where people find what may stand in it. */
  readonly described: string;
  /** Keys of maps whose values are texts, also where they look like numbers. */
  readonly texts?: readonly string[];
}

/** What a file says, and where. */
export interface LocatedYaml<T> {
  readonly value: T;
  /** A failure at the last key of the path, or at its nearest parent that is written. */
  readonly refuse: (path: Path, message: string, hint: string) => PlimsollError;
}

/**
 * Reads YAML 1.2 of one document against a schema.
 * @param fileName as people know it, such as `.github/plimsoll.yml`; for messages
 * @param kind - may depend on what kind of value the document is
 * @throws PlimsollError of the kind's code, with file, line and column
 */
export function readYaml<S extends Schema>(
  text: string,
  fileName: string,
  kindOf: (value: unknown) => YamlKind<S>,
): LocatedYaml<v.InferOutput<S>> {
  const { code, texts = [] } = kindOf(undefined);
  const invalid = (place: string, message: string, hint: string) =>
    new PlimsollError(code, `${place}: ${message}`, { hint });
  if (Buffer.byteLength(text) > LARGEST) throw invalid(fileName, 'the file is larger than 1 MiB', 'Make it smaller.');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, version: '1.2' });
  const placeOf = (offset: number) => `${fileName}:${position(lines, offset)}`;
  // A warning is a tag that YAML's core schema does not have; its value would not be what was written.
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    throw invalid(placeOf(problem.pos[0]), problem.message, 'Correct the YAML at this place.');
  }
  keepWrittenTexts(document, texts);
  const plain = plainValue(document, (message) => invalid(fileName, message, 'Use fewer anchors and aliases.'));
  const kind = kindOf(plain);
  const refuse = (path: Path, message: string, hint: string) =>
    invalid(placeOf(offsetOf(document, path)), message, hint);
  const parsed = v.safeParse(kind.schema, plain ?? {});
  if (parsed.success) return { value: parsed.output, refuse };
  const { path, message, hint } = schemaFailure(parsed.issues, kind);
  throw refuse(path, message, hint);
}

/** Plain values; aliases are followed up to the library's limit, which stops documents that grow without end. */
function plainValue(document: Document, failure: (message: string) => PlimsollError): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw failure((cause as Error).message);
  }
}

interface Complaint {
  readonly path: Path;
  readonly message: string;
  readonly hint: string;
}

function schemaFailure<S extends Schema>(issues: readonly Issue[], kind: YamlKind<S>): Complaint {
  const found = issues.map(deepest);
  // A mistyped key is usually also why another one is missing.
  const issue = found.find(isUnknownKey) ?? found[0];
  const path = (issue?.path ?? []).map((item) => item.key as string | number);
  const { message, hint } =
    issue === undefined ? { message: 'it cannot be read', hint: '' } : explain(issue, path, kind);
  const more = issues.length === 1 ? '' : ` (and ${issues.length - 1} more)`;
  return { path, message: message + more, hint };
}

/**
 * Of a union's complaints, the one about the alternative that went furthest; their paths start at the union. One that took the kind
 * of value and refused the value itself knows what to write.
 */
function deepest(issue: Issue): Issue {
  const refused = issue.issues?.find((one) => one.kind === 'validation' && one.path === undefined);
  if (refused !== undefined) return { ...refused, ...(issue.path === undefined ? {} : { path: issue.path }) };
  const inner = (issue.issues ?? []).map(deepest).filter((one) => one.path !== undefined);
  const furthest = inner.toSorted((a, b) => (b.path?.length ?? 0) - (a.path?.length ?? 0))[0];
  const [first, ...rest] = [...(issue.path ?? []), ...(furthest?.path ?? [])];
  return furthest === undefined || first === undefined ? issue : { ...furthest, path: [first, ...rest] };
}

function isUnknownKey(issue: Issue): boolean {
  return issue.path?.at(-1)?.origin === 'key' && issue.expected === 'never';
}

function explain<S extends Schema>(issue: Issue, path: Path, { schema, whole, described }: YamlKind<S>) {
  const name = path.join('.') || whole;
  const key = String(path.at(-1) ?? '');
  if (isUnknownKey(issue)) {
    const known = keysAt(schema, path.slice(0, -1));
    const meant = nearest(key, known);
    const hint = meant === undefined ? `The keys here are: ${known.join(', ')}.` : `Did you mean "${meant}:"?`;
    return { message: `unknown key "${name}"`, hint };
  }
  if (issue.path?.at(-1)?.origin === 'key' && issue.received === 'undefined')
    return { message: `"${name}" is missing`, hint: `Write "${key}:" here.` };
  return { message: `"${name}": ${issue.message}`, hint: `Correct the value of "${key}"; ${described} describes it.` };
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
