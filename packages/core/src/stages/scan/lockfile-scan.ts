import type { Finding } from '../../policy/findings.ts';
import type { Lockfile } from './lockfiles.ts';
import { osvFindings, packagesOf } from './osv-findings.ts';
import { broken, missing, type ScanProblem } from './problem.ts';
import type { ScannedEcosystem } from './report.ts';
import type { OsvRun } from '../../tools/osv-scanner.ts';

export interface LockfileScan {
  readonly findings: readonly Finding[];
  readonly ecosystems: readonly ScannedEcosystem[];
  readonly problems: readonly ScanProblem[];
}

/**
 * Reads a run of osv-scanner against the lockfiles that are there. Its exit code says too little: a
 * missing database gives a well-formed empty report, and a clean tree with a harmless complaint the
 * same code. So coverage is counted: every ecosystem with packages must have had its database loaded.
 */
export function readLockfileScan(run: OsvRun, lockfiles: readonly Lockfile[], directory: string): LockfileScan {
  const packages = packagesOf(run.report, directory);
  const names = [...new Set([...lockfiles.map((each) => each.ecosystem), ...packages.keys()])].toSorted();
  const ecosystems = names.map((ecosystem) => {
    const found = packages.get(ecosystem);
    const listed = lockfiles.filter((each) => each.ecosystem === ecosystem).map((each) => each.path);
    return { ecosystem, packages: found?.count ?? 0, lockfiles: [...new Set([...listed, ...(found?.files ?? [])])] };
  });
  return { findings: osvFindings(run.report, directory), ecosystems, problems: problemsOf(run, ecosystems) };
}

function problemsOf(run: OsvRun, ecosystems: readonly ScannedEcosystem[]): readonly ScanProblem[] {
  const covered = new Set(run.loaded.filter((each) => !run.missing.includes(each)));
  const uncovered = ecosystems.filter((each) => each.packages > 0 && !covered.has(each.ecosystem));
  const databases = [...new Set([...uncovered.map((each) => each.ecosystem), ...run.missing])].map((ecosystem) =>
    missing(
      `osv-scanner had no database for ${ecosystem}`,
      'Check that one of the base URLs in the osv-db input serves it below <ecosystem>/all.zip.',
    ),
  );
  const unread = run.errors.map((line) =>
    broken(
      `osv-scanner could not read a lockfile: ${line}`,
      'Correct the lockfile, or make it again with its package manager.',
    ),
  );
  return [...databases, ...unread];
}
