import { SEVERITIES, type Severity } from '../../policy/findings.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import { asList, asText, at, type ContentProblem, type ContentRules } from './content-rules.ts';

/** What `/etc/os-release`, and so an SBOM, calls a distribution of trivy's; others are not compared. */
const DISTRIBUTIONS: ReadonlyMap<string, string> = new Map([
  ['alma', 'almalinux'],
  ['alpine', 'alpine'],
  ['amazon', 'amzn'],
  ['centos', 'centos'],
  ['debian', 'debian'],
  ['fedora', 'fedora'],
  ['oracle', 'ol'],
  ['redhat', 'rhel'],
  ['rocky', 'rocky'],
  ['ubuntu', 'ubuntu'],
]);

/** Holds a vulnerability result (cosign, specs/COSIGN_VULN_ATTESTATION_SPEC.md) against the numbers of the policy. */
export function scanProblem({ statement }: VerifiedBundle, { maxFindings }: ContentRules): ContentProblem | undefined {
  if (maxFindings === undefined) return undefined;
  const found = vulnerabilities(statement.predicate).map((each) => asText(at(each, 'Severity')).toLowerCase());
  return tooMany(maxFindings, (severity) => found.filter((each) => each === severity).length);
}

/** Holds a scan verdict against the same numbers; it counts what every scanner found, also what was suppressed. */
export function verdictProblem(
  { statement }: VerifiedBundle,
  { maxFindings }: ContentRules,
): ContentProblem | undefined {
  if (maxFindings === undefined) return undefined;
  return tooMany(maxFindings, (severity) => Number(at(statement.predicate, 'counts', severity)));
}

/** A number that cannot be told is too large. */
function tooMany(
  limits: NonNullable<ContentRules['maxFindings']>,
  count: (severity: Severity) => number,
): ContentProblem | undefined {
  for (const severity of SEVERITIES) {
    const [limit, found] = [limits[severity], count(severity)];
    if (limit === undefined || found <= limit) continue;
    return { code: 'too-many-findings', text: `has ${found} ${severity} findings, more than ${limit}` };
  }
  return undefined;
}

/** `debian 12`: the distribution and the first number of its release; `undefined` for an image without one. */
export function osOf(predicate: unknown): string | undefined {
  const os = at(resultOf(predicate), 'Metadata', 'OS');
  const family = DISTRIBUTIONS.get(asText(at(os, 'Family')).toLowerCase());
  const release = /^\d+/.exec(asText(at(os, 'Name')))?.[0];
  return family === undefined || release === undefined ? undefined : `${family} ${release}`;
}

/** Vulnerable packages of the operating system. Those of languages have other names in other tools. */
export function osPackagesOf(predicate: unknown): readonly string[] {
  const results = asList(at(resultOf(predicate), 'Results')).filter((each) => at(each, 'Class') === 'os-pkgs');
  return results.flatMap((each) => asList(at(each, 'Vulnerabilities'))).map((each) => asText(at(each, 'PkgName')));
}

function vulnerabilities(predicate: unknown): readonly unknown[] {
  return asList(at(resultOf(predicate), 'Results')).flatMap((each) => asList(at(each, 'Vulnerabilities')));
}

function resultOf(predicate: unknown): unknown {
  return at(predicate, 'scanner', 'result');
}
