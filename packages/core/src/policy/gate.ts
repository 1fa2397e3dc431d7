import { isOver } from './day.ts';
import { type Finding, type FoundPackage, isFixable, type Severity, type VulnerabilityFinding } from './findings.ts';
import { matchesPath } from './path-pattern.ts';

/** A finding that somebody decided to live with, for a stated reason and a limited time. */
export interface Suppression {
  /** An advisory id or alias, the rule id of a misconfiguration, a licence, or the fingerprint of a secret. */
  readonly id: string;
  readonly reason: string;
  /** `YYYY-MM-DD`: the first day, in UTC, on which the suppression no longer holds. Absent in what others state (VEX). */
  readonly expires?: string;
  /** Limits it to one package: its name, or its package URL without version. */
  readonly package?: string;
  /** Limits it to one installed version. */
  readonly version?: string;
  /** Limits it to places of these paths: `*` within a segment, `**` for anything. */
  readonly paths?: readonly string[];
  /** Limits it to one platform of the image, such as `linux/arm64`; what is in the source is on no platform. */
  readonly platform?: string;
  /** Who said so and where; absent for the policy itself. */
  readonly origin?: string;
}

/** What the gate needs to know of the policy's `scan` section. */
export interface ScanRules {
  /** Vulnerabilities of these severities block. */
  readonly severities: readonly Severity[];
  /** Only vulnerabilities that have a fix block. */
  readonly fixableOnly: boolean;
  /** Misconfigurations of these severities block. */
  readonly misconfigurations: readonly Severity[];
  /** Vulnerabilities that are exploited with this probability or more block, whatever their severity. */
  readonly epss?: { readonly threshold: number } | undefined;
  /** Vulnerabilities that are known to be exploited block, whatever their severity. */
  readonly kev?: object | undefined;
  /** Findings that block nothing, because they are not new and only what is new is judged. */
  readonly spared?: ReadonlySet<Finding>;
  readonly suppressions: readonly Suppression[];
}

export interface SuppressedFinding {
  readonly finding: Finding;
  readonly by: Suppression;
}

export interface Judgement {
  readonly outcome: 'pass' | 'fail';
  readonly blocking: readonly Finding[];
  readonly suppressed: readonly SuppressedFinding[];
  /** No longer applied, though they would match a finding. */
  readonly expired: readonly SuppressedFinding[];
  /** Match nothing that was found. */
  readonly unused: readonly Suppression[];
  /** Applied now, and for at most {@link SOON_DAYS} more days. */
  readonly expiring: readonly Suppression[];
}

/** Two weeks: time enough to look into it before the gate closes. */
export const SOON_DAYS = 14;
const DAY = 86_400_000;

/**
 * Applies the policy to what was found. Pure: the same findings, rules and day give the same
 * judgement. A secret blocks whatever its severity.
 */
export function judge(findings: readonly Finding[], rules: ScanRules, now: Date): Judgement {
  const suppressed: SuppressedFinding[] = [];
  const expired: SuppressedFinding[] = [];
  const blocking: Finding[] = [];
  const used = new Set<Suppression>();
  for (const finding of findings) {
    const matching = rules.suppressions.filter((suppression) => matches(suppression, finding));
    for (const suppression of matching) used.add(suppression);
    const inForce = matching.filter((suppression) => !isExpired(suppression, now));
    const [valid] = inForce;
    // A place that none of them covers is one too many.
    if (valid !== undefined && placesOf(finding).every((place) => inForce.some((each) => covers(each, place)))) {
      suppressed.push({ finding, by: valid });
      continue;
    }
    const late = matching.find((suppression) => isExpired(suppression, now));
    if (late !== undefined) expired.push({ finding, by: late });
    if (blocks(finding, rules) && rules.spared?.has(finding) !== true) blocking.push(finding);
  }
  const unused = rules.suppressions.filter((suppression) => !used.has(suppression));
  const expiring = [...used].filter((suppression) => expiresSoon(suppression, now));
  return { outcome: blocking.length === 0 ? 'pass' : 'fail', blocking, suppressed, expired, unused, expiring };
}

function expiresSoon(suppression: Suppression, now: Date): boolean {
  return !isExpired(suppression, now) && isExpired(suppression, new Date(now.getTime() + SOON_DAYS * DAY));
}

interface Place {
  readonly path: string;
  readonly platform?: string;
}

/** Every place by itself; what several platforms share is one place on each. */
function placesOf({ places }: Finding): readonly Place[] {
  return places.flatMap((place): readonly Place[] => {
    const path = place.path ?? '';
    return place.in === 'source' ? [{ path }] : place.platforms.map((platform) => ({ path, platform }));
  });
}

function covers({ paths, platform }: Suppression, place: Place): boolean {
  if (platform !== undefined && platform !== place.platform) return false;
  return paths === undefined || paths.some((pattern) => matchesPath(pattern, place.path));
}

/** An unreadable date counts as expired: a suppression never lasts for ever by mistake. */
export function isExpired(suppression: Suppression, now: Date): boolean {
  if (suppression.expires === undefined) return false;
  return isOver(suppression.expires, now);
}

function blocks(finding: Finding, rules: ScanRules): boolean {
  switch (finding.kind) {
    case 'secret':
      return true;
    case 'misconfiguration':
      return rules.misconfigurations.includes(finding.severity);
    case 'licence':
      return true;
    case 'vulnerability':
      return isGrave(finding, rules) && (!rules.fixableOnly || isFixable(finding));
  }
}

function isGrave({ severity, epss = 0, knownExploited }: VulnerabilityFinding, rules: ScanRules): boolean {
  if (rules.severities.includes(severity)) return true;
  return (
    (rules.kev !== undefined && knownExploited === true) || (rules.epss !== undefined && epss >= rules.epss.threshold)
  );
}

function matches(suppression: Suppression, finding: Finding): boolean {
  return matchesName(suppression, finding) && placesOf(finding).some((place) => covers(suppression, place));
}

function matchesName(suppression: Suppression, finding: Finding): boolean {
  switch (finding.kind) {
    case 'secret':
      // By fingerprint only: a rule id would also let the next secret of the same kind through.
      return suppression.id === finding.fingerprint && suppression.package === undefined;
    case 'misconfiguration':
      return suppression.id === finding.id && suppression.package === undefined;
    case 'licence':
      return suppression.id === finding.id && matchesPackage(suppression, finding.package);
    case 'vulnerability':
      return [finding.id, ...finding.aliases].includes(suppression.id) && matchesPackage(suppression, finding.package);
  }
}

function matchesPackage({ package: wanted, version }: Suppression, { name, purl, versions }: FoundPackage): boolean {
  if (version !== undefined && !versions.every((each) => each === version)) return false;
  return wanted === undefined || [name, purl].includes(wanted);
}
