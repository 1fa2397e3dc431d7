import { parseRepositoryName } from '../../oci/reference.ts';
import type { Registries } from '../../oci/registry/registries.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import { resolveTags } from './unlisted-tags.ts';
import { mergePins, type Pins } from './pins.ts';

/**
 * What is tagged in other repositories: promotion copies digests, so what runs from there is kept here.
 * @param names `registry/repository`
 * @throws PlimsollError `registry-not-found` for one without a tag, and what the registries throw; what is in use would be unknown
 */
export async function pinsFromRegistries(
  names: readonly string[],
  registries: Pick<Registries, 'repository'>,
): Promise<Pins> {
  return mergePins(await Promise.all(names.map((name) => pinsOf(name, registries))));
}

async function pinsOf(name: string, registries: Pick<Registries, 'repository'>): Promise<Pins> {
  const repository = registries.repository(parseRepositoryName(name));
  const found = await resolveTags(await repository.tags(), repository);
  const digests = new Map([...found].map(([tag, digest]) => [digest, `protect-from/${name}:${tag}`]));
  if (digests.size > 0) return { digests, tags: new Map(), notes: [] };
  // A name with a typing error looks like this, and then nothing of what is in use would be kept.
  throw new PlimsollError('registry-not-found', `"protect-from: ${name}" has no tags`, {
    hint: 'Nothing was deleted. Correct the name, or leave it out as long as nothing is promoted there.',
  });
}
