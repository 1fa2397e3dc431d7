import { isFailure, PlimsollError } from '../runtime/errors.ts';
import { entryOf, uniteAccessories } from './accessory-union.ts';
import type { ContentTarget, ManifestBlob } from './content.ts';
import { parseManifest } from './manifest.ts';

/** Writes before the competition for a tag is given up. */
const MOST_WRITES = 5;

/**
 * Puts a manifest under an accessory tag such as `sha256-<hex>.sig`. The layers are what counts: a tag that
 * holds them all stays as it is, one whose layers are all in ours is replaced, and where each side has
 * something of its own they are united. What was written is read back.
 *
 * @throws PlimsollError `tag-taken` for contents that cannot be one, `attach-lost` when another writer keeps
 *   overwriting the tag, and what the target throws
 */
export async function putAccessoryTag(target: ContentTarget, name: string, manifest: ManifestBlob): Promise<void> {
  let wanted = manifest;
  for (let writes = 0; ; writes += 1) {
    const there = await find(target, name);
    if (there !== undefined && holdsAll(there, wanted)) return;
    if (writes === MOST_WRITES) throw lost(target, name);
    if (there !== undefined && !holdsAll(wanted, there)) wanted = await unite(target, name, [there, wanted]);
    await target.putManifest(wanted, name);
  }
}

async function find(target: ContentTarget, name: string): Promise<ManifestBlob | undefined> {
  try {
    return await target.manifest(name);
  } catch (error) {
    if (isFailure(error, 'registry-not-found')) return undefined;
    throw error;
  }
}

/** Cosign reads exactly one layer under `.sbom`: a second one would hide both. */
async function unite(target: ContentTarget, name: string, both: readonly [ManifestBlob, ManifestBlob]) {
  const united = name.endsWith('.sbom') ? undefined : await uniteAccessories(target, both);
  if (united !== undefined) return united;
  throw new PlimsollError('tag-taken', `${target.label}:${name} has entries that the source does not have`, {
    hint: `The two contents cannot stand under one tag. Delete ${name} at the destination if the source's is the one to keep; it was not overwritten.`,
  });
}

function holdsAll(whole: ManifestBlob, part: ManifestBlob): boolean {
  if (whole.digest === part.digest) return true;
  const [all, some] = [parseManifest(whole), parseManifest(part)];
  if (all.kind !== 'image' || some.kind !== 'image') return false;
  const there = new Set(all.layers.map(entryOf));
  return some.layers.every((layer) => there.has(entryOf(layer)));
}

function lost(target: ContentTarget, name: string): PlimsollError {
  return new PlimsollError('attach-lost', `Other writers keep overwriting ${target.label}:${name}`, {
    hint: 'Sign and promote one image from one job at a time.',
  });
}
