import type { OsvRun } from '../../tools/osv-scanner.ts';
import type { DatabaseAnswer } from './database.ts';
import { type DatabasePorts, osvDatabases } from './databases.ts';
import { arrangeOsvDatabases, type OsvDatabase } from './osv-database.ts';
import { withMisnamed } from './osv-misnamed.ts';
import type { ScanRequest } from './plan.ts';
import type { ScanProblem } from './problem.ts';
import type { Scanners } from './scanners.ts';
import { attempt, isProblem } from './tool-problem.ts';

export type OsvAnswers = readonly DatabaseAnswer<OsvDatabase>[];

export interface LockfileRun {
  readonly run: OsvRun | ScanProblem;
  /** Those that were there, and those that it turned out to need. */
  readonly databases: OsvAnswers;
}

export interface LockfileJob {
  readonly request: ScanRequest;
  readonly directory: string;
  /** Holds the databases that are there; others are put beside it. */
  readonly databaseDir: string;
  readonly databases: OsvAnswers;
}

type Ports = DatabasePorts & { readonly scanners: Pick<Scanners, 'lockfiles'> };

/** It stops at the first database that it does not have. */
const MOST = 8;

/**
 * Runs osv-scanner over a tree, and again with the databases that it says it needs: a file may name packages of another
 * ecosystem than its name tells, such as an SBOM, or a dependency from git.
 */
export async function runOnLockfiles(job: LockfileJob, ports: Ports): Promise<LockfileRun> {
  let { databaseDir, databases } = job;
  for (let round = 1; ; round += 1) {
    const run = await attempt('the lockfiles', () => ports.scanners.lockfiles(job.directory, databaseDir));
    if (isProblem(run)) return { run, databases };
    const wanted = run.missing.filter((ecosystem) => !databases.some(({ name }) => name === `osv/${ecosystem}`));
    if (wanted.length === 0 || round === MOST) {
      return { run: await corrected(run, { databaseDir, job }, ports), databases };
    }
    databases = [...databases, ...(await osvDatabases(wanted, job.request, ports))];
    databaseDir = `${job.databaseDir}-${round}`;
    await arrangeOsvDatabases(
      databases.flatMap((answer) => answer.database ?? []),
      databaseDir,
    );
  }
}

function corrected(
  run: OsvRun,
  { databaseDir, job }: { readonly databaseDir: string; readonly job: LockfileJob },
  { scanners }: Ports,
): Promise<OsvRun | ScanProblem> {
  const place = { work: `${job.databaseDir}-misnamed`, databases: databaseDir };
  return attempt('the lockfiles', () => withMisnamed(run, place, scanners.lockfiles));
}
