import { realpath } from 'node:fs/promises';
import type { ContentSource } from '../../oci/content.ts';
import type { Digest } from '../../oci/digest.ts';
import { openLayout } from '../../oci/layout.ts';
import type { RepositoryName } from '../../oci/reference.ts';
import type { ScanPolicy } from '../../policy/scan-section.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import { shippedFiles, type ShippedFile } from './artifact.ts';
import type { RuleFiles } from './foreign-suppressions.ts';
import { findLockfiles, type FoundLockfiles, type Lockfile } from './lockfiles.ts';
import type { DockerfileSource } from './origins.ts';
import type { PolicySource, ProposedPolicy } from './report.ts';
import { findTargets, type ScanTarget } from './targets.ts';

/** Where the image is: an OCI layout directory, or a digest in a registry. */
export type ScanSubject =
  | { readonly layout: string }
  | { readonly repository: RepositoryName; readonly digest: Digest };

export interface ScanRequest {
  /** What a person calls the image, such as `ghcr.io/acme/app`. */
  readonly image: string;
  /** Without it only the source tree is scanned, and nothing is said about any image. */
  readonly subject?: ScanSubject | undefined;
  /** `sbom`: only the packages that the attested SBOM lists; no layer is read. The image itself unless given. */
  readonly from?: 'image' | 'sbom' | undefined;
  /** An image whose attested SBOM this one is compared with. */
  readonly baseline?: { readonly repository: RepositoryName; readonly digest: Digest } | undefined;
  /** Directory of the source tree; without it only the image is scanned. */
  readonly source?: string | undefined;
  /** What the image was built from, to tell which line brought something in. */
  readonly dockerfile?: DockerfileSource | undefined;
  /** What looks at the source tree; both unless given. */
  readonly sourceScanners?: SourceScanners | undefined;
  /** Where the source tree lies in the repository, for SARIF; empty for its root. */
  readonly sourcePrefix?: string | undefined;
  readonly policy: {
    readonly rules: ScanPolicy;
    /** Of the policy file, or of the defaults. */
    readonly digest: Digest;
    /** What the rules were made of; only the policy unless given. */
    readonly sources?: readonly PolicySource[];
  };
  /** Suppressions from elsewhere than the policy. */
  readonly ruleFiles?: RuleFiles | undefined;
  /** What the change that is judged does to the files that judge it. */
  readonly proposed?: ProposedPolicy | undefined;
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

/** Trivy finds secrets and misconfiguration, osv-scanner vulnerable packages of lockfiles. */
export interface SourceScanners {
  readonly trivy: boolean;
  readonly osv: boolean;
}

/** An image that was found. */
export interface PlannedImage {
  readonly digest: Digest;
  readonly content: ContentSource;
  /** The layout's directory when the image is in one. */
  readonly layoutDir?: string;
}

/** What a scan would do; `dry-run` prints it. */
export interface ScanPlan {
  readonly image: string;
  /** Absent when only the source tree is scanned. */
  readonly found?: PlannedImage;
  readonly targets: readonly ScanTarget[];
  /** Of an artifact that is no image, which has no targets. */
  readonly files?: readonly ShippedFile[];
  readonly source?: string;
  readonly sourceScanners: SourceScanners;
  readonly lockfiles: readonly Lockfile[];
  readonly ecosystems: readonly string[];
  /** Directories of the source that may not be read. */
  readonly closed?: readonly string[];
}

/**
 * Finds what there is to scan, without scanning.
 *
 * @throws PlimsollError `input-conflict`, `layout-invalid`, `manifest-invalid`, `digest-mismatch`, and what the registry throws
 */
export async function planScan(
  request: ScanRequest,
  repository: (name: RepositoryName) => ContentSource,
): Promise<ScanPlan> {
  const { image, subject } = request;
  // Scanners report real paths; relative ones are only right when both begin the same.
  const source = request.source === undefined ? undefined : await realpath(request.source);
  const { sourceScanners = { trivy: true, osv: true } } = request;
  const found = subject === undefined ? undefined : await find(subject, repository);
  const files = found === undefined ? undefined : await shippedFiles(found.content, found.digest);
  if (files !== undefined) refuseForFiles(request);
  if (found === undefined && request.baseline !== undefined) throw nothingToCompare();
  const targets = found === undefined || files !== undefined ? [] : await findTargets(found.content, found.digest);
  const { lockfiles, closed } =
    source === undefined || !sourceScanners.osv ? NO_LOCKFILES : await findLockfiles(source);
  const ecosystems = [...new Set(lockfiles.map((each) => each.ecosystem))].toSorted();
  return {
    image,
    ...(found === undefined ? {} : { found }),
    targets,
    ...(files === undefined ? {} : { files }),
    sourceScanners,
    lockfiles,
    ecosystems,
    closed,
    ...(source === undefined ? {} : { source }),
  };
}

/** An artifact that is no image has files, and neither an attested SBOM that would be read nor one to compare with. */
function refuseForFiles({ from, baseline }: ScanRequest): void {
  const input = from === 'sbom' ? '"from: sbom"' : baseline === undefined ? undefined : '"baseline"';
  if (input === undefined) return;
  throw new PlimsollError('input-conflict', `${input} is for images, and this is an artifact of files`, {
    hint: `Leave out ${input} here: the files themselves are scanned.`,
  });
}

function nothingToCompare(): PlimsollError {
  return new PlimsollError('input-conflict', '"baseline" is an image to compare one with, and no image is scanned', {
    hint: 'Leave "baseline" out here: on pull requests the source is compared with that of the base branch by itself.',
  });
}

const NO_LOCKFILES: FoundLockfiles = { lockfiles: [], closed: [] };

async function find(subject: ScanSubject, repository: (name: RepositoryName) => ContentSource): Promise<PlannedImage> {
  if (!('layout' in subject)) return { content: repository(subject.repository), digest: subject.digest };
  const layout = await openLayout(subject.layout);
  return { content: layout, digest: layout.root.digest, layoutDir: subject.layout };
}
