import path from 'node:path';
import { GitHubPackage } from '@plimsoll/core/github/packages';
import { repositoryLabel, type RepositoryName } from '@plimsoll/core/oci/reference';
import { registryManifests } from '@plimsoll/core/stages/prune/registry-manifests';
import type { ManifestStore } from '@plimsoll/core/stages/prune/ports';
import type { PruneContext } from './inputs.ts';

/** Both planes of one package, and where files about it go. */
export interface PackagePlanes {
  /** `registry/owner/name`. */
  readonly label: string;
  readonly versions: GitHubPackage;
  readonly manifests: ManifestStore;
  /** Below `RUNNER_TEMP`. */
  readonly folder: string;
}

/** @throws PlimsollError `package-not-found`, `github-*` */
export async function openPackage(context: PruneContext, repository: RepositoryName): Promise<PackagePlanes> {
  const [owner = '', ...name] = repository.repository.split('/');
  return {
    label: repositoryLabel(repository),
    versions: await GitHubPackage.open(context.api(), { owner, name: name.join('/') }),
    manifests: registryManifests(context.registries(), repository),
    folder: path.join(context.github.tempDir, 'plimsoll-prune', ...name),
  };
}
