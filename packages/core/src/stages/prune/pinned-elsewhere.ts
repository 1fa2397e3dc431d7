import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { isIndexType } from '../../oci/media-types.ts';
import { parseManifest } from '../../oci/manifest.ts';
import { parseRepositoryName } from '../../oci/reference.ts';
import type { Registries } from '../../oci/registry/registries.ts';
import type { Repository } from '../../oci/registry/repository.ts';
import { mapConcurrently } from '../../runtime/concurrent.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import { mergePins, type Pins } from './pins.ts';

const PARALLEL = 10;

export interface Elsewhere {
  readonly registries: Pick<Registries, 'repository'>;
  /** What is in the package that is pruned: what these name is kept with them, without a look at the other place. */
  readonly here: ReadonlySet<Digest>;
}

/**
 * What is alive in other repositories: promotion copies digests, so what is tagged there is kept here; and an index
 * there that is not here (of a bundle, or of images of several packages) may name parts that are.
 * @param names `registry/repository`
 * @throws PlimsollError `registry-not-found` for one without a tag, and what the registries throw; what is in use would be unknown
 */
export async function pinsFromRegistries(names: readonly string[], elsewhere: Elsewhere): Promise<Pins> {
  return mergePins(await Promise.all(names.map((name) => pinsOf(name, elsewhere))));
}

async function pinsOf(name: string, { registries, here }: Elsewhere): Promise<Pins> {
  const repository = registries.repository(parseRepositoryName(name));
  const tags = await repository.tags();
  const found = await mapConcurrently(tags, PARALLEL, async (tag) => ({
    tag,
    descriptor: await repository.resolve(tag),
  }));
  const alive = new Map<Digest, string>();
  let indexes: (readonly [Descriptor, string])[] = [];
  for (const { tag, descriptor } of found) {
    if (descriptor === undefined) continue;
    const rule = `protect-from/${name}:${tag}`;
    if (!alive.has(descriptor.digest)) indexes.push([descriptor, rule]);
    alive.set(descriptor.digest, rule);
  }
  if (alive.size === 0) throw noTags(name);
  while (indexes.length > 0) indexes = await readIndexes(repository, indexes, { here, alive });
  return { digests: alive, tags: new Map(), notes: [] };
}

/** Adds what these indexes name, and returns the indexes among it. */
async function readIndexes(
  repository: Repository,
  indexes: readonly (readonly [Descriptor, string])[],
  { here, alive }: { readonly here: ReadonlySet<Digest>; readonly alive: Map<Digest, string> },
): Promise<(readonly [Descriptor, string])[]> {
  const foreign = indexes.filter(([{ digest, mediaType }]) => isIndexType(mediaType) && !here.has(digest));
  const children = await mapConcurrently(foreign, PARALLEL, async ([{ digest }, rule]) => {
    const manifest = parseManifest(await repository.manifest(digest));
    return manifest.kind === 'index' ? manifest.manifests.map((child) => [child, rule] as const) : [];
  });
  const fresh = children.flat().filter(([{ digest }]) => !alive.has(digest));
  for (const [{ digest }, rule] of fresh) alive.set(digest, rule);
  return fresh;
}

/** A name with a typing error looks like this, and then nothing of what is in use would be kept. */
function noTags(name: string): PlimsollError {
  return new PlimsollError('registry-not-found', `"protect-from: ${name}" has no tags`, {
    hint: 'Nothing was deleted. Correct the name, or leave it out as long as nothing is promoted there.',
  });
}
