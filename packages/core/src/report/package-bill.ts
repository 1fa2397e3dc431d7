import type { Digest } from '../oci/digest.ts';

/** What an SBOM is about. */
export interface BillSubject {
  /** `registry/repository`. */
  readonly name: string;
  /** Of the platform's manifest. */
  readonly digest: Digest;
}

/** An operating system, a lockfile or binary, or a package. */
export interface BillItem {
  /** Unique in the bill, and the same each time the same image is scanned. */
  readonly ref: string;
  readonly kind: 'operating-system' | 'application' | 'library';
  readonly name: string;
  readonly version?: string | undefined;
  readonly purl?: string | undefined;
  /** Names or SPDX expressions, as the package states them. */
  readonly licences: readonly string[];
  readonly supplier?: string | undefined;
  /** `algorithm:hex`, of the package as it was published. */
  readonly hash?: string | undefined;
  /** In the image. */
  readonly path?: string | undefined;
  /** What trivy says beside it, by trivy's names: with these a scan of the SBOM finds what a scan of the image does. */
  readonly facts: Readonly<Record<string, string>>;
  /** Refs of what it holds (operating systems, lockfiles) or depends on (packages). */
  readonly needs: readonly string[];
}

/** What one platform of an image is made of. */
export interface PackageBill {
  readonly subject: BillSubject;
  /** When it was looked at. */
  readonly created: Date;
  /** `trivy`, with the version that looked. */
  readonly tool: { readonly name: string; readonly version: string };
  readonly items: readonly BillItem[];
  /** Refs of what the image itself holds. */
  readonly top: readonly string[];
}
