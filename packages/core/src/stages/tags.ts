import type { ContentTarget, ManifestBlob } from '../oci/content.ts';
import type { Digest } from '../oci/digest.ts';
import type { ClassedTag, TagClass } from '../policy/tags.ts';
import { PlimsollError } from '../runtime/errors.ts';

/** What will happen to one tag, and what it points to now. */
export interface TagMove {
  readonly name: string;
  readonly class: TagClass;
  readonly action: 'create' | 'move' | 'keep';
  readonly before?: Digest;
}

export interface TagPlan {
  readonly digest: Digest;
  /** Immutable tags first, so that a moving tag never leads where no immutable one does. */
  readonly moves: readonly TagMove[];
}

/**
 * Looks at every requested tag before any is written.
 *
 * @throws PlimsollError `tag-taken` when an immutable tag already points to another digest, and
 *   what the registry throws: a tag that cannot be read is never taken for absent.
 */
export async function planTags(target: ContentTarget, digest: Digest, tags: readonly ClassedTag[]): Promise<TagPlan> {
  const moves = await Promise.all(tags.map((tag) => planMove(target, digest, tag)));
  return { digest, moves: moves.toSorted((a, b) => rank(a) - rank(b)) };
}

/** Plans and applies at once, for callers that have nothing to do in between. */
export async function writeTags(target: ContentTarget, digest: Digest, tags: readonly ClassedTag[]) {
  return applyTags(target, await planTags(target, digest, tags));
}

/**
 * Writes the planned tags one after another, leaves those alone that already point there, and reads
 * each back: what a consumer resolves now is the digest that was verified.
 *
 * @throws PlimsollError `tag-moved` when another writer was faster, and what the registry throws
 */
export async function applyTags(target: ContentTarget, plan: TagPlan): Promise<readonly TagMove[]> {
  const due = plan.moves.filter((move) => move.action !== 'keep');
  if (due.length === 0) return plan.moves;
  const manifest: ManifestBlob = await target.manifest(plan.digest);
  for (const move of due) {
    await target.putManifest(manifest, move.name);
    await assertTag(target, move.name, plan.digest);
  }
  return plan.moves;
}

async function planMove(target: ContentTarget, digest: Digest, tag: ClassedTag): Promise<TagMove> {
  const before = (await target.resolve(tag.name))?.digest;
  if (before === undefined) return { ...tag, action: 'create' };
  if (before === digest) return { ...tag, action: 'keep', before };
  if (tag.class === 'moving') return { ...tag, action: 'move', before };
  throw new PlimsollError(
    'tag-taken',
    `${target.label}:${tag.name} is immutable and points to ${before}, not to ${digest}`,
    {
      hint: 'Release under a new version. An immutable tag is never moved.',
    },
  );
}

async function assertTag(target: ContentTarget, name: string, digest: Digest): Promise<void> {
  const now = (await target.resolve(name))?.digest;
  if (now === digest) return;
  throw new PlimsollError('tag-moved', `${target.label}:${name} resolves to ${now ?? 'nothing'}, not to ${digest}`, {
    hint: 'Something else writes this tag. Let one workflow own it, then run this one again.',
  });
}

const rank = (move: TagMove): number => (move.class === 'immutable' ? 0 : 1);
