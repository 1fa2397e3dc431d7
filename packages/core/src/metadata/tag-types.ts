import { branchOf, globalExpressions, isDefaultBranch, type TagSource } from './expressions.ts';
import { namesRelease, stableVersion } from './git-tag.ts';
import type { TagEntry, TagType } from './tag-entry.ts';
import { type Expressions, render } from './template.ts';
import { pep440Tag, semverTag, type VersionLine, type VersionTag } from './version-tag.ts';

/** What one entry gives before prefix and suffix. */
export interface EntryValue {
  readonly value: string;
  /** Whether this entry alone makes the image `latest` under `latest=auto`. */
  readonly latest: boolean;
  /** The stable version in it, `1.2.3`. */
  readonly version?: string | undefined;
  readonly moves?: VersionLine | undefined;
  /** Whether a version in full is in it, so that it names one release. */
  readonly whole?: boolean;
  /** Text around the version in the value itself. */
  readonly around?: readonly [before: string, after: string];
}

/** `undefined`: the event has nothing for this entry. A text: it had, and it could not be used. */
export type EntryOutcome = EntryValue | { readonly refused: string } | undefined;

interface Evaluation {
  readonly entry: TagEntry;
  readonly source: TagSource;
  readonly globals: Expressions;
}

type Evaluate = (evaluation: Evaluation) => EntryOutcome;

const EVALUATE: Readonly<Record<TagType, Evaluate>> = {
  schedule: ({ entry, source, globals }) =>
    source.eventName.includes('schedule')
      ? plain(render(entry.attributes['pattern'] || 'nightly', globals))
      : undefined,
  semver: (evaluation) => versionOf(evaluation, semverTag, 'a semantic version'),
  pep440: (evaluation) => versionOf(evaluation, pep440Tag, 'a version by PEP 440'),
  match: matched,
  edge: edgeBranch,
  ref: ({ entry, source }) => refValue(entry.attributes['event'] ?? '', source),
  raw: ({ entry, globals }) => plain(render(entry.attributes['value'] ?? '', globals)),
  sha: ({ entry, source }) => plain(entry.attributes['format'] === 'long' ? source.sha : source.sha.slice(0, 7)),
};

/** @throws Error with a reason fit for a person when the entry uses something that is not supported */
export function evaluateEntry(entry: TagEntry, source: TagSource): EntryOutcome {
  return EVALUATE[entry.type]({ entry, source, globals: globalExpressions(source) });
}

function plain(value: string): EntryValue {
  return { value, latest: false };
}

/** The text that a version is looked for in: `value`, or the git tag. */
function subject({ entry, source, globals }: Evaluation): string | undefined {
  const { value } = entry.attributes;
  if (value) return render(value, globals);
  return source.refType === 'tag' ? source.refName : undefined;
}

type ReadVersion = (raw: string, pattern: string, globals: Expressions) => VersionTag | undefined;

function versionOf(evaluation: Evaluation, read: ReadVersion, wanted: string): EntryOutcome {
  const text = subject(evaluation);
  if (text === undefined) return undefined;
  const { match, pattern = '' } = evaluation.entry.attributes;
  const found = match ? expression(match).exec(text) : null;
  // What is matched is the git tag as it was pushed; only what is left must be fit for a tag.
  const raw = (found === null ? text : (found[1] ?? found[0])).replaceAll('/', '-');
  const tag = read(raw, pattern, evaluation.globals);
  if (tag === undefined) return { refused: `"${raw}" is not ${wanted}` };
  return { ...tag, latest: tag.stable };
}

function matched(evaluation: Evaluation): EntryOutcome {
  const text = subject(evaluation);
  if (text === undefined) return undefined;
  const { pattern = '', group = '0' } = evaluation.entry.attributes;
  if (!/^\d{1,3}$/.test(group)) throw new Error(`"group=${group}" is not the number of a group`);
  const found = expression(pattern).exec(text);
  if (found === null) return { refused: `"${text}" does not match ${pattern}` };
  const value = found[Number(group)];
  if (value === undefined) return { refused: `"${text}" has no group ${group} of ${pattern}` };
  return { value, latest: true, version: stableVersion(value) ?? stableVersion(text), whole: namesRelease(value) };
}

/** `/expression/flags`, or the expression alone. */
function expression(text: string): RegExp {
  const [, source = text, flags = ''] = /^\/(.+)\/(.*)$/.exec(text) ?? [];
  try {
    // Without g and y, which would make the answer depend on an earlier one.
    return new RegExp(source, flags.replaceAll(/[gy]/g, ''));
  } catch (cause) {
    throw new Error(`${text} is not a regular expression: ${(cause as Error).message}`, { cause });
  }
}

function edgeBranch({ entry, source, globals }: Evaluation): EntryOutcome {
  const built = branchOf(source);
  if (built === undefined) return undefined;
  const { branch } = entry.attributes;
  const isEdge = branch
    ? built === render(branch, globals)
    : source.defaultBranch === undefined
      ? isDefaultBranch(source)
      : built === source.defaultBranch;
  return isEdge ? plain('edge') : undefined;
}

function refValue(event: string, source: TagSource): EntryOutcome {
  if (event === 'pr') return isPullRequest(source) ? plain(pullRequestName(source)) : undefined;
  if (isPullRequest(source) || source.refType !== event) return undefined;
  if (event === 'branch') return plain(source.refName);
  const { refName: value } = source;
  return { value, latest: true, version: stableVersion(value), whole: namesRelease(value) };
}

/** Also `pull_request_target`, whose ref is the branch that the pull request wants to enter. */
export function isPullRequest({ eventName, refType }: Pick<TagSource, 'eventName' | 'refType'>): boolean {
  return refType === 'pull' || eventName.startsWith('pull_request');
}

/** The number, or `unknown` when neither the event nor the ref says it. */
export function pullRequestName(source: Pick<TagSource, 'pullRequestNumber' | 'refName'>): string {
  return String(source.pullRequestNumber ?? (/^\d+/.exec(source.refName)?.[0] || 'unknown'));
}
