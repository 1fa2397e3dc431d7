import type { ManifestBlob } from '../../oci/content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { PackageVersion } from '../../policy/retention-rules.ts';

/** What GitHub says of a package as a whole. */
export interface PackageInfo {
  /** Absent where the server does not count. */
  readonly versionCount?: number;
  readonly visibility?: string;
}

export interface VersionsPage {
  readonly versions: readonly PackageVersion[];
  /** Number of the last page, from `Link`; this page when there is no other. */
  readonly last: number;
}

/**
 * - `gone`: somebody else deleted it, which is what was wanted.
 * - `refused`: GitHub will not delete this one version (last tagged, over 5,000 downloads); others may go.
 */
export type Deletion = { readonly is: 'deleted' | 'gone' } | { readonly is: 'refused'; readonly reason: string };

/** The versions of one package on the REST plane. */
export interface VersionStore {
  info(): Promise<PackageInfo>;
  page(page: number, state: 'active' | 'deleted'): Promise<VersionsPage>;
  /** `undefined` when the version is deleted. */
  version(id: number): Promise<PackageVersion | undefined>;
  delete(id: number): Promise<Deletion>;
  /** False when it cannot be restored any more. */
  restore(id: number): Promise<boolean>;
}

/** The same package on the registry plane; an `oci` `Repository` is one. */
export interface ManifestStore {
  tags(): Promise<readonly string[]>;
  resolve(reference: string): Promise<Descriptor | undefined>;
  /** @throws PlimsollError `registry-not-found` when the registry does not have it */
  manifest(reference: string): Promise<ManifestBlob>;
  putManifest(manifest: ManifestBlob, reference?: string): Promise<void>;
}
