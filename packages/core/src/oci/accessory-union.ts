import * as v from 'valibot';
import { readBytes } from './checked-stream.ts';
import type { ContentTarget, ManifestBlob } from './content.ts';
import type { Descriptor } from './descriptor.ts';
import { digestOf } from './digest.ts';
import { type ImageManifest, parseManifest } from './manifest.ts';
import { WholeBlob } from './whole-blob.ts';

/** What an image's config says of its layers (image-spec config.md); cosign's signatures carry one. */
const Config = v.looseObject({
  rootfs: v.looseObject({ diff_ids: v.array(v.string()) }),
  history: v.exactOptional(v.array(v.unknown())),
});

interface Parsed {
  readonly manifest: ImageManifest;
  readonly document: object;
}

/**
 * One manifest with the layers of both: all of the first, then what the second has beside. A config that lists
 * layers is extended with them and put into the target, which has both manifests' blobs.
 *
 * @returns `undefined` when they are not of one kind
 * @throws PlimsollError what the target throws
 */
export async function uniteAccessories(
  target: ContentTarget,
  [first, second]: readonly [ManifestBlob, ManifestBlob],
): Promise<ManifestBlob | undefined> {
  const [one, other] = [parse(first), parse(second)];
  if (one === undefined || other === undefined || first.mediaType !== second.mediaType) return undefined;
  if (one.manifest.config.mediaType !== other.manifest.config.mediaType) return undefined;
  const there = new Set(one.manifest.layers.map(entryOf));
  const added = other.manifest.layers
    .map((layer, at) => ({ layer, at }))
    .filter(({ layer }) => !there.has(entryOf(layer)));
  const positions = added.map(({ at }) => at);
  const config = await uniteConfigs(target, [one.manifest, other.manifest], positions);
  const layers = [...one.manifest.layers, ...added.map(({ layer }) => layer)];
  const bytes = Buffer.from(JSON.stringify({ ...one.document, config, layers }));
  return { mediaType: first.mediaType, digest: digestOf(bytes), bytes };
}

/** Two signatures over one payload are layers of the same digest that differ in their annotations. */
export function entryOf({ digest, annotations }: Descriptor): string {
  return JSON.stringify([digest, Object.entries(annotations ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}

function parse(blob: ManifestBlob): Parsed | undefined {
  const manifest = parseManifest(blob);
  if (manifest.kind !== 'image') return undefined;
  return { manifest, document: JSON.parse(blob.bytes.toString('utf8')) as object };
}

/** A config that does not list its layers one by one stays as the first has it. */
async function uniteConfigs(
  target: ContentTarget,
  [one, other]: readonly [ImageManifest, ImageManifest],
  positions: readonly number[],
): Promise<Descriptor> {
  const [ours, theirs] = await Promise.all([readConfig(target, one), readConfig(target, other)]);
  if (ours === undefined || theirs === undefined) return one.config;
  const pick = <T>(list: readonly T[]): T[] => positions.flatMap((at) => list.slice(at, at + 1));
  const rootfs = { ...ours.rootfs, diff_ids: [...ours.rootfs.diff_ids, ...pick(theirs.rootfs.diff_ids)] };
  const history = [...(ours.history ?? []), ...pick(theirs.history ?? [])];
  const bytes = Buffer.from(JSON.stringify({ ...ours, rootfs, ...(history.length === 0 ? {} : { history }) }));
  const descriptor = { ...one.config, digest: digestOf(bytes), size: bytes.length };
  await target.putBlob(descriptor, () => Promise.resolve(new WholeBlob(bytes)));
  return descriptor;
}

async function readConfig(target: ContentTarget, { config, layers }: ImageManifest) {
  const text = (await readBytes(await target.blob(config))).toString('utf8');
  const read = v.safeParse(Config, parseJson(text));
  return read.success && read.output.rootfs.diff_ids.length === layers.length ? read.output : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whatever it is, it lists no layers.
    return undefined;
  }
}
