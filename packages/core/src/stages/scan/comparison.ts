import type { Finding, FindingPlace, VulnerabilityFinding } from '../../policy/findings.ts';

/** What was there before, judged by the same databases as what is there now. */
export interface Baseline {
  readonly scope: FindingPlace['in'];
  /** `ghcr.io/acme/app@sha256:…`, or `the lockfiles of 1234abcd`. */
  readonly label: string;
  readonly findings: readonly Finding[];
  /** Advisories that were known when it was scanned; absent when no scan of then is attested. */
  readonly advisories?: ReadonlySet<string>;
}

/** How the vulnerabilities of now differ from those of before. */
export interface Comparison {
  /** Labels of what it was compared with. */
  readonly against: readonly string[];
  /** Brought in by what changed, or by a part that was compared with nothing. */
  readonly introduced: readonly VulnerabilityFinding[];
  /** There before, and not known of then. */
  readonly disclosed: readonly VulnerabilityFinding[];
  /** There before, and gone. */
  readonly fixed: readonly VulnerabilityFinding[];
  readonly unchanged: number;
}

/** Pure. A vulnerability of the same package in another version is the same. */
export function compare(now: readonly Finding[], baselines: readonly Baseline[]): Comparison {
  const vulnerabilities = now.filter((finding) => finding.kind === 'vulnerability');
  const indexed = baselines.map((baseline) => ({ ...baseline, keys: keysOf(baseline.findings) }));
  const introduced = vulnerabilities.filter((finding) =>
    scopesOf(finding).some((scope) => !indexed.some((each) => each.scope === scope && isIn(each.keys, finding))),
  );
  const old = vulnerabilities.filter((finding) => !introduced.includes(finding));
  const disclosed = old.filter((finding) => indexed.some((each) => isNews(each, finding)));
  return {
    against: baselines.map(({ label }) => label),
    introduced,
    disclosed,
    fixed: baselines.flatMap((each) => fixedSince(each, vulnerabilities)),
    unchanged: old.length - disclosed.length,
  };
}

function fixedSince({ scope, findings }: Baseline, now: readonly Finding[]): readonly VulnerabilityFinding[] {
  const still = keysOf(now.filter((finding) => scopesOf(finding).includes(scope)));
  const before = findings.filter((finding) => finding.kind === 'vulnerability');
  return before.filter((finding) => !isIn(still, finding));
}

function isNews(
  { keys, advisories }: Baseline & { keys: ReadonlySet<string> },
  finding: VulnerabilityFinding,
): boolean {
  if (advisories === undefined || !isIn(keys, finding)) return false;
  return ![finding.id, ...finding.aliases].some((id) => advisories.has(id));
}

function scopesOf({ places }: Finding): readonly FindingPlace['in'][] {
  return [...new Set(places.map((place) => place.in))];
}

function keysOf(findings: readonly Finding[]): ReadonlySet<string> {
  return new Set(findings.flatMap((finding) => (finding.kind === 'vulnerability' ? namesOf(finding) : [])));
}

function isIn(keys: ReadonlySet<string>, finding: VulnerabilityFinding): boolean {
  return namesOf(finding).some((name) => keys.has(name));
}

function namesOf({ id, aliases, package: { purl } }: VulnerabilityFinding): readonly string[] {
  return [id, ...aliases].map((name) => `${purl} ${name}`);
}
