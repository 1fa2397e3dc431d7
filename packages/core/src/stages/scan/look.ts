import path from 'node:path';
import { settled } from '../../runtime/settled.ts';
import { scanAttested } from './attested-scan.ts';
import { type BaselinePorts, imageBaseline, NO_BASELINE } from './baselines.ts';
import { NO_FILES, scanFiles } from './artifact-scan.ts';
import type { Looked } from './compose.ts';
import { type DatabasePorts, javaDatabase, trivyDatabase } from './databases.ts';
import { type ExploitData, exploitData } from './exploit-data.ts';
import { osvOnImage } from './image-osv.ts';
import { type ImageDatabases, type ImageScan, type ImageScanPorts, scanPlatforms } from './image-scan.ts';
import type { ScanPlan, ScanRequest } from './plan.ts';
import type { ScanProblem } from './problem.ts';
import { type BaseLockfiles, NO_TREE, scanTree, type TreeScan } from './tree-scan.ts';

export interface LookPorts extends ImageScanPorts, DatabasePorts, BaselinePorts {
  readonly baseLockfiles?: BaseLockfiles | undefined;
}

export interface LookPlace {
  readonly request: ScanRequest;
  readonly workDir: string;
}

const NO_IMAGE: ImageScan = { platforms: [], problems: [], databases: [] };

/** Lets every scanner look, side by side, at what is now and at what it is compared with. */
export async function look(plan: ScanPlan, { request, workDir }: LookPlace, ports: LookPorts): Promise<Looked> {
  const exploits = exploitData(request.policy.rules, ports);
  const tree = () => ports.memory.once(`tree ${plan.source}`, () => scanTree({ plan, request, workDir }, ports));
  if (plan.files !== undefined) return lookAtFiles(plan, { request, workDir }, { ports, tree, exploits });
  if (plan.found === undefined) {
    const [found, exploited] = await settled([tree(), exploits]);
    return { ...treeOnly(found), exploits: exploited };
  }
  const database = trivyDatabase(request, ports);
  const { licences: licenceRules, secretsEverywhere: everywhere } = request.policy.rules;
  const place = { workDir, database, licenceRules, everywhere };
  const [image, found, answer, exploited, compared] = await settled([
    scanImageTwice(plan, { request, place }, ports),
    tree(),
    database,
    exploits,
    imageBaseline(request, place, ports),
  ]);
  const imageDatabases = [answer, ...image.databases];
  return { image, tree: found, files: NO_FILES, exploits: exploited, imageBaseline: compared, imageDatabases };
}

interface FileLook {
  readonly ports: LookPorts;
  /** Looks at the source. */
  readonly tree: () => Promise<TreeScan>;
  readonly exploits: Promise<ExploitData>;
}

/** There is no platform, and so nothing for which trivy's database is needed. */
async function lookAtFiles(
  plan: ScanPlan,
  { request, workDir }: LookPlace,
  { ports, tree, exploits }: FileLook,
): Promise<Looked> {
  // One after the other: both may need the same database.
  const inFiles = scanFiles({ plan, request, workDir }, ports);
  const afterwards = inFiles.then(tree);
  const [files, found, exploited] = await settled([inFiles, afterwards, exploits]);
  return { ...treeOnly(found), exploits: exploited, files };
}

interface ImagePlace {
  readonly request: ScanRequest;
  readonly place: Omit<ImageDatabases, 'java'> & { readonly workDir: string };
}

/** By trivy, and what it found there by osv-scanner. */
async function scanImageTwice(plan: ScanPlan, { request, place }: ImagePlace, ports: LookPorts): Promise<ImageScan> {
  const image =
    request.from === 'sbom'
      ? await scanAttested(plan, { subject: request.subject, place }, ports)
      : await scanPlatforms(plan, { ...place, java: () => javaDatabase(request, ports) }, ports);
  const listed = image.platforms.map(({ target: { platform }, packages }) => ({ platform, packages }));
  const second = await osvOnImage(listed, { request, directory: path.join(place.workDir, 'image-osv') }, ports);
  return {
    platforms: image.platforms,
    findings: second.findings,
    problems: [...image.problems, ...second.problems],
    databases: [...image.databases, ...second.databases],
  };
}

/** For a scan that is not allowed. */
export function notLooked(why: ScanProblem): Looked {
  return { ...treeOnly(NO_TREE), image: { ...NO_IMAGE, problems: [why] } };
}

function treeOnly(tree: TreeScan): Looked {
  return { image: NO_IMAGE, tree, files: NO_FILES, imageDatabases: [], exploits: {}, imageBaseline: NO_BASELINE };
}
