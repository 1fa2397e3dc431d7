import { isScalar, LineCounter, parseDocument } from 'yaml';
import { tomlText } from './toml-text.ts';

/** Where a version stands in a repository: `charts/app/Chart.yaml#appVersion`. */
export interface VersionPlace {
  /** Relative to the workspace. */
  readonly file: string;
  /** Keys, from the outermost; numbers count the entries of a list. */
  readonly keys: readonly string[];
}

/** A text in a document, and where it stands. */
export interface PlacedText {
  readonly text: string;
  /** One-based. */
  readonly line: number;
}

/** Reads `file#key.key`; a dot within a key is written `\.`. `undefined` for anything else. */
export function parseVersionPlace(text: string): VersionPlace | undefined {
  const hash = text.lastIndexOf('#');
  const [file, path] = [text.slice(0, Math.max(hash, 0)), text.slice(hash + 1)];
  const keys = path.split(/(?<!\\)\./).map((key) => key.replaceAll('\\.', '.'));
  return file === '' || keys.includes('') ? undefined : { file, keys };
}

/**
 * The text at a place of a YAML, JSON or TOML document, by the end of the file's name; `undefined` where there is none.
 * @throws Error with a reason fit for a person when the document cannot be read
 */
export function textAt({ file, keys }: VersionPlace, content: string): PlacedText | undefined {
  if (/\.toml$/i.test(file)) return tomlText(content, keys);
  // JSON is YAML 1.2, and this parser knows lines.
  if (/\.json$/i.test(file)) JSON.parse(content);
  const lines = new LineCounter();
  const document = parseDocument(content, { lineCounter: lines, prettyErrors: false });
  const [problem] = document.errors;
  if (problem !== undefined) throw new Error(problem.message);
  const node = document.getIn(
    keys.map((key) => (/^\d+$/.test(key) ? Number(key) : key)),
    true,
  );
  if (!isScalar(node) || node.value === null || !node.range) return undefined;
  // As it is written: 1.10 is a version and not the number 1.1.
  const text = typeof node.value === 'string' ? node.value : node.source;
  if (text === undefined) return undefined;
  return { text, line: lines.linePos(node.range[0]).line };
}

/** Equal but for a `v` in front. */
export function isSameVersion(one: string, other: string): boolean {
  return bare(one) === bare(other);
}

const bare = (version: string): string => version.replace(/^v(?=\d)/, '');
