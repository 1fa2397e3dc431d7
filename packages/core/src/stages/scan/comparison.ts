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

/**
 * Pure. A vulnerability of the same package in another version is the same. In the source it is only known in the lockfiles that
 * had it: what a test had before may not ship in the application without a word.
 */
export function compare(now: readonly Finding[], baselines: readonly Baseline[]): Comparison {
  const vulnerabilities = now.filter((finding) => finding.kind === 'vulnerability');
  const indexed = baselines.map((baseline) => ({ ...baseline, keys: keysOf(baseline.findings) }));
  const isKnown = (finding: VulnerabilityFinding, place: FindingPlace) =>
    indexed.some(({ scope, keys }) => scope === place.in && namesAt(finding, place).some((name) => keys.has(name)));
  const introduced = vulnerabilities.filter((finding) => finding.places.some((place) => !isKnown(finding, place)));
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
  const here = now.filter(({ places }) => places.some((place) => place.in === scope));
  const still = new Set(here.flatMap((finding) => (finding.kind === 'vulnerability' ? namesOf(finding) : [])));
  const before = findings.filter((finding) => finding.kind === 'vulnerability');
  return before.filter((finding) => !namesOf(finding).some((name) => still.has(name)));
}

function isNews(
  { keys, advisories }: Baseline & { keys: ReadonlySet<string> },
  finding: VulnerabilityFinding,
): boolean {
  const wasThere = finding.places.some((place) => namesAt(finding, place).some((name) => keys.has(name)));
  if (advisories === undefined || !wasThere) return false;
  return ![finding.id, ...finding.aliases].some((id) => advisories.has(id));
}

function keysOf(findings: readonly Finding[]): ReadonlySet<string> {
  const found = findings.filter((finding) => finding.kind === 'vulnerability');
  return new Set(found.flatMap((finding) => finding.places.flatMap((place) => namesAt(finding, place))));
}

/** Files of an image are where their build puts them, so there the whole image is one place. */
function namesAt(finding: VulnerabilityFinding, place: FindingPlace): readonly string[] {
  const names = namesOf(finding);
  return place.in === 'image' ? names : names.map((name) => `${name} in ${place.path}`);
}

function namesOf({ id, aliases, package: { purl } }: VulnerabilityFinding): readonly string[] {
  return [id, ...aliases].map((name) => `${purl} ${name}`);
}
