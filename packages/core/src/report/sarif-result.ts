import { posix } from 'node:path';
import type * as sarif from 'sarif';
import {
  type Finding,
  type FindingPlace,
  isFixable,
  subjectOf,
  type VulnerabilityFinding,
} from '../policy/findings.ts';
import type { ScanReport } from '../stages/scan/report.ts';
import { placeText } from './finding-place.ts';
import { fixText } from './fix-text.ts';
import { cut, LEVELS } from './sarif-rules.ts';

/** Where findings are shown, since GitHub needs a file of the repository. */
export interface SarifPlaces {
  /** Put before paths of the source tree: where it lies in the repository; empty for its root. */
  readonly sourcePrefix: string;
}

/** What a finding is a finding of. */
export interface Surroundings {
  readonly report: ScanReport;
  readonly places: SarifPlaces;
}

/** One alert. The number of its rule depends on the run that it stands in. */
export function sarifResult(finding: Finding, { report, places }: Surroundings): sarif.Result {
  // A line that can be edited is better to be shown than a layer that it became.
  const place = finding.places.find((each) => each.in === 'source') ?? finding.places[0];
  return {
    ruleId: finding.id,
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
  const origin = place?.origin;
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

function vulnerabilityText(finding: VulnerabilityFinding): string {
  const {
    id,
    title,
    package: { name, versions },
  } = finding;
  const fixed = fixText(finding);
  const fix = fixed === undefined ? 'no fix known' : `fixed in ${fixed}`;
  return `${name} ${versions.join(', ')}: ${id} ${title}, ${fix}`;
}

/** Without tag and digest, so that the next build writes the same and no alert is closed and opened again. */
export function stableName(image: string): string {
  return image.split('@', 1)[0]?.replace(/:[^:/]*$/, '') ?? image;
}

function uri(prefix: string, path: string): string {
  const whole = posix.join(prefix, path);
  return whole.replace(/^\/+/, '').split('/').map(encodeURIComponent).join('/');
}
