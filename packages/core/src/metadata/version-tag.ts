import { parse, type SemVer } from 'semver';
import { parsePep440 } from './pep440.ts';
import { constant, type Expressions, render } from './template.ts';

/** What makes a moving version tag move: being the highest stable version of its line. */
export interface VersionLine {
  /** `1.2.3`. */
  readonly version: string;
  /** `1.2`, `1`, or empty for all versions. */
  readonly line: string;
}

/** A version that was found in a tag, as `type=semver` and `type=pep440` write it. */
export interface VersionTag {
  readonly value: string;
  /** Whether the image may be `latest` by itself: no pre-release is. */
  readonly stable: boolean;
  /** Set when the pattern leaves the patch number out, so that the tag moves from one version to the next. */
  readonly moves?: VersionLine;
  /** The stable version in full. */
  readonly version?: string;
  /** Whether the version stands there in full, so that the tag names one release. */
  readonly whole: boolean;
  /** The text of the pattern before and after the version. */
  readonly around: readonly [before: string, after: string];
}

interface Parts {
  readonly version: string;
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/**
 * `type=semver`: a pre-release is written in full whatever the pattern says, unless that is exactly `{{raw}}`.
 * @returns `undefined` when the text is no version
 */
export function semverTag(raw: string, pattern: string, globals: Expressions): VersionTag | undefined {
  const found: SemVer | null = parse(raw);
  if (found === null) return undefined;
  const { version, major, minor, patch } = found;
  const parts = { version, major, minor, patch };
  return versionTag({ raw, parts, stable: found.prerelease.length === 0, pattern, globals });
}

/** `type=pep440`: the same with Python's versions; post-releases count as full versions too. */
export function pep440Tag(raw: string, pattern: string, globals: Expressions): VersionTag | undefined {
  const parts = parsePep440(raw);
  return parts && versionTag({ raw, parts, stable: parts.final, pattern, globals });
}

interface VersionRequest {
  readonly raw: string;
  readonly parts: Parts;
  readonly stable: boolean;
  readonly pattern: string;
  readonly globals: Expressions;
}

const RAW_ONLY = /^\{\{\s*raw\s*\}\}$/;

function versionTag({ raw, parts, stable, pattern, globals }: VersionRequest): VersionTag {
  const { version, major, minor, patch } = parts;
  const used = new Set<string>();
  const number = (name: string, value: string | number) => constant(() => (used.add(name), String(value)));
  const own: Expressions = {
    raw: number('raw', raw),
    version: number('version', version),
    major: number('major', major),
    minor: number('minor', minor),
    patch: number('patch', patch),
  };
  const chosen = stable || RAW_ONLY.test(pattern) ? pattern : '{{version}}';
  const value = render(chosen, { ...globals, ...own });
  const around = textAround(chosen, globals);
  // A version that is not final is never shortened.
  if (!stable) return { value, stable, whole: true, around };
  const full = `${major}.${minor}.${patch}`;
  const whole = used.has('raw') || used.has('version') || ['major', 'minor', 'patch'].every((name) => used.has(name));
  if (whole || used.has('patch')) return { value, stable, whole, version: full, around };
  const line = used.has('minor') ? `${major}.${minor}` : used.has('major') ? `${major}` : '';
  return { value, stable, whole, version: full, moves: { version: full, line }, around };
}

const OF_VERSION = /\{\{\s*(?:raw|version|major|minor|patch)\s*\}\}/g;

/** `app-` and `-alpine` of `app-{{major}}.{{minor}}-alpine`; nothing where the pattern holds no version. */
function textAround(pattern: string, globals: Expressions): readonly [before: string, after: string] {
  const found = [...pattern.matchAll(OF_VERSION)];
  const [first, last] = [found[0], found.at(-1)];
  if (first === undefined || last === undefined) return ['', ''];
  const after = pattern.slice(last.index + last[0].length);
  return [render(pattern.slice(0, first.index), globals), render(after, globals)];
}
