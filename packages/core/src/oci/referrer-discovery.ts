import type { ManifestBlob } from './content.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import { artifactTypeOf, descriptorOf, parseManifest } from './manifest.ts';
import { isIndexType } from './media-types.ts';
import { subjectKey } from './accessory-tag.ts';

/** What is known of a source's tags beforehand. */
export interface KnownTags {
  /** Asks for the fallback tag without waiting for the list. */
  readonly now: boolean;
  /** All there are; `undefined` when that cannot be told. */
  readonly all?: Promise<ReadonlySet<string> | undefined>;
  /** Told of what is on record, per place, before it is read and proven. */
  readonly seen?: (unproven: readonly Descriptor[]) => void;
}

/** Where referrers may be recorded. */
export interface ReferrerPlaces {
  /** `undefined` when there is certainly none. */
  findManifest(reference: string): Promise<ManifestBlob | undefined>;
  /** `undefined` where there is no referrers API. */
  listedReferrers(subject: Digest): Promise<readonly Descriptor[] | undefined>;
}

/** The tag under which clients list referrers where the registry does not (distribution specification, "Referrers Tag Schema"). */
export function fallbackTag(subject: Digest): string {
  return subjectKey(subject);
}

/**
 * Everything whose `subject` is this digest: the union of what the registry lists and what the fallback
 * tag lists, since either may hold what the other does not. Each entry is read, and counts only when it
 * says itself that it refers to the subject: other tools have been seen to write foreign things there.
 * Types and annotations come from the manifests, because entries written by older clients lack them.
 */
export async function discoverReferrers(
  places: ReferrerPlaces,
  subject: Digest,
  tags: KnownTags = { now: true },
): Promise<readonly Descriptor[]> {
  const read = new Map<Digest, Promise<Descriptor | undefined>>();
  const readAll = (entries: readonly Descriptor[]) => {
    if (entries.length > 0) tags.seen?.(entries);
    return Promise.all(
      entries.map(({ digest }) => {
        const reading = read.get(digest) ?? referrerAt(places, digest, subject);
        read.set(digest, reading);
        return reading;
      }),
    );
  };
  await Promise.all([
    places.listedReferrers(subject).then((listed) => readAll(listed ?? [])),
    fallbackOf(places, subject, tags).then(readAll),
  ]);
  const found = await Promise.all(read.values());
  return found.filter((descriptor) => descriptor !== undefined);
}

/** Absence is believed when the list of tags agrees, or else the second time: one wrong answer must not cost the evidence. */
async function fallbackOf(places: ReferrerPlaces, subject: Digest, tags: KnownTags): Promise<readonly Descriptor[]> {
  const asked = tags.now ? await fallbackEntries(places, subject) : [];
  if (asked.length > 0 || (tags.now && tags.all === undefined)) return asked;
  if ((await tags.all)?.has(fallbackTag(subject)) === false) return [];
  const entries = await fallbackEntries(places, subject);
  return entries.length > 0 || tags.now ? entries : fallbackEntries(places, subject);
}

/** Which of these are on record as referrers, by their word alone: the fallback tag's, then the registry's own list. */
export async function recordedReferrers(
  places: ReferrerPlaces,
  subject: Digest,
  wanted: readonly Digest[],
): Promise<ReadonlySet<Digest>> {
  const recorded = new Set((await fallbackEntries(places, subject)).map(({ digest }) => digest));
  if (wanted.every((digest) => recorded.has(digest))) return recorded;
  return new Set([...recorded, ...((await places.listedReferrers(subject)) ?? []).map(({ digest }) => digest)]);
}

/** What the fallback tag lists, unproven; nothing when the tag is not an index (cosign copy leaves images there). */
export async function fallbackEntries(
  places: Pick<ReferrerPlaces, 'findManifest'>,
  subject: Digest,
): Promise<readonly Descriptor[]> {
  const blob = await places.findManifest(fallbackTag(subject));
  if (blob === undefined || !isIndexType(blob.mediaType)) return [];
  const manifest = parseManifest(blob);
  return manifest.kind === 'index' ? manifest.manifests : [];
}

/** The full descriptor of a referrer; `undefined` when it is gone, asked twice, or refers to something else. */
async function referrerAt(places: ReferrerPlaces, digest: Digest, subject: Digest): Promise<Descriptor | undefined> {
  const blob = (await places.findManifest(digest)) ?? (await places.findManifest(digest));
  if (blob === undefined) return undefined;
  const manifest = parseManifest(blob);
  return manifest.subject?.digest === subject ? referrerDescriptor(blob) : undefined;
}

/** As the specification wants a referrer listed: with its artifact type and its manifest's annotations. */
export function referrerDescriptor(blob: ManifestBlob): Descriptor {
  const manifest = parseManifest(blob);
  const artifactType = artifactTypeOf(manifest);
  const { annotations } = manifest;
  return {
    ...descriptorOf(blob),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}
