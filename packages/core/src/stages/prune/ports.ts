import type { ManifestBlob } from '../../oci/content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Deletion, PackageInfo, VersionsPage } from '../../github/packages.ts';
import type { Quota } from '../../github/quota.ts';
import type { PackageVersion } from '../../policy/retention-rules.ts';
import type { Manners } from './manners.ts';
import type { ManifestCache } from './reader.ts';

/** By what each kind of registry knows a version: a number, a digest, or its tags. */
export type VersionName = Pick<PackageVersion, 'id' | 'digest' | 'tags'>;

/**
 * The versions of one package, and what can be done to them; one driver for each kind of registry. A `GitHubPackage` is one
 * (GitHub Packages), a `TaggedVersions` another (any OCI registry, Quay).
 */
export interface VersionStore {
  /** Where it differs from GitHub. */
  readonly manners?: Manners;
  /** What a person should know of the list. */
  readonly notes?: readonly string[];
  info(): Promise<PackageInfo>;
  page(page: number, state: 'active' | 'deleted'): Promise<VersionsPage>;
  /** As it is now; `undefined` when the version is deleted. */
  version(item: VersionName): Promise<PackageVersion | undefined>;
  delete(item: VersionName): Promise<Deletion>;
  /**
   * False when it cannot be restored any more.
   * @param manifest what was deleted, as far as it is known
   */
  restore(item: VersionName, manifest?: ManifestBlob): Promise<boolean>;
  /** Takes back what deleting did to something that is still there, such as setting a date on which it goes. */
  revive?(item: VersionName): Promise<void>;
  /** What the last answer said of the limit; `undefined` where there is none, or none is told. */
  quota?(): Quota | undefined;
  /** What refers to these and is in no list, at any depth; only for registries that do not list everything. */
  related?(digests: readonly Digest[]): Promise<readonly PackageVersion[]>;
  /** Where a driver that reads manifests itself finds and keeps them. */
  useCache?(cache: ManifestCache): void;
  /** Manifests and configurations that the driver itself wanted, to be kept for later runs. */
  readonly wanted?: ReadonlySet<Digest>;
  /** Those that the registry had to send. */
  readonly reads?: number;
}

/** The same package on the registry plane; an `oci` `Repository` is one. */
export interface ManifestStore {
  tags(): Promise<readonly string[]>;
  resolve(reference: string): Promise<Descriptor | undefined>;
  /** @throws PlimsollError `registry-not-found` when the registry does not have it */
  manifest(reference: string): Promise<ManifestBlob>;
  putManifest(manifest: ManifestBlob, reference?: string): Promise<void>;
}
