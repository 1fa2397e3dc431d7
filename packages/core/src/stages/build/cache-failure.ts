import { parseReference, repositoryLabel } from '../../oci/reference.ts';
import { isFailure } from '../../runtime/errors.ts';

/** What BuildKit says of caches alone; the images of a build cannot be the cause. */
const OF_CACHES = /failed to configure \S+ cache (?:ex|im)porter/;
/** A layer that was to come from somewhere else, a base image or a cache. */
const OF_LAYERS = /failed to copy: |httpReadSeeker/;

/**
 * Whether a build failed because of its caches. BuildKit fetches the layers of a cache when it needs them, long after it
 * has read what the cache holds, and a refusal ends the build then (moby/buildkit, `ignore-error` is for writing alone).
 *
 * @param caches lines of `--cache-from` and `--cache-to`
 */
export function isCacheFailure(error: unknown, caches: readonly string[]): boolean {
  if (!isFailure(error) || (error.code !== 'build-failed' && error.code !== 'registry-rate-limited')) return false;
  if (OF_CACHES.test(error.message)) return true;
  const [, host, repository] =
    /https?:\/\/([^/\s"]+)\/(?:v2\/(\S+?)\/(?:blobs|manifests)\/)?/.exec(error.message) ?? [];
  if (host === undefined || !OF_LAYERS.test(error.message)) return false;
  // GitHub's cache and those in clouds are no registries.
  if (repository === undefined) return caches.some((line) => /(?:^|,)type=(?:gha|s3|azblob)(?:,|$)/.test(line));
  return caches.flatMap(repositoriesOf).includes(`${host}/${repository}`);
}

/** As addresses have them. A line without `=` is a list of references (buildx, `ParseCacheEntry`). */
function repositoriesOf(line: string): readonly string[] {
  const references = line.includes('=') ? [/(?:^|,)"?ref=([^,"]+)/.exec(line)?.[1] ?? ''] : line.split(',');
  return references.flatMap((text) => {
    try {
      return [repositoryLabel(parseReference(text.trim())).replace(/^docker\.io\//, 'registry-1.docker.io/')];
    } catch (error) {
      if (isFailure(error)) return [];
      throw error;
    }
  });
}
