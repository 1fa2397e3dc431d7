import { parseDigest, type Digest } from '@plimsoll/core/oci/digest';
import { isTag, type Reference, repositoryLabel } from '@plimsoll/core/oci/reference';
import { PlimsollError } from '@plimsoll/core/runtime/errors';
import { isFullVersion, type TagWishes } from '@plimsoll/core/stages/promote/wanted-tags';
import type { PromoteContext, PromoteInputs } from './inputs.ts';

/** What the tags are to point to: an image that is named, or one that a channel had before. */
export type Goal =
  | { readonly kind: 'promote'; readonly tags: TagWishes; readonly version?: string }
  | { readonly kind: 'rollback'; readonly channel: string; readonly to: 'previous' | readonly Digest[] };

/** Inputs that say which tags to write, or where, which a rollback knows by itself. */
const NOT_OF_A_ROLLBACK = ['destination', 'destinations', 'tags', 'version'] as const;
const FLAGS_NOT_OF_A_ROLLBACK = ['create-semver-tags', 'include-sha-tags', 'fail-if-dest-exists'] as const;

/** @throws PlimsollError `input-missing`, `input-invalid`, `input-conflict`, `digest-required`, `digest-invalid` */
export function readGoal(context: PromoteContext, sources: readonly Reference[]): Goal {
  return context.inputs.text('to') === undefined ? readPromotion(context, sources) : readRollback(context, sources);
}

/**
 * The version that is released: as it was given, else the first full version among the tags.
 * @throws PlimsollError `input-conflict` when files are to say it and there is none
 */
export function releasedVersion({ goal, expectVersion }: PromoteInputs): string {
  const version = goal.kind === 'promote' ? (goal.version ?? goal.tags.names.find(isFullVersion)) : undefined;
  if (version !== undefined || expectVersion.length === 0) return version ?? '';
  throw conflict(
    '"expect-version" needs a version that is released',
    'Give "version: 1.2.3", or a full version in "tags".',
  );
}

function readPromotion({ inputs }: PromoteContext, sources: readonly Reference[]): Goal {
  if (inputs.boolean('emergency'))
    throw conflict('"emergency" is for a rollback', 'Remove "emergency:", or give "to:".');
  const unnamed = sources.find(({ tag, digest }) => tag === undefined && digest === undefined);
  if (unnamed !== undefined) throw nothingNamed(repositoryLabel(unnamed));
  const version = inputs.text('version');
  if (version !== undefined && !isFullVersion(version)) {
    throw new PlimsollError('input-invalid', `The input "version" has "${version.slice(0, 100)}", not a full version`, {
      hint: 'Write it as 1.2.3 or v1.2.3.',
    });
  }
  const channels = readTags('channel', inputs.list('channel'));
  const names = readTags('tags', inputs.list('tags'));
  if (names.length + channels.length === 0 && version === undefined) throw noTags();
  const sourceTags = new Set(sources.map(({ tag }) => tag));
  const tags: TagWishes = {
    names,
    channels,
    version,
    semver: inputs.boolean('create-semver-tags'),
    sha: inputs.boolean('include-sha-tags'),
    sourceTag: sourceTags.size === 1 ? sources[0]?.tag : undefined,
    failIfExists: inputs.boolean('fail-if-dest-exists'),
  };
  return { kind: 'promote', tags, ...(version === undefined ? {} : { version }) };
}

function readRollback({ inputs }: PromoteContext, sources: readonly Reference[]): Goal {
  const given = [
    ...NOT_OF_A_ROLLBACK.filter((name) => inputs.text(name) !== undefined),
    ...FLAGS_NOT_OF_A_ROLLBACK.filter((name) => inputs.boolean(name)),
  ];
  if (given[0] !== undefined) throw conflict(`"to" and "${given[0]}" cannot both be given`, `Remove "${given[0]}:".`);
  const named = sources.find(({ tag, digest }) => (tag ?? digest) !== undefined);
  if (named !== undefined)
    throw conflict('A rollback names its image in "to"', `Write "source: ${repositoryLabel(named)}".`);
  const [channel, ...others] = readTags('channel', inputs.list('channel'));
  if (channel === undefined || others.length > 0)
    throw conflict('A rollback needs one channel', 'Write "channel: prod".');
  const lines = inputs.lines('to');
  if (lines.length === 1 && lines[0] === 'previous') {
    if (inputs.boolean('emergency')) throw unseen();
    return { kind: 'rollback', channel, to: 'previous' };
  }
  if (lines.length !== sources.length)
    throw conflict(
      `"to" has ${lines.length} digests for ${sources.length} images`,
      'Write one per line, in the order of "source:".',
    );
  return { kind: 'rollback', channel, to: lines.map(parseDigest) };
}

function readTags(input: string, tags: readonly string[]): readonly string[] {
  const bad = tags.find((tag) => !isTag(tag));
  if (bad === undefined) return [...new Set(tags)];
  throw new PlimsollError('input-invalid', `The input "${input}" has "${bad.slice(0, 150)}", which is not a tag`, {
    hint: 'A tag has at most 128 letters, digits, dots, dashes and underscores, and starts with a letter, digit or underscore.',
  });
}

function noTags(): PlimsollError {
  return new PlimsollError('input-missing', 'The input "tags", "channel" or "version" is required', {
    hint: 'Write one tag per line under "tags:", such as the output "tags" of the build action, or a channel such as "channel: prod".',
  });
}

function nothingNamed(label: string): PlimsollError {
  return new PlimsollError('digest-required', `"${label}" names a repository, not an image`, {
    hint: `Write ${label}@sha256:… with the digest that the job before gave as output, or ${label}:sha-<commit>.`,
  });
}

/** Records can be forged: what skips verification must have been read by a person. */
function unseen(): PlimsollError {
  return conflict(
    '"emergency" takes no digest from promotion records, which nothing proves',
    'Write the digest under "to:"; a run without "emergency" names the previous one.',
  );
}

function conflict(message: string, hint: string): PlimsollError {
  return new PlimsollError('input-conflict', message, { hint });
}
