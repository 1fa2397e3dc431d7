import { posix } from 'node:path';
import type * as sarif from 'sarif';
import {
  type Finding,
  type FindingPlace,
  isFixable,
  subjectOf,
  type VulnerabilityFinding,
} from '../policy/findings.ts';
import { VERSION } from '../runtime/version.ts';
import type { ScanReport } from '../stages/scan/report.ts';
import { placeText } from './finding-place.ts';
import { cut, LEVELS, rulesOf } from './sarif-rules.ts';

/** Where findings inside the image are shown, since GitHub needs a file of the repository. */
export interface SarifPlaces {
  /** Put before paths of the source tree: where it lies in the repository; empty for its root. */
  readonly sourcePrefix: string;
  /** The instruction that brought the base image in, such as `{path: 'Dockerfile', line: 3}`. */
  readonly imageOrigin?: { readonly path: string; readonly line: number } | undefined;
}

/** GitHub shows 5,000 results of a run, picks them itself, and refuses more than 25,000. */
const MOST_RESULTS = 5_000;

/**
 * SARIF 2.1.0 of a scan, within GitHub's limits. Suppressed findings are left out: GitHub would open
 * alerts for them. A scan without a verdict says so in the invocation and never looks empty and fine.
 */
export function sarifLog(report: ScanReport, places: SarifPlaces): sarif.Log {
  const suppressed = new Set(report.judgement.suppressed.map(({ finding }) => finding));
  const shown = report.findings.filter((finding) => !suppressed.has(finding)).slice(0, MOST_RESULTS);
  const rules = rulesOf(shown);
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: driver(rules), extensions: report.tools.map(({ name, version }) => ({ name, version })) },
        automationDetails: { id: `plimsoll/scan/${stableName(report.image)}/` },
        columnKind: 'utf16CodeUnits',
        invocations: [invocation(report)],
        results: shown.map((finding) => result(finding, indexes.get(finding.id) ?? 0, { report, places })),
        properties: runProperties(report, shown.length),
      },
    ],
  };
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

interface Surroundings {
  readonly report: ScanReport;
  readonly places: SarifPlaces;
}

function result(finding: Finding, ruleIndex: number, { report, places }: Surroundings): sarif.Result {
  const [place] = finding.places;
  return {
    ruleId: finding.id,
    ruleIndex,
    level: LEVELS[finding.severity],
    message: { text: cut(messageOf(finding)) },
    locations: [location(finding, place, { report, places })],
    // GitHub compares this one only; the number counts equal ones in a file, and ours never are.
    partialFingerprints: { primaryLocationLineHash: `${finding.fingerprint}:1` },
    properties: { sources: [...finding.sources], fixable: isFixable(finding) },
  };
}

function location(finding: Finding, place: FindingPlace | undefined, { report, places }: Surroundings): sarif.Location {
  return {
    physicalLocation: physical(place, { report, places }),
    logicalLocations: [logical(finding, place)],
  };
}

function physical(place: FindingPlace | undefined, { report, places }: Surroundings): sarif.PhysicalLocation {
  if (place?.in === 'source') {
    return { artifactLocation: { uri: uri(places.sourcePrefix, place.path) }, region: { startLine: place.line ?? 1 } };
  }
  const origin = places.imageOrigin;
  const path = origin === undefined ? stableName(report.image) : origin.path;
  return { artifactLocation: { uri: uri('', path) }, region: { startLine: origin?.line ?? 1 } };
}

function logical(finding: Finding, place: FindingPlace | undefined): sarif.LogicalLocation {
  const name = 'package' in finding ? finding.package.purl : (place?.path ?? finding.id);
  return { fullyQualifiedName: name, kind: 'package' in finding ? 'module' : 'resource' };
}

function messageOf(finding: Finding): string {
  const seen = finding.places.map(placeText).slice(0, 3).join('; ');
  if (finding.kind === 'vulnerability') return `${vulnerabilityText(finding)} (${seen})`;
  return `${finding.title} in ${subjectOf(finding)} (${seen})`;
}

function vulnerabilityText({ id, title, package: { name, versions }, fixedVersion }: VulnerabilityFinding): string {
  const fix = fixedVersion === undefined ? 'no fix known' : `fixed in ${fixedVersion}`;
  return `${name} ${versions.join(', ')}: ${id} ${title}, ${fix}`;
}

/** Without tag and digest, so that the next build writes the same and no alert is closed and opened again. */
function stableName(image: string): string {
  return image.split('@', 1)[0]?.replace(/:[^:/]*$/, '') ?? image;
}

function uri(prefix: string, path: string): string {
  const whole = posix.join(prefix, path);
  return whole.replace(/^\/+/, '').split('/').map(encodeURIComponent).join('/');
}
