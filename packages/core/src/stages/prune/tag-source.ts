import type { ManifestBlob } from '../../oci/content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Deletion } from '../../github/packages.ts';
import type { Manners } from './manners.ts';
import type { VersionName } from './ports.ts';

/** A tag as a registry lists it. */
export interface TagEntry {
  readonly tag: string;
  readonly digest: Digest;
  /** Milliseconds since 1970 when the tag was set, where the registry knows. */
  readonly setAt?: number;
  /** Why the registry will not delete it, as a rule. */
  readonly held?: string;
}

/** A registry that lists tags and nothing else; what has none is found from what has. */
export interface TagSource {
  readonly manners: Manners;
  /** What a person should know of the last list. */
  readonly notes?: readonly string[];
  /** Every tag, as it is now. */
  list(): Promise<readonly TagEntry[]>;
  /** Where a tag points now. */
  locate(tag: string): Promise<Digest | undefined>;
  delete(item: VersionName): Promise<Deletion>;
  restore(item: VersionName, manifest: ManifestBlob | undefined): Promise<boolean>;
  /** Takes back what deleting did to something that is still there. */
  revive?(item: VersionName): Promise<void>;
  /** What has this as its subject; `undefined` where the registry does not say. */
  referrers?(digest: Digest): Promise<readonly Descriptor[] | undefined>;
}

/** What is stored under a digest. */
export interface ContentStore {
  has(digest: Digest): Promise<boolean>;
  /** `undefined` when it is not there. */
  manifest(digest: Digest): Promise<ManifestBlob | undefined>;
  /** The bytes of a configuration; `undefined` when it cannot be had. */
  config(descriptor: Descriptor): Promise<Buffer | undefined>;
}
