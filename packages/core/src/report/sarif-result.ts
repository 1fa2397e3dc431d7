import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type * as sarif from 'sarif';
import {
  type Finding,
  type FindingPlace,
  isFixable,
  type SourcePlace,
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

/** The alerts of a finding: one for each place in the source, because each is put right by itself. */
export function sarifResults(finding: Finding, surroundings: Surroundings): readonly sarif.Result[] {
  // A line that can be edited is better to be shown than a layer that it became.
  const editable = finding.places.filter((place) => place.in === 'source');
  if (editable.length === 0)
    return [sarifResult(finding, finding.places[0], { ...surroundings, key: wholeKey(finding) })];
  const seen = new Map<string, number>();
  return editable.toSorted(byPathAndLine).map((place) => {
    const before = seen.get(place.path) ?? 0;
    seen.set(place.path, before + 1);
    const key = `${placeHash(finding, place)}:${before + 1}`;
    return sarifResult({ ...finding, places: [place] }, place, { ...surroundings, key });
  });
}

function wholeKey({ fingerprint }: Finding): string {
  return `${fingerprint}:1`;
}

/** Packages have one fingerprint wherever they are; that of others has their file in it. */
function placeHash(finding: Finding, { path }: SourcePlace): string {
  if (!('package' in finding)) return finding.fingerprint;
  return createHash('sha256').update(`${finding.fingerprint} ${path}`).digest('hex').slice(0, 32);
}

/** So that the second in a file stays the second, whatever is written above it. */
function byPathAndLine(one: SourcePlace, other: SourcePlace): number {
  if (one.path !== other.path) return one.path < other.path ? -1 : 1;
  return (one.line ?? 0) - (other.line ?? 0);
}

interface Showing extends Surroundings {
  /** What GitHub compares, and nothing else: a hash, and a number that counts equal ones in a file. */
  readonly key: string;
}

/** One alert. The number of its rule depends on the run that it stands in. */
function sarifResult(
  finding: Finding,
  place: FindingPlace | undefined,
  { key, ...surroundings }: Showing,
): sarif.Result {
  return {
    ruleId: finding.id,
    level: LEVELS[finding.severity],
    message: { text: cut(messageOf(finding)) },
    locations: [location(finding, place, surroundings)],
    partialFingerprints: { primaryLocationLineHash: key },
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
