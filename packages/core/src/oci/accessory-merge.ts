import { PlimsollError } from '../runtime/errors.ts';
import type { ContentTarget, ManifestBlob } from './content.ts';
import { type ImageManifest, parseManifest } from './manifest.ts';

/**
 * Puts a manifest under an accessory tag such as `sha256-<hex>.sig`. The layers are what counts: a tag that
 * holds them all stays as it is, one whose layers are all in ours is replaced, and where each side has
 * something of its own nothing is thrown away.
 *
 * @throws PlimsollError `tag-taken`, and what the target throws
 */
export async function putAccessoryTag(target: ContentTarget, name: string, manifest: ManifestBlob): Promise<void> {
  const there = (await target.resolve(name)) === undefined ? undefined : await target.manifest(name);
  if (there !== undefined && holdsAll(there, manifest)) return;
  if (there !== undefined && !holdsAll(manifest, there)) {
    throw new PlimsollError('tag-taken', `${target.label}:${name} has entries that the source does not have`, {
      hint: 'Copy the signatures of the destination to the source with cosign first, or delete that tag; it was not overwritten.',
    });
  }
  await target.putManifest(manifest, name);
}

function holdsAll(whole: ManifestBlob, part: ManifestBlob): boolean {
  if (whole.digest === part.digest) return true;
  const [all, some] = [parseManifest(whole), parseManifest(part)];
  if (all.kind !== 'image' || some.kind !== 'image') return false;
  const there = new Set(all.layers.map(entryOf));
  return some.layers.every((layer) => there.has(entryOf(layer)));
}

/** Two signatures over one payload are layers of the same digest that differ in their annotations. */
function entryOf({ digest, annotations }: ImageManifest['layers'][number]): string {
  return JSON.stringify([digest, Object.entries(annotations ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}
