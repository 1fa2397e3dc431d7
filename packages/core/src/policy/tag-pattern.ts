import { Range, satisfies } from 'semver';
import { releaseOf } from './release.ts';

/** A compiled pattern for tags. */
export interface TagPattern {
  readonly text: string;
  /** `!pattern`: takes away what earlier patterns of the same list matched. */
  readonly negated: boolean;
  /** Names exactly one tag, so at any time at most one version carries it: a pointer, not a family. */
  readonly literal: boolean;
  readonly test: (tag: string) => boolean;
}

/** Every character of the tag grammar (OCI distribution specification, "Pulling manifests"). */
const TAG_CHARACTER = /[A-Za-z0-9_.-]/;
const CLASS_BODY = /^[!^]?[A-Za-z0-9_.-]+$/;

/**
 * Compiles `literal`, a glob (`*`, `?`, `[a-z]`), `/regular expression/` (always over the whole tag) or
 * `semver:RANGE`, each with an optional `!` before it.
 * @throws Error with a reason fit for a person when the text is not a pattern that could ever match a tag
 */
export function compileTagPattern(text: string): TagPattern {
  const negated = text.startsWith('!');
  const body = negated ? text.slice(1) : text;
  if (body === '') throw new Error('an empty pattern matches nothing');
  const shape = { text, negated };
  if (body.startsWith('semver:')) return { ...shape, literal: false, test: semverTest(body.slice('semver:'.length)) };
  if (body.startsWith('/')) return { ...shape, literal: false, test: tester(regexSource(body)) };
  const source = globSource(body);
  if (!/[*?[]/.test(body)) return { ...shape, literal: true, test: (tag) => tag === body };
  return { ...shape, literal: false, test: prefixTest(body) ?? tester(source) };
}

/** Whether a list of patterns selects the tag; as in a workflow's branch filter, the last match decides. */
export function matchingPattern(patterns: readonly TagPattern[], tag: string): TagPattern | undefined {
  let chosen: TagPattern | undefined;
  for (const pattern of patterns) {
    if (pattern.test(tag)) chosen = pattern.negated ? undefined : pattern;
  }
  return chosen;
}

/** Most globs are a beginning and a star, and most packages have more tags than any other thing. */
function prefixTest(glob: string): ((tag: string) => boolean) | undefined {
  const prefix = glob.slice(0, -1);
  return glob.endsWith('*') && !/[*?[]/.test(prefix) ? (tag) => tag.startsWith(prefix) : undefined;
}

function tester(source: string): (tag: string) => boolean {
  const expression = new RegExp(`^(?:${source})$`, 'u');
  return (tag) => expression.test(tag);
}

function regexSource(body: string): string {
  if (body.length < 3 || !body.endsWith('/')) throw new Error('a regular expression stands between two slashes');
  return body.slice(1, -1);
}

function semverTest(range: string): (tag: string) => boolean {
  const parsed = new Range(range, { includePrerelease: true });
  return (tag) => {
    const release = releaseOf(tag);
    return release !== undefined && satisfies(release, parsed, { includePrerelease: true });
  };
}

function globSource(glob: string): string {
  let source = '';
  for (let at = 0; at < glob.length; at += 1) {
    const character = glob.charAt(at);
    if (character === '*') source += '.*';
    else if (character === '?') source += '.';
    else if (character === '[') {
      const end = glob.indexOf(']', at + 1);
      source += classSource(end === -1 ? undefined : glob.slice(at + 1, end));
      at = end;
    } else if (TAG_CHARACTER.test(character)) source += character === '.' ? `\\${character}` : character;
    else throw new Error(`no tag can contain "${character}"`);
  }
  return source;
}

function classSource(body: string | undefined): string {
  if (body === undefined) throw new Error('"[" without a closing "]"');
  if (!CLASS_BODY.test(body)) throw new Error(`"[${body}]" is not a character class`);
  return `[${body.replace(/^!/, '^')}]`;
}
