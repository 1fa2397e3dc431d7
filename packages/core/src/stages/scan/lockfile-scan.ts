import type { Finding } from '../../policy/findings.ts';
import { unreadLockfiles } from './lockfile-gaps.ts';
import type { Lockfile } from './lockfiles.ts';
import { listedPackages, osvFindings, packagesOf, unpinnedOf } from './osv-findings.ts';
import type { ListedPackage } from '../../report/artifact-spdx.ts';
import { missing, type ScanProblem } from './problem.ts';
import type { ScannedEcosystem } from './report.ts';
import type { OsvRun } from '../../tools/osv-scanner.ts';

export interface LockfileScan {
  readonly findings: readonly Finding[];
  readonly ecosystems: readonly ScannedEcosystem[];
  readonly packages: readonly ListedPackage[];
  readonly problems: readonly ScanProblem[];
  /** What was looked at less than it seems, one sentence each. */
  readonly notes: readonly string[];
}

export interface LockfileFacts {
  /** Lockfiles that were found by their names. */
  readonly lockfiles: readonly Lockfile[];
  readonly directory: string;
  /** Ecosystems without a database, which is told elsewhere. */
  readonly absent: readonly string[];
}

/**
 * Reads a run of osv-scanner against the lockfiles that are there. Its exit code says too little: a
 * missing database gives a well-formed empty report, and a clean tree with a harmless complaint the
 * same code. So coverage is counted: every ecosystem with packages must have had its database loaded,
 * and every lockfile must have been read.
 */
export function readLockfileScan(run: OsvRun, { lockfiles, directory, absent }: LockfileFacts): LockfileScan {
  const packages = packagesOf(run.report, directory);
  const unread = unreadLockfiles(run, { lockfiles, directory });
  const read = lockfiles.filter((each) => !unread.paths.has(each.path));
  const names = [...new Set([...read.map((each) => each.ecosystem), ...packages.keys()])].toSorted();
  const ecosystems = names.map((ecosystem) => {
    const found = packages.get(ecosystem);
    const listed = read.filter((each) => each.ecosystem === ecosystem).map((each) => each.path);
    return { ecosystem, packages: found?.count ?? 0, lockfiles: [...new Set([...listed, ...(found?.files ?? [])])] };
  });
  const unpinned = unpinnedOf(run.report, directory);
  return {
    findings: osvFindings(run.report, directory),
    ecosystems,
    packages: listedPackages(run.report),
    problems: [...problemsOf(run, ecosystems, absent), ...unread.problems, ...nothingPinned(ecosystems, unpinned)],
    notes: [...unread.notes, ...[...unpinned].map(([file, named]) => `${file} pins no version of ${few(named)}.`)],
  };
}

function problemsOf(
  run: OsvRun,
  ecosystems: readonly ScannedEcosystem[],
  absent: readonly string[],
): readonly ScanProblem[] {
  const uncovered = ecosystems.filter((each) => each.packages > 0 && !run.loaded.includes(each.ecosystem));
  // With one database missing osv-scanner looks into none of them, so only the missing one is to blame.
  const blamed = run.missing.length > 0 || absent.length > 0 ? run.missing : uncovered.map((each) => each.ecosystem);
  const databases = blamed
    .filter((ecosystem) => !absent.includes(ecosystem))
    .map((ecosystem) =>
      missing(
        `osv-scanner had no database for ${ecosystem}`,
        'Check that one of the base URLs in the osv-db input serves it below <ecosystem>/all.zip.',
      ),
    );
  const unread = run.errors.map((line) =>
    missing(
      `osv-scanner could not read a lockfile: ${line.replace(/^\(extracting as [^)]*\) /, '')}`,
      'Correct the lockfile, or make it again with its package manager.',
    ),
  );
  const skipped = run.skipped.map((name) =>
    missing(`osv-scanner did not look up ${name}, because the lockfile cuts its commit short`, WHOLE),
  );
  return [...databases, ...unread, ...skipped];
}

/** Of an ecosystem whose files name packages, and none of them with a version, nothing was judged. */
function nothingPinned(
  ecosystems: readonly ScannedEcosystem[],
  unpinned: ReadonlyMap<string, readonly string[]>,
): readonly ScanProblem[] {
  return ecosystems
    .filter(({ packages, lockfiles }) => packages === 0 && lockfiles.some((file) => unpinned.has(file)))
    .map(({ ecosystem, lockfiles }) =>
      missing(
        `no package of ${ecosystem} could be looked up: ${few(lockfiles)} names packages without their versions`,
        'Pin every version, such as with "pip freeze" or the lockfile of the package manager.',
      ),
    );
}

function few(names: readonly string[]): string {
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`;
}

const WHOLE = 'Write the whole commit of 40 characters: run the package manager again ("composer update --lock").';
