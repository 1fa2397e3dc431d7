import type * as sarif from 'sarif';
import type { Finding, Scanner } from '../policy/findings.ts';
import { VERSION } from '../runtime/version.ts';
import type { ScanReport } from '../stages/scan/report.ts';
import { type SarifPlaces, sarifResults, stableName } from './sarif-result.ts';
import { ruleBytes, rulesOf } from './sarif-rules.ts';

/**
 * What GitHub takes (docs.github.com, "SARIF support for code scanning"): of a run it refuses more than 25,000 results and shows
 * 5,000 that it picks itself, so a run has as many as are shown; of a file it refuses more than 20 runs.
 */
const MOST_RESULTS = 5_000;
const MOST_RUNS = 20;
/** Bytes. GitHub takes 10 MB after compression; a run that is smaller before it always fits. */
const LARGEST_RUN = 9 * 1024 * 1024;

/**
 * SARIF 2.1.0 of a scan, within GitHub's limits: a run for each scanner, and more where one does not hold all, each with a category
 * of its own, in as many files as that takes. Suppressed findings are left out: GitHub would open alerts for them. A scan without a
 * verdict says so in the invocation and never looks empty and fine.
 */
export function sarifLogs(report: ScanReport, places: SarifPlaces): readonly sarif.Log[] {
  const suppressed = new Set(report.judgement.suppressed.map(({ finding }) => finding));
  const open = report.findings.filter((finding) => !suppressed.has(finding));
  const runs = report.coverage.scanners.flatMap((scanner) => {
    const own = open.filter((finding) => shownBy(finding, report.coverage.scanners) === scanner);
    const parts = partsOf(
      own.flatMap((finding) => sarifResults(finding, { report, places }).map((result) => ({ finding, result }))),
    );
    return parts.map((part, at) => runOf(part, { report, scanner, at }));
  });
  const files = Array.from({ length: Math.ceil(runs.length / MOST_RUNS) }, (_none, at) => at * MOST_RUNS);
  return files.map((at) => logOf(runs.slice(at, at + MOST_RUNS)));
}

/** A file of these runs. */
export function logOf(runs: sarif.Run[]): sarif.Log {
  return { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs };
}

/** A run that says that nothing is left of what an earlier one had, so that its alerts are closed. */
export function emptyRun(category: string): sarif.Run {
  return {
    tool: { driver: driver([]) },
    automationDetails: { id: `${category}/` },
    columnKind: 'utf16CodeUnits',
    results: [],
  };
}

/** Of what both have seen there is one alert. */
function shownBy(finding: Finding, scanners: readonly Scanner[]): Scanner | undefined {
  return scanners.find((scanner) => finding.sources.includes(scanner)) ?? scanners[0];
}

interface Shown {
  readonly finding: Finding;
  readonly result: sarif.Result;
}

/** At least one, which may be empty: what was there before and is not any more is known to be gone. */
function partsOf(all: readonly Shown[]): readonly (readonly Shown[])[] {
  let part: Shown[] = [];
  const parts = [part];
  let bytes = 0;
  for (const each of all) {
    // A rule may be needed for this result alone.
    const own = Buffer.byteLength(JSON.stringify(each.result)) + ruleBytes(each.finding);
    if (part.length >= MOST_RESULTS || bytes + own > LARGEST_RUN) {
      parts.push((part = []));
      bytes = 0;
    }
    part.push(each);
    bytes += own;
  }
  return parts;
}

interface Part {
  readonly report: ScanReport;
  readonly scanner: Scanner;
  readonly at: number;
}

function runOf(shown: readonly Shown[], { report, scanner, at }: Part): sarif.Run {
  const rules = rulesOf(shown.map(({ finding }) => finding));
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  const extensions = report.tools
    .filter(({ name }) => name === scanner)
    .map(({ name, version }) => ({ name, version }));
  return {
    tool: { driver: driver(rules), extensions },
    automationDetails: { id: `${categoryOf(report, scanner, at)}/` },
    columnKind: 'utf16CodeUnits',
    invocations: [invocation(report)],
    results: shown.map(({ result: found, finding }) => ({ ...found, ruleIndex: indexes.get(finding.id) ?? 0 })),
    properties: runProperties(report, shown.length),
  };
}

/** GitHub closes what is missing from the latest upload of a category, so the same thing has to have the same one next time. */
export function categoryOf(report: Pick<ScanReport, 'image' | 'digest' | 'from'>, scanner: Scanner, part = 0): string {
  // The source or an SBOM alone says nothing of what a whole scan found in the image of that name.
  const partial = report.digest === undefined ? '/source' : report.from === 'sbom' ? '/sbom' : '';
  return `plimsoll/scan/${stableName(report.image)}${partial}/${scanner}${part === 0 ? '' : `/part-${part + 1}`}`;
}

function driver(rules: sarif.ReportingDescriptor[]): sarif.ToolComponent {
  return {
    name: 'Plimsoll',
    semanticVersion: VERSION,
    informationUri: 'https://github.com/plimsoll-ci/plimsoll',
    rules,
  };
}

/** Times would make two runs differ that found the same, but SARIF wants them nowhere else. */
function invocation({ outcome, problems, startedAt, finishedAt }: ScanReport): sarif.Invocation {
  return {
    executionSuccessful: outcome === 'pass' || outcome === 'fail',
    startTimeUtc: startedAt.toISOString(),
    endTimeUtc: finishedAt.toISOString(),
    toolExecutionNotifications: problems.map(({ what, todo }) => ({
      level: 'error',
      message: { text: `${what}. ${todo}` },
    })),
  };
}

function runProperties(report: ScanReport, shown: number): sarif.PropertyBag {
  return {
    outcome: report.outcome,
    image: report.image,
    digest: report.digest,
    policyDigest: report.policyDigest,
    platforms: report.coverage.platforms.map(({ platform }) => platform),
    databases: report.databases.flatMap(({ database }) => database ?? []),
    findings: report.findings.length,
    shown,
  };
}
