/** From worst to least known. `unknown` is a severity of its own: nobody has rated it yet, which is not the same as harmless. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'unknown'] as const;
export type Severity = (typeof SEVERITIES)[number];

export type Scanner = 'trivy' | 'osv-scanner';

/** The instruction of a Dockerfile that brought something into an image. */
export interface Instruction {
  /** Of the Dockerfile, relative to the root of the repository. */
  readonly path: string;
  /** One-based. */
  readonly line: number;
  /** The beginning of it, such as `RUN apk add curl`. */
  readonly text: string;
}

/** Where a finding was seen in an image. Platforms that show the same thing in the same place are folded into one entry. */
export interface ImagePlace {
  readonly in: 'image';
  /** `linux/amd64`, … */
  readonly platforms: readonly string[];
  /** Path inside the image; absent for packages of the operating system. */
  readonly path?: string;
  /** Digest of the compressed layer that brought it, or its diff id. Also there when a later layer deleted the file. */
  readonly layer?: string;
  /** What made that layer, or the `FROM` of the base image; absent when no Dockerfile is known. */
  readonly origin?: Instruction;
  /** One-based. */
  readonly line?: number;
}

/** Where a finding was seen in the source tree. */
export interface SourcePlace {
  readonly in: 'source';
  /** Relative to the scanned directory, with forward slashes. */
  readonly path: string;
  /** One-based. */
  readonly line?: number;
}

export type FindingPlace = ImagePlace | SourcePlace;

interface FindingBase {
  /** What a suppression names: a CVE (or GHSA, GO, …) id, a rule id of a misconfiguration or of a secret. */
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  /** Hexadecimal; the same after a rebuild, a version bump and on another machine. */
  readonly fingerprint: string;
  readonly sources: readonly Scanner[];
  readonly link?: string;
}

/** What a finding about a package says of it. */
export interface FoundPackage {
  readonly name: string;
  /** Package URL without version and qualifiers. */
  readonly purl: string;
  /** Installed versions; usually one. */
  readonly versions: readonly string[];
}

/** What to upgrade an installed version to. */
export interface VersionFix {
  readonly installed: string;
  /** Absent when no fix is known. */
  readonly fixed?: string;
}

/** One advisory in one package, wherever that package was found. */
export interface VulnerabilityFinding extends FindingBase {
  readonly kind: 'vulnerability';
  /** Every other name of the advisory. */
  readonly aliases: readonly string[];
  /** What the distribution calls the update with the fix (DSA, RHSA, …); it may be that of other vulnerabilities too. */
  readonly updates?: readonly string[];
  readonly package: FoundPackage;
  /** What to upgrade to; absent when no fix is known. All of them, when there is another one for each installed version. */
  readonly fixedVersion?: string;
  /** The same by installed version; only there when it is not the same for all. */
  readonly fixes?: readonly VersionFix[];
  /** The probability that it is exploited within 30 days (EPSS), 0 to 1; absent when nobody was asked or knows. */
  readonly epss?: number;
  /** In the list of those that are known to be exploited (KEV). */
  readonly knownExploited?: true;
  readonly places: readonly FindingPlace[];
}

export interface SecretFinding extends FindingBase {
  readonly kind: 'secret';
  readonly places: readonly FindingPlace[];
}

export interface MisconfigurationFinding extends FindingBase {
  readonly kind: 'misconfiguration';
  /** How to put it right, in one sentence. */
  readonly resolution?: string;
  readonly places: readonly FindingPlace[];
}

/** A package under a licence that the policy does not allow; `id` is the licence as the package states it. */
export interface LicenceFinding extends FindingBase {
  readonly kind: 'licence';
  readonly package: FoundPackage;
  readonly places: readonly FindingPlace[];
}

export type Finding = VulnerabilityFinding | SecretFinding | MisconfigurationFinding | LicenceFinding;

/** Numbers for outputs, verdict and summary. Severities count vulnerabilities only. */
export type FindingCounts = Readonly<Record<Severity | 'secrets' | 'misconfigurations' | 'licences', number>>;

export function countFindings(findings: readonly Finding[]): FindingCounts {
  const counts = { critical: 0, high: 0, medium: 0, low: 0, unknown: 0, secrets: 0, misconfigurations: 0, licences: 0 };
  for (const finding of findings) counts[countedAs(finding)] += 1;
  return counts;
}

function countedAs(finding: Finding): keyof FindingCounts {
  switch (finding.kind) {
    case 'vulnerability':
      return finding.severity;
    case 'secret':
      return 'secrets';
    case 'misconfiguration':
      return 'misconfigurations';
    case 'licence':
      return 'licences';
  }
}

/** The worse of two severities; a rated one beats `unknown`. */
export function worseSeverity(one: Severity, other: Severity): Severity {
  return SEVERITIES.indexOf(one) <= SEVERITIES.indexOf(other) ? one : other;
}

/** Reads what scanners and policies write (`HIGH`, `moderate`); anything else is `unknown`. */
export function parseSeverity(text: string | undefined): Severity {
  const lower = text?.toLowerCase() ?? '';
  if (lower === 'moderate') return 'medium';
  return SEVERITIES.find((severity) => severity === lower) ?? 'unknown';
}

/** Worst first, then fixable first, then by name, so that every list we print has one order. */
export function compareFindings(one: Finding, other: Finding): number {
  const bySeverity = SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity);
  if (bySeverity !== 0) return bySeverity;
  const byFix = Number(isFixable(other)) - Number(isFixable(one));
  if (byFix !== 0) return byFix;
  return subjectOf(one).localeCompare(subjectOf(other)) || one.id.localeCompare(other.id);
}

export function isFixable(finding: Finding): boolean {
  return finding.kind !== 'vulnerability' || finding.fixedVersion !== undefined;
}

/** What the finding is about: a package, or the first place. */
export function subjectOf(finding: Finding): string {
  if (finding.kind === 'vulnerability' || finding.kind === 'licence') return finding.package.name;
  const place = finding.places[0];
  return place?.path ?? '';
}
