import type { TrivyReport, TrivyResult } from '../../tools/trivy.ts';
import type { Database } from './database.ts';

/** What a vulnerability predicate says beside the result. */
export interface PredicateFacts {
  readonly trivyVersion: string;
  readonly database: Database | undefined;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  /** URL of the run that made it. */
  readonly runUrl?: string | undefined;
  /** What a person calls the image; replaces the path of the scanned layout. */
  readonly artifactName: string;
}

/**
 * The predicate of `cosign attest --type vuln` (cosign, specs/COSIGN_VULN_ATTESTATION_SPEC.md).
 * Trivy's own leaves scanner database and times empty. Cosign drops members it does not know, so
 * digest and date of the database stand in `db.version`. The result keeps trivy's shape, because
 * admission policies look into it, without the package list and without the text around secrets.
 */
export function vulnPredicate(report: TrivyReport, facts: PredicateFacts): Record<string, unknown> {
  return {
    invocation: { parameters: null, uri: facts.runUrl ?? '', event_id: '', 'builder.id': '' },
    scanner: {
      uri: `pkg:github/aquasecurity/trivy@v${facts.trivyVersion.replace(/^v/, '')}`,
      version: facts.trivyVersion.replace(/^v/, ''),
      db: { uri: facts.database?.source ?? '', version: databaseVersion(facts.database) },
      result: publicReport(report, facts.artifactName),
    },
    metadata: { scanStartedOn: facts.startedAt.toISOString(), scanFinishedOn: facts.finishedAt.toISOString() },
  };
}

function databaseVersion(database: Database | undefined): string {
  if (database === undefined) return '';
  return `2;updated=${database.updatedAt?.toISOString() ?? 'unknown'};${database.digest}`;
}

function publicReport(report: TrivyReport, artifactName: string): Record<string, unknown> {
  const { SchemaVersion, CreatedAt, ArtifactType, Metadata } = report;
  return {
    SchemaVersion,
    CreatedAt,
    ArtifactName: artifactName,
    ArtifactType,
    Metadata: { OS: Metadata?.OS, ImageID: Metadata?.ImageID, DiffIDs: Metadata?.DiffIDs },
    Results: (report.Results ?? []).map((result) => publicResult(result, artifactName)),
  };
}

function publicResult(result: TrivyResult, artifactName: string): Record<string, unknown> {
  const { Class, Type, Vulnerabilities, Secrets } = result;
  const secrets = Secrets?.map(({ RuleID, Severity, Title, StartLine, EndLine, Layer }) => ({
    RuleID,
    Severity,
    Title,
    StartLine,
    EndLine,
    Layer,
  }));
  return {
    Target: Class === 'os-pkgs' ? artifactName : result.Target,
    Class,
    ...(Type === undefined ? {} : { Type }),
    ...(Vulnerabilities === undefined ? {} : { Vulnerabilities }),
    ...(secrets === undefined ? {} : { Secrets: secrets }),
  };
}
