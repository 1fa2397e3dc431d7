import { pick } from '../../runtime/pick.ts';
import type { TrivyReport, TrivyResult } from '../../tools/trivy.ts';
import type { PredicateFacts } from './predicate.ts';

type TrivyVulnerability = NonNullable<TrivyResult['Vulnerabilities']>[number];

/**
 * The predicate `https://in-toto.io/attestation/vulns/v0.2` (in-toto/attestation, spec/predicates/vulns.md): the same scan as
 * cosign's predicate, in the form that is not bound to trivy.
 */
export function vulnsPredicate(report: TrivyReport, facts: PredicateFacts): Record<string, unknown> {
  const { database, startedAt, finishedAt } = facts;
  const version = facts.trivyVersion.replace(/^v/, '');
  const found = (report.Results ?? []).flatMap((result) => result.Vulnerabilities ?? []);
  return {
    scanner: {
      uri: `pkg:github/aquasecurity/trivy@v${version}`,
      version,
      db: {
        uri: database?.source ?? '',
        version: database?.digest ?? '',
        lastUpdate: (database?.updatedAt ?? startedAt).toISOString(),
      },
      result: found.map(oneResult),
    },
    metadata: { scanStartedOn: startedAt.toISOString(), scanFinishedOn: finishedAt.toISOString() },
  };
}

function oneResult(found: TrivyVulnerability): Record<string, unknown> {
  const { VulnerabilityID: id, PkgIdentifier, PkgName, InstalledVersion, FixedVersion, DataSource } = found;
  const about = {
    package: PkgIdentifier?.PURL ?? PkgName,
    version: InstalledVersion,
    fixedVersion: FixedVersion,
    dataSource: DataSource?.ID,
  };
  const named = Object.entries(about).flatMap(([name, value]) => (value ? [{ [name]: value }] : []));
  return { id, severity: severityOf(found), annotations: named };
}

/** The rating in words, and the CVSS scores of whoever gave one. */
function severityOf({ Severity: rating, SeveritySource: by, CVSS: scores }: TrivyVulnerability): readonly object[] {
  const rated = rating === undefined ? [] : [{ method: by ?? 'trivy', score: rating }];
  const scored = Object.entries(scores ?? {}).flatMap(([source, vectors]) => {
    const score = pick(vectors, 'V3Score');
    return typeof score === 'number' ? [{ method: `CVSS_V3 (${source})`, score: String(score) }] : [];
  });
  return [...rated, ...scored];
}
