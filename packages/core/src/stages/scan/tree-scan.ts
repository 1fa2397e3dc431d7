import path from 'node:path';
import type { Finding } from '../../policy/findings.ts';
import { settled } from '../../runtime/settled.ts';
import type { ListedPackage } from '../../report/artifact-spdx.ts';
import { type BaselineAnswer, NO_BASELINE } from './baselines.ts';
import type { DatabaseAnswer } from './database.ts';
import { type DatabasePorts, databaseProblems, osvDatabases } from './databases.ts';
import type { ImageScanPorts } from './image-scan.ts';
import { lockfileBaseline } from './lockfile-baseline.ts';
import { runOnLockfiles } from './lockfile-run.ts';
import { readLockfileScan } from './lockfile-scan.ts';
import { arrangeOsvDatabases } from './osv-database.ts';
import { atLockfileLines } from './origins.ts';
import type { ScanPlan, ScanRequest } from './plan.ts';
import type { ScanProblem } from './problem.ts';
import type { ScannedEcosystem } from './report.ts';
import { type SourceScan, scanSource } from './source-scan.ts';
import { attempt, isProblem } from './tool-problem.ts';
import { closedProblem } from './tree-walk.ts';

/** What the source tree holds: secrets and misconfiguration, and the packages of its lockfiles. */
export interface TreeScan {
  readonly findings: readonly Finding[];
  readonly problems: readonly ScanProblem[];
  readonly inlineIgnores: readonly string[];
  readonly ecosystems: readonly ScannedEcosystem[];
  /** What the lockfiles name. */
  readonly packages: readonly ListedPackage[];
  /** What was looked at less than it seems, one sentence each. */
  readonly notes: readonly string[];
  readonly databases: readonly DatabaseAnswer[];
  /** The lockfiles of the base branch, when there is one. */
  readonly baseline: BaselineAnswer;
}

/** Where the lockfiles are that those of now are compared with. */
export interface BaseLockfiles {
  readonly label: string;
  /** @param wanted by the name of the file */
  readonly fetch: (directory: string, wanted: (name: string) => boolean) => Promise<void>;
}

interface Job {
  readonly plan: ScanPlan;
  readonly request: ScanRequest;
  readonly workDir: string;
  /** Also where trivy takes secrets for examples, by the name of the file; as the policy says unless given. */
  readonly everywhere?: boolean;
}
export type TreePorts = ImageScanPorts & DatabasePorts & { readonly baseLockfiles?: BaseLockfiles | undefined };

/** Trivy on the tree and osv-scanner on its lockfiles, side by side. */
export async function scanTree(job: Job, ports: TreePorts): Promise<TreeScan> {
  const directory = job.plan.source;
  if (directory === undefined) return NO_TREE;
  const { trivy, osv } = job.plan.sourceScanners;
  const [source, lockfiles] = await settled([
    trivy ? scanFiles(directory, job, ports) : Promise.resolve(NO_FILES),
    osv ? scanLockfiles(directory, job, ports) : Promise.resolve(NO_LOCKFILES),
  ]);
  if (isProblem(source)) return { ...lockfiles, problems: [source, ...lockfiles.problems], inlineIgnores: [] };
  return { ...lockfiles, findings: [...source.findings, ...lockfiles.findings], inlineIgnores: source.inlineIgnores };
}

const NO_FILES: SourceScan = { findings: [], inlineIgnores: [] };
const NO_LOCKFILES: Omit<TreeScan, 'inlineIgnores'> = {
  findings: [],
  problems: [],
  ecosystems: [],
  packages: [],
  notes: [],
  databases: [],
  baseline: NO_BASELINE,
};
export const NO_TREE: TreeScan = { ...NO_LOCKFILES, inlineIgnores: [] };

function scanFiles(directory: string, { workDir, request, everywhere: always }: Job, { slots, scanners }: TreePorts) {
  const { licences, secretsEverywhere } = request.policy.rules;
  const place = { directory, workDir, licences, everywhere: always ?? secretsEverywhere };
  return slots.run(() => attempt('the source tree', () => scanSource(place, scanners)));
}

async function scanLockfiles(
  directory: string,
  { plan, request, workDir }: Job,
  ports: TreePorts,
): Promise<Omit<TreeScan, 'inlineIgnores'>> {
  const known = await osvDatabases(plan.ecosystems, request, ports);
  const databaseDir = path.join(workDir, 'osv');
  await arrangeOsvDatabases(
    known.flatMap((answer) => answer.database ?? []),
    databaseDir,
  );
  const [{ run, databases }, baseline] = await settled([
    ports.slots.run(() => runOnLockfiles({ request, directory, databaseDir, databases: known }, ports)),
    lockfileBaseline(
      { ecosystems: plan.ecosystems, lockfiles: plan.lockfiles, source: directory, workDir, databaseDir },
      ports,
    ),
  ]);
  // Where trivy looks at the source too, it is told there.
  const closed = plan.sourceScanners.trivy ? [] : (plan.closed ?? []);
  const problems = [...databaseProblems(databases), ...closed.map(closedProblem)];
  if (isProblem(run)) return { ...NO_LOCKFILES, databases, baseline, problems: [...problems, run] };
  const absent = databases.filter((answer) => answer.database === undefined).map((answer) => answer.name.slice(4));
  const scan = readLockfileScan(run, { lockfiles: plan.lockfiles, directory, absent });
  const findings = await atLockfileLines(scan.findings, directory);
  return { ...scan, findings, databases, baseline, problems: [...problems, ...scan.problems] };
}
