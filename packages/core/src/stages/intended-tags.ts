import type { CopyTarget } from '../oci/content.ts';
import type { Digest } from '../oci/digest.ts';
import { classifyTag, type TagRules } from '../policy/tags.ts';
import { PlimsollError } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { dueTags, type TagList } from './due-tags.ts';
import { readIntent } from './intent.ts';
import type { PromotionNote } from './promote/leg.ts';
import { moveTags } from './promote/move-tags.ts';
import type { TagMove } from './tags.ts';
import type { VerifyReport } from './verify.ts';

export interface IntendedTagsRequest {
  readonly digest: Digest;
  /** Ids of the workflow runs whose build may say what the image is to be called. */
  readonly runs: readonly string[];
  /** Whether an image without an intent is a mistake, or only verified. */
  readonly required: boolean;
  /** The policy's, asked again: an intent is not signed. It can keep a tag from moving, and cannot make one move. */
  readonly rules: TagRules;
}

export interface IntendedTagsPorts {
  readonly repository: CopyTarget & TagList;
  /** Throws unless the image may have tags at all; called before any is written. */
  readonly verify: (digest: Digest) => Promise<VerifyReport>;
  readonly log: Log;
  /** Who moves them, for the record of what they moved from. */
  readonly note: PromotionNote;
}

export interface IntendedTags {
  readonly verified: VerifyReport;
  readonly moves: readonly TagMove[];
}

/**
 * Writes the tags that the build of this image left pending, immutable ones first, after the image was verified.
 *
 * @throws PlimsollError `intent-missing`, `tag-taken`, `tag-moved`, what verification throws, and what the registry throws
 */
export async function moveIntendedTags(
  { digest, runs, required, rules }: IntendedTagsRequest,
  { repository, verify, log, note }: IntendedTagsPorts,
): Promise<IntendedTags> {
  const intent = await readIntent(repository, digest, runs);
  if (intent === undefined && required) throw missing(`${repository.label}@${digest}`, runs);
  const verified = await verify(digest);
  if (intent === undefined) return { verified, moves: [] };
  const tags = intent.tags.map((tag) => ({ ...tag, class: classifyTag(tag.name, rules, tag.class === 'immutable') }));
  const due = await dueTags(repository, tags, log);
  return { verified, moves: await moveTags({ repository, digest, tags: due }, { note, log }) };
}

function missing(image: string, runs: readonly string[]): PlimsollError {
  return new PlimsollError('intent-missing', `No build of run ${runs.join(' or ')} left an intent on ${image}`, {
    hint: 'Build with "push: true" in this workflow run, and pass its "digest"; or name the tags yourself with the promote action.',
  });
}
