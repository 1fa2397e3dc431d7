import path from 'node:path';
import { openCacheService } from '@plimsoll/core/github/cache-service';
import { parseReference, repositoryLabel, type RepositoryName } from '@plimsoll/core/oci/reference';
import { PlimsollError } from '@plimsoll/core/runtime/errors';
import {
  artifactKeeper,
  cacheKeeper,
  type ManifestKeeper,
  stayingKeeper,
} from '@plimsoll/core/stages/prune/manifest-keeper';
import type { PruneContext } from './inputs.ts';

/** Where the manifests that were read are kept for later runs. */
export type ManifestCacheChoice =
  | { readonly is: 'off' }
  | { readonly is: 'actions' }
  /** The tool cache when absent. */
  | { readonly is: 'folder'; readonly folder: string | undefined }
  | { readonly is: 'oci'; readonly repository: RepositoryName; readonly tag: string };

/** @throws PlimsollError `input-invalid`, `input-conflict`, `reference-invalid` */
export function readManifestCache(text: string | undefined, pruned: RepositoryName): ManifestCacheChoice {
  if (text === 'off' || text === 'actions') return { is: text };
  if (text === undefined || !text.startsWith('oci:')) return { is: 'folder', folder: text };
  const { registry, repository, tag, digest } = parseReference(text.slice('oci:'.length));
  if (tag === undefined || digest !== undefined) {
    throw new PlimsollError('input-invalid', `"${text}" does not name a tag`, {
      hint: `Write "manifest-cache: oci:${registry}/${repository}:prune", with a tag that nothing else uses.`,
    });
  }
  if (repositoryLabel({ registry, repository }) === repositoryLabel(pruned)) {
    throw new PlimsollError('input-conflict', 'The manifests of a package cannot be kept in the package itself', {
      hint: 'Every run would add a version. Give another repository, such as one that ends in "-cache".',
    });
  }
  return { is: 'oci', repository: { registry, repository }, tag };
}

/** The file for one package, if there is to be one; whatever is in it is proven by digest when it is used. */
export function manifestsPlace(
  context: PruneContext,
  choice: ManifestCacheChoice,
  label: string,
): { readonly file: string; readonly keeper: ManifestKeeper } | undefined {
  if (choice.is === 'off') return undefined;
  const { github, log, env } = context;
  const name = label.replaceAll(/[^a-z0-9._-]+/g, '_');
  const folder =
    choice.is === 'folder' ? (choice.folder ?? path.join(github.toolCacheDir, 'plimsoll-prune')) : undefined;
  const file = path.join(folder ?? path.join(github.tempDir, 'plimsoll-prune'), `${name}.manifests`);
  if (choice.is === 'actions') {
    const run = `${github.runId}-${github.runAttempt}`;
    return { file, keeper: cacheKeeper(openCacheService(env, context), name, run) };
  }
  if (choice.is === 'folder') return { file, keeper: stayingKeeper };
  const repository = context.registries().repository(choice.repository, 'push');
  return { file, keeper: artifactKeeper(repository, choice.tag, log) };
}
