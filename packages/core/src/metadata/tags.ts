import { releaseOf } from '../policy/release.ts';
import { type ClassedTag, classifyTag, type TagRules } from '../policy/tags.ts';
import type { GitHubContext } from '../github/context.ts';
import { PlimsollError } from '../runtime/errors.ts';

/** The part of the event that tags come from. */
export type TagSource = Pick<GitHubContext, 'sha' | 'ref' | 'refName' | 'refType' | 'eventName' | 'pullRequestNumber'>;

/** The tags of one image. */
export interface ImageTags {
  /** `sha-<commit>`: immutable, always there, the name under which an interrupted run is found again. */
  readonly commit: string;
  /** What a person calls this image: the version, the branch or the pull request. */
  readonly version: string;
  /** To be written when everything else is done; the commit tag first. */
  readonly tags: readonly ClassedTag[];
  /** Computed for names and messages, but never written: a pull request moves no tag. */
  readonly unpushed: readonly string[];
}

/** The tag grammar (OCI distribution specification, "Pulling manifests"). */
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * Tags by the event, or the given ones in their place; `sha-<commit>` is always added.
 * @param given lines of the `tags` input: literal tags
 * @throws PlimsollError `input-invalid` for a tag that cannot be one, or when two names become the same tag;
 *   `event-invalid` without a full commit
 */
export function imageTags(source: TagSource, given: readonly string[], rules: TagRules): ImageTags {
  if (!COMMIT.test(source.sha)) throw noCommit(source.sha);
  const commit = `sha-${source.sha}`;
  const named = (given.length > 0 ? given.map(literal) : byEvent(source)).filter(({ tag }) => tag !== commit);
  refuseCollisions(named);
  const names = [...new Set(named.map(({ tag }) => tag))];
  const version = isPullRequest(source) ? pullRequestTag(source) : (names[0] ?? commit);
  if (isPullRequest(source)) {
    return { commit, version, tags: classed([commit], rules), unpushed: [...new Set([version, ...names])] };
  }
  refuseBranchAsVersion(source, given, rules);
  return { commit, version, tags: classed([commit, ...names], rules), unpushed: [] };
}

interface NamedTag {
  /** What it was made from. */
  readonly from: string;
  readonly tag: string;
}

function classed(names: readonly string[], rules: TagRules): readonly ClassedTag[] {
  return names.map((name) => ({ name, class: classifyTag(name, rules) }));
}

function byEvent(source: TagSource): readonly NamedTag[] {
  // A merge queue's branch exists for minutes and is nobody's name for an image.
  if (isPullRequest(source) || source.eventName === 'merge_group') return [];
  if (source.refType === 'tag') return versionTags(source.refName);
  return source.refType === 'branch' ? [sanitised(source.refName)] : [];
}

/**
 * `v1.2.3` gives itself, `1.2.3`, `1.2`, `1` and `latest`. A pre-release gives full versions only, and `0.2.1`
 * no `0`: below 1.0 a minor version may break (semver.org, section 4).
 */
function versionTags(gitTag: string): readonly NamedTag[] {
  const release = /^v?\d+\.\d+\.\d+/.test(gitTag) ? releaseOf(gitTag) : undefined;
  if (release === undefined) return [sanitised(gitTag)];
  const full = gitTag.replace(/^v/, '');
  const { major, minor } = release;
  const shorter =
    release.prerelease.length > 0 ? [] : [`${major}.${minor}`, ...(major > 0 ? [`${major}`] : []), 'latest'];
  return [gitTag, full, ...shorter].map((tag) => ({ from: gitTag, tag }));
}

/** Characters that no tag can have become one dash, as in docker/metadata-action. */
function sanitised(name: string): NamedTag {
  return checked({ from: name, tag: name.replaceAll(/[^A-Za-z0-9._-]+/g, '-') });
}

function literal(line: string): NamedTag {
  if (/^type=/i.test(line) || line.includes(',')) {
    throw new PlimsollError(
      'input-invalid',
      `The input "tags" has "${line}", which is syntax of docker/metadata-action`,
      {
        hint: 'That syntax is not supported: write one literal tag per line, or leave the input out for the tags of the event.',
      },
    );
  }
  return sanitised(line);
}

function checked(named: NamedTag): NamedTag {
  if (TAG.test(named.tag)) return named;
  throw new PlimsollError('input-invalid', `"${named.from.slice(0, 200)}" cannot be a tag`, {
    hint: 'A tag has at most 128 letters, digits, dots, dashes and underscores, and starts with none of the dots and dashes. Name tags in the input "tags".',
  });
}

function refuseCollisions(named: readonly NamedTag[]): void {
  const origins = new Map<string, string>();
  for (const { from, tag } of named) {
    const other = origins.get(tag);
    if (other !== undefined && other !== from) {
      throw new PlimsollError('input-invalid', `"${other}" and "${from}" both become the tag "${tag}"`, {
        hint: 'Remove one of them, or write the tag itself once.',
      });
    }
    origins.set(tag, from);
  }
}

/** A branch called `v1.2.3` would move a tag that everybody takes for a release. */
function refuseBranchAsVersion(source: TagSource, given: readonly string[], rules: TagRules): void {
  if (source.refType !== 'branch' || given.length > 0) return;
  const { tag } = sanitised(source.refName);
  if (classifyTag(tag, rules) === 'moving') return;
  throw new PlimsollError('input-invalid', `The branch "${source.refName}" would write the immutable tag "${tag}"`, {
    hint: 'Name the tags in the input "tags", or list the tag under "tags: moving:" in the policy file.',
  });
}

function isPullRequest({ eventName, refType }: TagSource): boolean {
  return refType === 'pull' || eventName.startsWith('pull_request');
}

function pullRequestTag({ pullRequestNumber, refName }: TagSource): string {
  return `pr-${pullRequestNumber ?? (/^\d+/.exec(refName)?.[0] || 'unknown')}`;
}

function noCommit(sha: string): PlimsollError {
  return new PlimsollError('event-invalid', `GITHUB_SHA is "${sha.slice(0, 80)}", not a full commit`, {
    hint: 'Run in a repository with at least one commit; under act, commit first.',
  });
}
