import { type Finding, isFixable, type Severity, type VulnerabilityFinding } from './findings.ts';
import { holds } from './statements.ts';
import { isExpired, type Suppression } from './suppression.ts';
import { type Place, placesOf, SuppressionIndex, type Systems } from './suppression-index.ts';

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
  /** What others state to be affected, against what they or others state to be clear. */
  readonly affected?: readonly Suppression[];
  /** What runs on the platforms of the image, as far as it is known. */
  readonly systems?: Systems;
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
  const force = new InForce(rules, now);
  for (const finding of findings) {
    const { matching, by } = force.on(finding);
    for (const suppression of matching) used.add(suppression);
    if (by !== undefined) {
      suppressed.push({ finding, by });
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

/** The suppressions of a day, without those that others contradict. */
class InForce {
  readonly #clear: SuppressionIndex;
  readonly #affected: SuppressionIndex;
  readonly #now: Date;

  constructor({ suppressions, affected = [], systems = new Map() }: ScanRules, now: Date) {
    this.#clear = new SuppressionIndex(suppressions, { systems, whenInDoubt: false });
    this.#affected = new SuppressionIndex(affected, { systems, whenInDoubt: true });
    this.#now = now;
  }

  /** Those about the finding, and the one that it is suppressed by: a place that none covers is one too many. */
  on(finding: Finding): { readonly matching: readonly Suppression[]; readonly by: Suppression | undefined } {
    const matching = this.#clear.of(finding);
    const inForce = matching.filter((suppression) => !isExpired(suppression, this.#now));
    if (inForce.length === 0) return { matching, by: undefined };
    const affected = this.#affected.of(finding);
    const covering = placesOf(finding).map((place) => this.#covering(place, inForce, affected));
    return { matching, by: covering.includes(undefined) ? undefined : covering[0] };
  }

  #covering(place: Place, inForce: readonly Suppression[], affected: readonly Suppression[]): Suppression | undefined {
    const against = affected.filter((each) => this.#affected.covers(each, place));
    return inForce.find((each) => this.#clear.covers(each, place) && holds(each, against));
  }
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
