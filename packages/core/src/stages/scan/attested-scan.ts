import { isFailure } from '../../runtime/errors.ts';
import { settled } from '../../runtime/settled.ts';
import type { AttestedImage } from './attested-image.ts';
import type { BaselinePorts } from './baselines.ts';
import { databaseProblems } from './databases.ts';
import type { ImageDatabases, ImageScan, ImageScanPorts } from './image-scan.ts';
import type { ScanPlan, ScanRequest } from './plan.ts';
import { endedSystem } from './platform-gaps.ts';
import type { PlatformScan } from './platform-scan.ts';
import { missing } from './problem.ts';
import { scanSbom } from './sbom-scan.ts';
import type { ScanTarget } from './targets.ts';
import { isProblem } from './tool-problem.ts';

type Ports = ImageScanPorts & Pick<BaselinePorts, 'attested'>;
type Place = Pick<ImageDatabases, 'database' | 'licenceRules'> & { readonly workDir: string };

/** Judges a published image by its attested SBOMs; no layer of it is read. */
export async function scanAttested(
  { targets }: ScanPlan,
  { subject, place }: { readonly subject: ScanRequest['subject']; readonly place: Place },
  ports: Ports,
): Promise<ImageScan> {
  const [answer, attested] = await settled([place.database, readEvidence(subject, ports)]);
  const problems = databaseProblems([answer]);
  if ('todo' in attested) return { platforms: [], problems: [...problems, attested], databases: [] };
  const cacheDir = answer.database?.cacheDir;
  if (cacheDir === undefined) return { platforms: [], problems, databases: [] };
  const scans = targets.map((target) =>
    ports.slots.run(() => scanTarget({ target, attested }, { ...place, cacheDir }, ports)),
  );
  const platforms = await settled(scans);
  return { platforms, problems: [...problems, ...platforms.flatMap((each) => each.problems)], databases: [] };
}

async function readEvidence(subject: ScanRequest['subject'], { attested }: Ports) {
  if (subject === undefined || 'layout' in subject || attested === undefined) return missing(NOWHERE, WHERE);
  try {
    return await attested(subject.repository, subject.digest);
  } catch (error) {
    if (!isFailure(error) || error.code === 'cancelled') throw error;
    return missing(`the attested SBOMs cannot be read: ${error.message}`, error.hint);
  }
}

interface Wanted {
  readonly target: ScanTarget;
  readonly attested: AttestedImage;
}

async function scanTarget(
  { target, attested }: Wanted,
  { workDir, cacheDir, licenceRules }: Place & { readonly cacheDir: string },
  { scanners, clock }: Ports,
): Promise<PlatformScan> {
  const startedAt = clock.now();
  const { digest } = target.descriptor;
  const own = attested.platforms.find((each) => each.digest === digest) ?? { platform: target.platform, digest };
  const scan = await scanSbom({ ...own, platform: target.platform }, { workDir, cacheDir, licenceRules }, scanners);
  const times = { target, startedAt, finishedAt: clock.now() };
  if (isProblem(scan)) return { ...times, packages: [], findings: [], problems: [scan] };
  const { scanned, packages, findings, report } = scan;
  return { ...times, scanned, packages, findings, problems: [], endedSystem: endedSystem(report) };
}

const NOWHERE = 'only a digest in a registry has an attested SBOM';
const WHERE = 'Write "image:" with "digest:", or leave out "from: sbom".';
