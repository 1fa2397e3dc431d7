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
 * To be asked before a build: an immutable tag that exists while this commit has no image can only belong to other
 * content.
 *
 * @throws PlimsollError `tag-taken`, and what the registry throws
 */
export async function refuseTakenTags(
  target: Pick<ContentTarget, 'label' | 'resolve'>,
  tags: readonly ClassedTag[],
): Promise<void> {
  const immutable = tags.filter((tag) => tag.class === 'immutable');
  const found = await Promise.all(immutable.map(async ({ name }) => ({ name, there: await target.resolve(name) })));
  const taken = found.find(({ there }) => there !== undefined);
  if (taken === undefined) return;
  throw new PlimsollError('tag-taken', `${target.label}:${taken.name} already points to ${taken.there?.digest}`, {
    hint: 'Release this commit under a new version. An immutable tag is never moved.',
  });
}

/** What tags of one repository point to. */
export interface SeenTags {
  readonly label: string;
  /** By name; a tag that is certainly absent has no entry. */
  readonly digests: ReadonlyMap<string, Digest>;
}

/** @throws PlimsollError what the registry throws: a tag that cannot be read is never taken for absent */
export async function lookAtTags(target: ContentTarget, tags: readonly Pick<ClassedTag, 'name'>[]): Promise<SeenTags> {
  const found = await Promise.all(tags.map(async ({ name }) => [name, await target.resolve(name)] as const));
  const digests = found.flatMap(([name, there]) => (there === undefined ? [] : [[name, there.digest] as const]));
  return { label: target.label, digests: new Map(digests) };
}

/**
 * Decides about every requested tag before any is written.
 *
 * @throws PlimsollError `tag-taken` when an immutable tag already points to another digest
 */
export function planTags(seen: SeenTags, digest: Digest, tags: readonly ClassedTag[]): TagPlan {
  const moves = tags.map((tag) => planMove(seen, digest, tag));
  return { digest, moves: moves.toSorted((a, b) => rank(a) - rank(b)) };
}

/** The tags of one image, and the repository that they are of. */
export interface PlannedTags {
  readonly repository: Pick<ContentTarget, 'label'>;
  readonly plan: TagPlan;
}

/**
 * To be asked before any tag of a run is written: where two images are to have one tag, neither plan sees the other,
 * and the second would overwrite what the first has just written, an immutable tag too.
 *
 * @throws PlimsollError `tag-taken`
 */
export function refuseTwoDigests(images: readonly PlannedTags[]): void {
  const wanted = new Map<string, Digest>();
  for (const { repository, plan } of images) {
    for (const { name } of plan.moves) {
      const tag = `${repository.label}:${name}`;
      const other = wanted.get(tag) ?? plan.digest;
      wanted.set(tag, other);
      if (other !== plan.digest) throw wantedTwice(tag, other, plan.digest);
    }
  }
}

function wantedTwice(tag: string, one: Digest, other: Digest): PlimsollError {
  return new PlimsollError('tag-taken', `${tag} is to point to ${one} and to ${other}`, {
    hint: 'Give each image a repository of its own, or other tags.',
  });
}

/** Plans and applies at once, for callers that have nothing to do in between. */
export async function writeTags(target: ContentTarget, digest: Digest, tags: readonly ClassedTag[]) {
  return applyTags(target, planTags(await lookAtTags(target, tags), digest, tags));
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

function planMove(seen: SeenTags, digest: Digest, tag: ClassedTag): TagMove {
  const before = seen.digests.get(tag.name);
  if (before === undefined) return { ...tag, action: 'create' };
  if (before === digest) return { ...tag, action: 'keep', before };
  if (tag.class === 'moving') return { ...tag, action: 'move', before };
  throw new PlimsollError(
    'tag-taken',
    `${seen.label}:${tag.name} is immutable and points to ${before}, not to ${digest}`,
    {
      hint: 'Release under a new version. An immutable tag is never moved.',
    },
  );
}

/** @throws PlimsollError `tag-moved` when the tag does not point there */
export async function assertTag(target: ContentTarget, name: string, digest: Digest): Promise<void> {
  const now = (await target.resolve(name))?.digest;
  if (now === digest) return;
  throw new PlimsollError('tag-moved', `${target.label}:${name} resolves to ${now ?? 'nothing'}, not to ${digest}`, {
    hint: 'Something else writes this tag. Let one workflow own it, then run this one again.',
  });
}

const rank = (move: TagMove): number => (move.class === 'immutable' ? 0 : 1);
