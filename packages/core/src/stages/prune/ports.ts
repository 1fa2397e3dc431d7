import type { ManifestBlob } from '../../oci/content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Deletion, PackageInfo, VersionsPage } from '../../github/packages.ts';
import type { Quota } from '../../github/quota.ts';
import type { PackageVersion } from '../../policy/retention-rules.ts';

/** The versions of one package on the REST plane; a `GitHubPackage` is one. */
export interface VersionStore {
  info(): Promise<PackageInfo>;
  page(page: number, state: 'active' | 'deleted'): Promise<VersionsPage>;
  /** `undefined` when the version is deleted. */
  version(id: number): Promise<PackageVersion | undefined>;
  delete(id: number): Promise<Deletion>;
  /** False when it cannot be restored any more. */
  restore(id: number): Promise<boolean>;
  /** What the last answer said of the limit; `undefined` where there is none, or none is told. */
  quota?(): Quota | undefined;
}

/** The same package on the registry plane; an `oci` `Repository` is one. */
export interface ManifestStore {
  tags(): Promise<readonly string[]>;
  resolve(reference: string): Promise<Descriptor | undefined>;
  /** @throws PlimsollError `registry-not-found` when the registry does not have it */
  manifest(reference: string): Promise<ManifestBlob>;
  putManifest(manifest: ManifestBlob, reference?: string): Promise<void>;
}
