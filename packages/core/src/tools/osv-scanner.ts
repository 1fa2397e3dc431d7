import { mkdir, readdir, realpath, symlink } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { toolFailure } from '../runtime/exec-failure.ts';
import type { RunResult } from '../runtime/exec.ts';
import { inPrivateDirectory } from './private-directory.ts';
import type { ScannerPorts } from './scanner-ports.ts';
import { runScanner } from './scanner-run.ts';
import { readToolJson } from './tool-json.ts';

const text = () => v.exactOptional(v.string());
const list = <S extends v.GenericSchema>(item: S) => v.exactOptional(v.array(item));

const vulnerability = v.object({
  id: v.string(),
  aliases: list(v.string()),
  summary: text(),
  details: text(),
  modified: text(),
  /** Free form: only a text is of use. */
  database_specific: v.exactOptional(v.object({ severity: v.exactOptional(v.fallback(v.string(), '')) })),
  affected: list(
    v.object({
      package: v.exactOptional(v.object({ name: text(), ecosystem: text() })),
      ranges: list(v.object({ events: list(v.object({ introduced: text(), fixed: text() })) })),
    }),
  ),
});

const osvPackage = v.object({
  package: v.object({ name: v.string(), version: text(), ecosystem: v.string(), commit: text() }),
  groups: list(v.object({ ids: v.array(v.string()), aliases: list(v.string()), max_severity: text() })),
  vulnerabilities: list(vulnerability),
});

const report = v.object({
  results: list(v.object({ source: v.object({ path: v.string(), type: text() }), packages: list(osvPackage) })),
});

/** The part of osv-scanner's JSON report that is used. */
export type OsvReport = v.InferOutput<typeof report>;
export type OsvPackage = v.InferOutput<typeof osvPackage>;

/** What osv-scanner really looked at, from what it wrote beside its report. */
export interface OsvCoverage {
  /** Ecosystems whose database was loaded. */
  readonly loaded: readonly string[];
  /** Ecosystems whose database could not be loaded. */
  readonly missing: readonly string[];
  /** Lines that tell of something it could not read. */
  readonly errors: readonly string[];
  /** Absolute paths of the files that it read, those without any package too. */
  readonly scanned: readonly string[];
  /** Packages that it did not look up, because their commit is cut short. */
  readonly skipped: readonly string[];
}

export interface OsvRun extends OsvCoverage {
  readonly report: OsvReport;
}

export interface LockfileScan extends ScannerPorts {
  readonly directory: string;
  /** Holds `osv-scalibr/<ecosystem>/all.zip`. */
  readonly databases: string;
}

const LAYOUT = 'osv-scalibr';
const TIMEOUT_MS = 10 * 60_000;
/** 0 clean, 1 findings, 127 anything wrong (also with a whole report), 128 no packages, 129 and 130 as documented. */
const ANSWERS = [0, 1, 127, 128, 129, 130];
/** An explicit configuration keeps the one in the scanned tree from being read; the same goes for .gitignore. */
const HERMETIC = ['--offline', '--config', '/dev/null', '--no-ignore', '--all-packages', '--allow-no-lockfiles'];

/**
 * Every package that the lockfiles below a directory name, with the known vulnerabilities of each, from local
 * databases only.
 *
 * Exit codes say too little: a missing database gives a well-formed empty report. So the caller gets the coverage
 * and decides.
 *
 * @throws PlimsollError `tool-failed` when there is no report at all, `tool-timeout`, `tool-output-invalid`, `cancelled`
 */
export function scanLockfiles(scan: LockfileScan): Promise<OsvRun> {
  return inPrivateDirectory(scan.tempDir, async (dir) => {
    const file = path.join(dir, 'report.json');
    const directory = path.resolve(scan.directory);
    const { databases, archives } = await linkDatabases(dir, scan.databases);
    const ended = await runScanner(scan, {
      tool: 'osv-scanner',
      args: ['scan', 'source', ...HERMETIC, '--format', 'json', '--output-file', file, '-r', directory],
      dir,
      env: { OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY: databases },
      reads: [directory, ...archives],
      timeoutMs: scan.timeoutMs ?? TIMEOUT_MS,
      acceptExitCodes: ANSWERS,
      // Coverage is read from this stream, so none of it may be lost.
      captureLimit: 64 * 1024 * 1024,
      onLine: (line) => scan.log.debug(`osv-scanner: ${line}`),
    });
    const found = await readToolJson('osv-scanner', file, report);
    const { program: command, env } = ended;
    return judge(ended, found, ({ exitCode: outcome, stderr }) => toolFailure({ command, outcome, stderr, env }));
  });
}

/** A directory of its own, in which osv-scanner may make folders, with links to the archives, which are only read. */
async function linkDatabases(dir: string, from: string): Promise<{ databases: string; archives: readonly string[] }> {
  const databases = path.join(dir, 'databases');
  const source = path.join(path.resolve(from), LAYOUT);
  await mkdir(path.join(databases, LAYOUT), { recursive: true });
  const archives: string[] = [];
  for (const ecosystem of await readdir(source).catch(() => [])) {
    const archive = await realpath(path.join(source, ecosystem, 'all.zip'));
    await mkdir(path.join(databases, LAYOUT, ecosystem));
    await symlink(archive, path.join(databases, LAYOUT, ecosystem, 'all.zip'));
    archives.push(archive);
  }
  return { databases, archives };
}

function judge(ended: RunResult, found: OsvReport | undefined, failure: (result: RunResult) => Error): OsvRun {
  const coverage = readCoverage(ended.stderr);
  const explained = ended.exitCode <= 1 || coverage.missing.length + coverage.errors.length > 0;
  if (found === undefined || !explained) throw failure(ended);
  return { report: found, ...coverage };
}

/** Sorts osv-scanner's messages into coverage; those that say neither are left out. */
export function readCoverage(stderr: string): OsvCoverage {
  const lines = stderr.split(/\r?\n/);
  const matches = (pattern: RegExp) => [...new Set(lines.flatMap((line) => pattern.exec(line)?.[1] ?? []))];
  return {
    loaded: matches(/^Loaded (.+) local db from /),
    missing: matches(/^could not load db for (.+) ecosystem\b/),
    // The matcher only repeats the line above; the missing file of Alpine is no lockfile.
    errors: matches(
      /^Error during extraction: (?!\(extracting as vulnmatch\/)(?!\(extracting as os\/apk\) open etc\/apk\/arch: )(.+)$/,
    ),
    scanned: matches(/^Scanned (.+) file and found \d+ packages?$/),
    skipped: matches(/^Skipping (.+): short commit hash "/),
  };
}
