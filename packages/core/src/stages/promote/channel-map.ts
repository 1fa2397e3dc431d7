import * as v from 'valibot';
import { readBytes } from '../../oci/checked-stream.ts';
import type { ManifestBlob } from '../../oci/content.ts';
import { type Digest, digestOf } from '../../oci/digest.ts';
import { artifactTypeOf, DigestSchema, descriptorOf, parseManifest } from '../../oci/manifest.ts';
import { EMPTY, OCI_MANIFEST } from '../../oci/media-types.ts';
import { attachReferrers } from '../../oci/referrers.ts';
import type { Repository } from '../../oci/registry/repository.ts';
import { WholeBlob } from '../../oci/whole-blob.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import { signatureStatement } from '../../sigstore/statement.ts';
import { attachBundles } from '../sign/attach.ts';
import type { SummarySigner } from './summarise.ts';

export const CHANNEL_MAP_TYPE = 'application/vnd.plimsoll.channels.v1+json';

/** What each channel is: its version, and the digest of every image by `registry/repository`. */
const MapSchema = v.object({
  channels: v.record(
    v.string(),
    v.object({ version: v.exactOptional(v.string()), images: v.record(v.string(), DigestSchema) }),
  ),
});

export type ChannelMap = v.InferOutput<typeof MapSchema>;
export type Channel = ChannelMap['channels'][string];

export interface ChannelMapPlace {
  readonly repository: Repository;
  readonly tag: string;
  readonly artifactType: string;
  readonly layerType: string;
}

const NOTHING = Buffer.from('{}');
const LARGEST = 4 * 1024 * 1024;
const TRIES = 4;

/**
 * Puts channels into the map that a tag names, beside those that are there; signed before it is tagged. Whoever writes it
 * at the same moment is merged with.
 *
 * @returns the digest of the map
 * @throws PlimsollError `tag-taken` when something else is at the tag, `tag-moved` when others keep overwriting it,
 *   `sign-failed`, and what the registry throws
 */
export async function publishChannelMap(
  place: ChannelMapPlace,
  channels: Readonly<Record<string, Channel>>,
  signer: Pick<SummarySigner, 'sign'>,
): Promise<Digest> {
  const { repository, tag } = place;
  for (let left = TRIES; left > 0; left -= 1) {
    const before = await repository.look(tag);
    const there = before === undefined ? { channels: {} } : await readMap(place, before.digest);
    const layer = Buffer.from(JSON.stringify(merged(there, channels)));
    const manifest = manifestOf(place, layer);
    if (before?.digest === manifest.digest) return manifest.digest;
    await store(repository, manifest, layer);
    const bundle = await signer.sign(signatureStatement(manifest.digest), descriptorOf(manifest));
    await attachBundles(repository, [{ bundle, targets: [descriptorOf(manifest)] }], attachReferrers);
    if ((await repository.look(tag))?.digest !== before?.digest) continue;
    await repository.putManifest(manifest, tag);
    if ((await repository.look(tag))?.digest === manifest.digest) return manifest.digest;
  }
  throw new PlimsollError('tag-moved', `${repository.label}:${tag} is overwritten by others again and again`, {
    hint: 'Run again. The channels themselves have moved; only the map of them is not up to date.',
  });
}

/** Images of a channel that this run did not move stay as they were. */
function merged({ channels: there }: ChannelMap, channels: Readonly<Record<string, Channel>>): ChannelMap {
  const all = { ...there };
  for (const [name, { version, images }] of Object.entries(channels)) {
    const joined = sorted({ ...there[name]?.images, ...images });
    all[name] = version === undefined ? { images: joined } : { version, images: joined };
  }
  return { channels: sorted(all) };
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

async function readMap({ repository, tag, artifactType }: ChannelMapPlace, digest: Digest): Promise<ChannelMap> {
  const manifest = parseManifest(await repository.manifest(digest));
  const [layer] = manifest.kind === 'image' ? manifest.layers : [];
  if (artifactTypeOf(manifest) !== artifactType || layer === undefined || layer.size > LARGEST)
    throw foreign(`${repository.label}:${tag} is no ${artifactType}`);
  const bytes = await readBytes(await repository.blob(layer));
  try {
    return v.parse(MapSchema, JSON.parse(bytes.toString('utf8')));
  } catch (cause) {
    throw foreign(`${repository.label}:${tag} holds something else than a map of channels`, cause);
  }
}

function manifestOf({ artifactType, layerType }: ChannelMapPlace, layer: Buffer): ManifestBlob {
  const content = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType,
    config: { mediaType: EMPTY, digest: digestOf(NOTHING), size: NOTHING.length },
    layers: [{ mediaType: layerType, digest: digestOf(layer), size: layer.length }],
  };
  const bytes = Buffer.from(JSON.stringify(content));
  return { mediaType: OCI_MANIFEST, digest: digestOf(bytes), bytes };
}

async function store(repository: Repository, manifest: ManifestBlob, layer: Buffer): Promise<void> {
  const blobs = [NOTHING, layer].map((bytes) => ({
    bytes,
    descriptor: { mediaType: 'application/octet-stream', digest: digestOf(bytes), size: bytes.length },
  }));
  await Promise.all(
    blobs.map(({ bytes, descriptor }) => repository.putBlob(descriptor, () => Promise.resolve(new WholeBlob(bytes)))),
  );
  await repository.putManifest(manifest);
}

function foreign(message: string, cause?: unknown): PlimsollError {
  return new PlimsollError('tag-taken', message, {
    hint: 'Name another tag in "channel-map", or the media type that the map there has in "channel-map-type".',
    cause,
  });
}
