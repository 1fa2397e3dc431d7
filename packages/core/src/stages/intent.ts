import * as v from 'valibot';
import type { RuledTag } from '../metadata/highest.ts';
import type { ContentSource, ContentTarget } from '../oci/content.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { parseManifest } from '../oci/manifest.ts';
import { isTag } from '../oci/reference.ts';
import { attachReferrers, type ReferrerManifest, referrerManifest } from '../oci/referrers.ts';
import { mapConcurrently } from '../runtime/concurrent.ts';
import { isFailure } from '../runtime/errors.ts';
import { readBlob } from './verify/read-blob.ts';

/** The artifact type of an intent, and the media type of its only blob. */
export const INTENT_TYPE = 'application/vnd.plimsoll.intent.v1+json';

/** Larger than the tags of any build. */
const LARGEST = 256 * 1024;

const family = { prefix: v.string(), suffix: v.string() };
const rule = v.object({ version: v.string(), line: v.string(), ...family, beside: v.exactOptional(v.object(family)) });
const schema = v.object({
  version: v.literal(1),
  commit: v.string(),
  ref: v.string(),
  event: v.string(),
  run: v.object({ id: v.string(), attempt: v.number() }),
  tags: v.array(
    v.object({
      name: v.pipe(v.string(), v.check(isTag, 'not a tag')),
      class: v.picklist(['immutable', 'moving']),
      highest: v.exactOptional(rule),
    }),
  ),
});

/**
 * What a build means its image to be called once there is proof of scan and signature. It hangs on the digest as a
 * referrer and is not signed: it says which tags to move, never that they may be moved.
 */
export interface Intent {
  readonly version: 1;
  readonly commit: string;
  readonly ref: string;
  readonly event: string;
  readonly run: { readonly id: string; readonly attempt: number };
  /** Each with its class by the builder's policy; whoever moves them asks the policy again. */
  readonly tags: readonly RuledTag[];
}

/** Hangs the intent on a digest, unless this very intent hangs there. */
export async function attachIntent(repository: ContentTarget, subject: Descriptor, intent: Intent): Promise<void> {
  const referrer = intentReferrer(intent);
  const { digest } = referrerManifest(subject, referrer);
  const recorded = await repository.recorded(subject.digest, [digest]);
  if (!recorded.has(digest)) await attachReferrers(repository, subject, [referrer]);
}

/** Pure: the manifest and its blob. */
export function intentReferrer({ version, commit, ref, event, run, tags }: Intent): ReferrerManifest {
  const named = tags.map(({ name, class: kind, highest }) => ({
    name,
    class: kind,
    ...(highest === undefined ? {} : { highest }),
  }));
  const bytes = Buffer.from(JSON.stringify({ version, commit, ref, event, run, tags: named }));
  return {
    artifactType: INTENT_TYPE,
    annotations: { 'dev.plimsoll.intent.commit': commit, 'dev.plimsoll.intent.run': `${run.id}-${run.attempt}` },
    blobs: [{ mediaType: INTENT_TYPE, bytes }],
  };
}

/**
 * The intent that a build of one of these runs left on a digest; that of the last attempt when there are several. What
 * other runs left, or cannot be read as an intent, counts for nothing.
 *
 * @param runs ids of workflow runs: this one, and the one that started it
 * @throws PlimsollError what the registry throws: an intent that could not be read is never taken for absent
 */
export async function readIntent(
  source: ContentSource,
  digest: Digest,
  runs: readonly string[],
): Promise<Intent | undefined> {
  const referrers = await source.referrers(digest);
  const candidates = referrers.filter(({ artifactType }) => artifactType === INTENT_TYPE);
  const read = await mapConcurrently(candidates, 4, (candidate) => intentOf(source, candidate));
  return read
    .filter((intent) => intent !== undefined)
    .filter(({ run }) => runs.includes(run.id))
    .toSorted((a, b) => b.run.attempt - a.run.attempt)[0];
}

async function intentOf(source: ContentSource, { digest }: Descriptor): Promise<Intent | undefined> {
  try {
    const manifest = parseManifest(await source.manifest(digest));
    const [layer] = manifest.kind === 'image' ? manifest.layers : [];
    if (layer === undefined) return undefined;
    const parsed = v.safeParse(schema, JSON.parse((await readBlob(source, layer, LARGEST)).toString('utf8')));
    return parsed.success ? parsed.output : undefined;
  } catch (error) {
    if (isFailure(error, 'manifest-invalid') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
