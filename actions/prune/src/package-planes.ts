import path from 'node:path';
import { tokenKindOf } from '@plimsoll/core/github/package-failure';
import { GitHubPackage } from '@plimsoll/core/github/packages';
import type { HistorySource } from '@plimsoll/core/oci/promotion-history';
import { repositoryLabel } from '@plimsoll/core/oci/reference';
import { QuayApi } from '@plimsoll/core/oci/registry/quay-api';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import type { Registries } from '@plimsoll/core/oci/registry/registries';
import { OciSource, registryContent } from '@plimsoll/core/stages/prune/oci-source';
import type { ManifestStore, VersionStore } from '@plimsoll/core/stages/prune/ports';
import { type Expiry, QuaySource } from '@plimsoll/core/stages/prune/quay-source';
import { registryManifests } from '@plimsoll/core/stages/prune/registry-manifests';
import type { TagSource } from '@plimsoll/core/stages/prune/tag-source';
import { TaggedVersions } from '@plimsoll/core/stages/prune/tagged-versions';
import type { PruneContext, PruneInputs } from './inputs.ts';

/** Both planes of one package, and where files about it go. */
export interface PackagePlanes {
  /** `registry/owner/name`. */
  readonly label: string;
  readonly versions: VersionStore;
  readonly manifests: ManifestStore;
  /** What is in the repository. @param tags all of them: no other fallback tag is asked for */
  content(tags: ReadonlySet<string>): HistorySource;
  /** Below `RUNNER_TEMP`. */
  readonly folder: string;
}

type Given = Pick<PruneInputs, 'repository' | 'driver'>;

/** @throws PlimsollError `package-not-found`, `github-*` */
export async function openPackage(context: PruneContext, given: Given): Promise<PackagePlanes> {
  const { repository, driver } = given;
  const registries = registriesFor(context, given);
  const [owner = '', ...name] = repository.repository.split('/');
  const host = repository.registry.replaceAll(/[^a-z0-9.-]/g, '_');
  return {
    label: repositoryLabel(repository),
    versions:
      driver.is === 'github'
        ? await GitHubPackage.open(context.api(), {
            owner,
            name: name.join('/'),
            token: tokenKindOf(context.github.token),
          })
        : taggedVersions(context, given, registries),
    manifests: registryManifests(registries, repository),
    content: (tags) => contentOf(registries.repository(repository), tags),
    folder: path.join(
      context.github.tempDir,
      'plimsoll-prune',
      ...(driver.is === 'github' ? [] : [host, owner]),
      ...name,
    ),
  };
}

function taggedVersions(context: PruneContext, given: Given, registries: Registries): VersionStore {
  const { repository, driver } = given;
  const { http, clock, signal } = context;
  const content = registryContent(registries, repository);
  const source: TagSource =
    driver.is === 'quay'
      ? new QuaySource(
          new QuayApi({ repository, token: driver.token, http, clock, signal }),
          content,
          expiryOf(context, driver),
        )
      : new OciSource(registries, repository);
  return new TaggedVersions(source, { content, now: () => clock.now() });
}

function expiryOf(
  { clock }: PruneContext,
  { expireAfter: after }: { readonly expireAfter?: number },
): Expiry | undefined {
  return after === undefined ? undefined : { after, now: () => clock.now() };
}

/** Quay takes the token of an application for pulling and pushing too, under a name of its own. */
function registriesFor(context: PruneContext, { repository, driver }: Given): Registries {
  if (driver.is !== 'quay') return context.registries();
  return context.registries([{ registry: repository.registry, username: '$oauthtoken', password: driver.token }]);
}

function contentOf(repository: Repository, tags: ReadonlySet<string>): HistorySource {
  return {
    label: repository.label,
    resolve: (reference) => repository.resolve(reference),
    manifest: (reference) => repository.manifest(reference),
    blob: (descriptor) => repository.blob(descriptor),
    referrers: (subject) => repository.referrers(subject, { now: false, all: Promise.resolve(tags) }),
  };
}
