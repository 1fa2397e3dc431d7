import { realpath } from 'node:fs/promises';
import type { ContentSource } from '../../oci/content.ts';
import type { Digest } from '../../oci/digest.ts';
import { openLayout } from '../../oci/layout.ts';
import type { RepositoryName } from '../../oci/reference.ts';
import type { ScanPolicy } from '../../policy/scan-section.ts';
import type { RuleFiles } from './foreign-suppressions.ts';
import { findLockfiles, type Lockfile } from './lockfiles.ts';
import { findTargets, type ScanTarget } from './targets.ts';

/** Where the image is: an OCI layout directory, or a digest in a registry. */
export type ScanSubject =
  | { readonly layout: string }
  | { readonly repository: RepositoryName; readonly digest: Digest };

export interface ScanRequest {
  /** What a person calls the image, such as `ghcr.io/acme/app`. */
  readonly image: string;
  readonly subject: ScanSubject;
  /** Directory of the source tree; without it only the image is scanned. */
  readonly source?: string | undefined;
  /** Where the source tree lies in the repository, for SARIF; empty for its root. */
  readonly sourcePrefix?: string | undefined;
  readonly policy: { readonly rules: ScanPolicy; readonly digest: Digest };
  /** Suppressions from elsewhere than the policy. */
  readonly ruleFiles?: RuleFiles | undefined;
  readonly databases: {
    /** OCI references, tried in order. */
    readonly trivy: readonly string[];
    /** OCI references of trivy's Java database, tried in order; only asked when there are Java archives. */
    readonly java: readonly string[];
    /** Base URLs, tried in order. */
    readonly osv: readonly string[];
    /** Kept between runs, by digest. */
    readonly cacheDir: string;
  };
  /** Where report, SARIF, verdict and predicates are written; made when it is not there. */
  readonly outputDir: string;
  /** For what does not outlive the scan. */
  readonly tempDir: string;
  /** URL of the workflow run, for the predicates. */
  readonly runUrl?: string | undefined;
}

/** What a scan would do; `dry-run` prints it. */
export interface ScanPlan {
  readonly image: string;
  readonly digest: Digest;
  readonly content: ContentSource;
  /** The layout's directory when the image is in one. */
  readonly layoutDir?: string;
  readonly targets: readonly ScanTarget[];
  readonly source?: string;
  readonly lockfiles: readonly Lockfile[];
  readonly ecosystems: readonly string[];
}

/**
 * Finds what there is to scan, without scanning.
 *
 * @throws PlimsollError `layout-invalid`, `manifest-invalid`, `digest-mismatch`, and what the registry throws
 */
export async function planScan(
  request: ScanRequest,
  repository: (name: RepositoryName) => ContentSource,
): Promise<ScanPlan> {
  const { image, subject } = request;
  // Scanners report real paths; relative ones are only right when both begin the same.
  const source = request.source === undefined ? undefined : await realpath(request.source);
  const found = 'layout' in subject ? await inLayout(subject.layout) : inRegistry(subject, repository);
  const targets = await findTargets(found.content, found.digest);
  const lockfiles = source === undefined ? [] : await findLockfiles(source);
  const ecosystems = [...new Set(lockfiles.map((each) => each.ecosystem))].toSorted();
  return {
    image,
    ...found,
    targets,
    lockfiles,
    ecosystems,
    ...(source === undefined ? {} : { source }),
  };
}

type Found = Pick<ScanPlan, 'content' | 'digest' | 'layoutDir'>;

async function inLayout(layoutDir: string): Promise<Found> {
  const layout = await openLayout(layoutDir);
  return { content: layout, digest: layout.root.digest, layoutDir };
}

function inRegistry(
  subject: Extract<ScanSubject, { repository: RepositoryName }>,
  repository: (name: RepositoryName) => ContentSource,
): Found {
  return { content: repository(subject.repository), digest: subject.digest };
}
