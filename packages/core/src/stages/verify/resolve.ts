import type { ContentSource } from '../../oci/content.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Reference } from '../../oci/reference.ts';
import { isFailure, PlimsollError } from '../../runtime/errors.ts';

/**
 * The digest behind a reference. A tag is looked up once; everything after is by digest.
 * @throws PlimsollError `verify-not-found`, `verify-unreachable`, `digest-required` when there is neither tag nor digest
 */
export async function resolveImage(source: ContentSource, { tag, digest }: Reference): Promise<Digest> {
  if (digest !== undefined) return digest;
  if (tag === undefined) {
    throw new PlimsollError('digest-required', `"${source.label}" names a repository, not an image`, {
      hint: `Write ${source.label}@sha256:... (best), or ${source.label}:tag.`,
    });
  }
  const found = await source.resolve(tag).catch((error: unknown) => unreachable(`${source.label}:${tag}`, error));
  if (found !== undefined) return found.digest;
  throw new PlimsollError('verify-not-found', `${source.label}:${tag} does not exist`, {
    hint: 'Check repository and tag. Registries answer the same for an image that the credentials may not see.',
  });
}

function unreachable(what: string, error: unknown): never {
  if (!isFailure(error) || error.code === 'cancelled') throw error;
  const message = `${what} could not be looked up: ${error.message}`;
  throw new PlimsollError('verify-unreachable', message, { hint: error.hint, cause: error });
}
