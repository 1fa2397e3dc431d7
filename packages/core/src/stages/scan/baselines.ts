import path from 'node:path';
import { repositoryLabel } from '../../oci/reference.ts';
import type { Digest } from '../../oci/digest.ts';
import type { RepositoryName } from '../../oci/reference.ts';
import { isFailure } from '../../runtime/errors.ts';
import { settled } from '../../runtime/settled.ts';
import type { Slots } from '../../runtime/slots.ts';
import type { AttestedImage, AttestedPlatform } from './attested-image.ts';
import type { Baseline } from './comparison.ts';
import type { DatabaseAnswer } from './database.ts';
import type { DatabasePorts } from './databases.ts';
import { osvOnImage } from './image-osv.ts';
import type { ImageScanPorts } from './image-scan.ts';
import { joinFindings } from './join.ts';
import type { ScanRequest } from './plan.ts';
import { missing, type ScanProblem } from './problem.ts';
import { scanSbom } from './sbom-scan.ts';
import type { Scanners } from './scanners.ts';
import { isProblem } from './tool-problem.ts';
import type { TrivyDatabase } from './trivy-database.ts';

/** What now is compared with, or why it cannot be. */
export interface BaselineAnswer {
  readonly baselines: readonly Baseline[];
  readonly problems: readonly ScanProblem[];
}

export const NO_BASELINE: BaselineAnswer = { baselines: [], problems: [] };

export type ReadAttested = (name: RepositoryName, digest: Digest) => Promise<AttestedImage>;

export interface BaselinePorts {
  readonly scanners: Scanners;
  readonly slots: Slots;
  readonly attested?: ReadAttested | undefined;
}

interface BaselinePlace {
  readonly workDir: string;
  /** The same that judges the image of now. */
  readonly database: Promise<DatabaseAnswer<TrivyDatabase>>;
}

/** The image that was named as baseline, by its attested SBOMs. */
export async function imageBaseline(
  request: ScanRequest,
  place: BaselinePlace,
  ports: BaselinePorts & ImageScanPorts & DatabasePorts,
): Promise<BaselineAnswer> {
  const { baseline } = request;
  if (baseline === undefined || ports.attested === undefined) return NO_BASELINE;
  const label = `${repositoryLabel(baseline.repository)}@${baseline.digest}`;
  try {
    const attested = await ports.attested(baseline.repository, baseline.digest);
    return await judgeAttested(label, attested, { ...place, request, ports });
  } catch (error) {
    if (!isFailure(error) || error.code === 'cancelled') throw error;
    return failed(missing(`the baseline ${label} cannot be read: ${error.message}`, error.hint));
  }
}

interface Judging extends BaselinePlace {
  readonly request: ScanRequest;
  readonly ports: BaselinePorts & ImageScanPorts & DatabasePorts;
}

async function judgeAttested(
  label: string,
  { platforms, refused }: AttestedImage,
  { workDir, database, request, ports }: Judging,
): Promise<BaselineAnswer> {
  const held = (await database).database;
  if (held === undefined) return NO_BASELINE; // told as the problem of the image
  const place = { workDir, cacheDir: held.cacheDir };
  const scans = await settled(platforms.map((each) => ports.slots.run(() => scanSbom(each, place, ports.scanners))));
  const problem = platforms.length === 0 ? missing('it has no platform', WHICH) : scans.find(isProblem);
  if (problem !== undefined) {
    const why = refused[0] === undefined ? '' : ` (${refused[0]})`;
    return failed({ ...problem, what: `the baseline ${label} cannot be used: ${problem.what}${why}` });
  }
  const scanned = scans.flatMap((each) => (isProblem(each) ? [] : [each]));
  const listed = scanned.map(({ scanned: { platform }, packages }) => ({ platform, packages }));
  const second = await osvOnImage(listed, { request, directory: path.join(workDir, 'baseline-osv') }, ports);
  if (second.problems[0] !== undefined) return failed(second.problems[0]);
  const findings = joinFindings([...scanned.flatMap((each) => each.findings), ...second.findings]);
  const advisories = knownThen(platforms);
  const baseline: Baseline = { scope: 'image', label, findings, ...(advisories === undefined ? {} : { advisories }) };
  return { baselines: [baseline], problems: [] };
}

/** Nothing is news when it is not known what was known. */
function knownThen(platforms: readonly AttestedPlatform[]): ReadonlySet<string> | undefined {
  const sets = platforms.map(({ advisories }) => advisories);
  if (sets.includes(undefined)) return undefined;
  return new Set(sets.flatMap((each) => [...(each ?? [])]));
}

function failed(problem: ScanProblem): BaselineAnswer {
  return { baselines: [], problems: [problem] };
}

const WHICH = 'Name the digest of an image or of an index with images in it in the input "baseline".';
