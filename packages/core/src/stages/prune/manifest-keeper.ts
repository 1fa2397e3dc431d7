import type { CacheService } from '../../github/cache-service.ts';
import type { ContentTarget } from '../../oci/content.ts';
import { pullFile, pushFile } from '../../oci/file-artifact.ts';
import { isFailure } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';

/**
 * Brings the file of manifests to this machine, and away from it again. Neither ever fails: what is in the file is
 * proven by digest when it is used, and without it every manifest is read.
 */
export interface ManifestKeeper {
  fetch(file: string): Promise<void>;
  store(file: string): Promise<void>;
}

/** The file stays where it is. */
export const stayingKeeper: ManifestKeeper = { fetch: () => Promise.resolve(), store: () => Promise.resolve() };

/**
 * In the cache of the repository. An entry is never changed, so each run that read something makes its own, and the
 * newest is taken.
 * @param run different in every run
 */
export function cacheKeeper(cache: CacheService, name: string, run: string): ManifestKeeper {
  const prefix = `plimsoll-manifests-${name}-`;
  return {
    fetch: async (file) => void (await cache.restore({ key: prefix + run, restoreKeys: [prefix], file })),
    store: async (file) => void (await cache.save({ key: prefix + run, file })),
  };
}

const ARTIFACT = 'application/vnd.plimsoll.manifests.v1';

/** As an artifact of a registry, which outlives the seven days of an idle cache. */
export function artifactKeeper(repository: ContentTarget, tag: string, log: Log): ManifestKeeper {
  const attempt = async (what: string, step: () => Promise<void>) => {
    try {
      await step();
    } catch (error) {
      if (!isFailure(error)) throw error;
      if (error.code !== 'registry-not-found') log.info(`${what}: ${error.message}`);
    }
  };
  return {
    fetch: (file) =>
      attempt('The manifests of earlier runs cannot be read', () =>
        pullFile(repository, { file, artifactType: ARTIFACT, tag }),
      ),
    store: (file) =>
      attempt('The manifests cannot be kept for later runs', () =>
        pushFile(repository, { file, artifactType: ARTIFACT, tag }),
      ),
  };
}
