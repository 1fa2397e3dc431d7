import type { OsvRun } from '../../tools/osv-scanner.ts';
import type { Lockfile } from './lockfiles.ts';
import { relativeTo } from './osv-findings.ts';
import { missing, type ScanProblem } from './problem.ts';

export interface UnreadLockfiles {
  readonly paths: ReadonlySet<string>;
  readonly problems: readonly ScanProblem[];
  readonly notes: readonly string[];
}

interface Found {
  readonly lockfiles: readonly Lockfile[];
  readonly directory: string;
}

/**
 * Lockfiles that osv-scanner passed over. It never looks below `node_modules`: what is there was installed from a
 * lockfile further up, and where there is none, nothing says what is installed.
 */
export function unreadLockfiles({ report, scanned, errors }: OsvRun, { lockfiles, directory }: Found): UnreadLockfiles {
  const named = [...scanned, ...(report.results ?? []).map(({ source }) => source.path)];
  const read = new Set(named.map((file) => relativeTo(directory, file)));
  const complained = (file: string) => errors.some((line) => line.includes(file));
  const unread = lockfiles.filter(({ path }) => !read.has(path));
  const installed = unread.filter(({ path }) => INSTALLED.test(path));
  const covered = lockfiles.some(({ path, ecosystem }) => ecosystem === 'npm' && !INSTALLED.test(path));
  const alone = covered ? [] : installed.filter(({ ecosystem }) => ecosystem === 'npm').slice(0, 1);
  const others = unread.filter(({ path }) => !INSTALLED.test(path) && !complained(path));
  return {
    paths: new Set(unread.map(({ path }) => path)),
    problems: [
      ...others.map(({ path }) => missing(`osv-scanner did not read the lockfile ${path}`, REPORT_IT)),
      ...alone.map(({ path }) => missing(`${path} is below node_modules, where osv-scanner looks at nothing`, LOCK)),
    ],
    notes:
      installed.length === 0
        ? []
        : [`Lockfiles below node_modules (${installed.length}) were not looked at, such as ${installed[0]?.path}.`],
  };
}

const INSTALLED = /(?:^|\/)node_modules\//;
const LOCK = 'Commit the lockfile beside package.json, or remove node_modules from the source.';
const REPORT_IT = 'Check that it may be read and is what its name says, or rename it when it is no lockfile.';
