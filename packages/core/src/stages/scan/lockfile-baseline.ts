import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { isFailure } from '../../runtime/errors.ts';
import type { Slots } from '../../runtime/slots.ts';
import { type BaselineAnswer, NO_BASELINE } from './baselines.ts';
import { joinFindings } from './join.ts';
import { ecosystemOf, findLockfiles, type Lockfile } from './lockfiles.ts';
import { atMovedPlaces, movedFiles } from './moved-files.ts';
import { osvFindings } from './osv-findings.ts';
import { withMisnamed } from './osv-misnamed.ts';
import { missing } from './problem.ts';
import type { Scanners } from './scanners.ts';
import { attempt, isProblem } from './tool-problem.ts';
import type { BaseLockfiles } from './tree-scan.ts';

interface LockfilePlace {
  readonly workDir: string;
  /** Of now: the directory, and what lies in it. */
  readonly source: string;
  readonly lockfiles: readonly Lockfile[];
  /** The same that judge the lockfiles of now. */
  readonly databaseDir: string;
  /** Only of these there are databases; what else the base has says nothing about now. */
  readonly ecosystems: readonly string[];
}

export interface LockfilePorts {
  readonly scanners: Scanners;
  readonly slots: Slots;
  readonly baseLockfiles?: BaseLockfiles | undefined;
}

/** The vulnerabilities that the lockfiles of the base branch have, by the databases of now. */
export async function lockfileBaseline(
  place: LockfilePlace,
  { scanners, slots, baseLockfiles }: LockfilePorts,
): Promise<BaselineAnswer> {
  const { workDir, databaseDir, ecosystems } = place;
  if (baseLockfiles === undefined || ecosystems.length === 0) return NO_BASELINE;
  const { label, fetch } = baseLockfiles;
  const directory = path.join(workDir, 'base');
  await mkdir(directory, { recursive: true });
  try {
    await fetch(directory, (name) => ecosystems.includes(ecosystemOf(name) ?? ''));
  } catch (error) {
    if (!isFailure(error) || error.code === 'cancelled') throw error;
    return { baselines: [], problems: [missing(`${label} cannot be read: ${error.message}`, error.hint)] };
  }
  const again = { work: path.join(workDir, 'base-misnamed'), databases: databaseDir };
  const run = await slots.run(() =>
    attempt(label, async () => {
      const found = await scanners.lockfiles(directory, databaseDir);
      return withMisnamed(found, again, (files, databases) => scanners.lockfiles(files, databases));
    }),
  );
  if (isProblem(run)) return { baselines: [], problems: [run] };
  const found = atMovedPlaces(osvFindings(run.report, directory), await movedLockfiles(directory, place));
  return { baselines: [{ scope: 'source', label, findings: joinFindings(found) }], problems: [] };
}

async function movedLockfiles(directory: string, { source, lockfiles }: LockfilePlace) {
  const paths = (of: readonly Lockfile[]) => of.map((each) => each.path);
  const before = { directory, paths: paths((await findLockfiles(directory)).lockfiles) };
  return movedFiles(before, { directory: source, paths: paths(lockfiles) });
}
