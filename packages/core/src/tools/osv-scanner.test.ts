import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../runtime/log.ts';
import { readCoverage, scanLockfiles } from './osv-scanner.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'osv-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** Runs a program in place of osv-scanner that writes `report` and `stderr` and ends with `exit`. */
async function scan({ report, stderr = '', exit = 0 }: { report?: unknown; stderr?: string; exit?: number }) {
  const file = path.join(dir, 'osv-scanner');
  await writeFile(path.join(dir, 'stderr'), stderr);
  await writeFile(path.join(dir, 'answer'), JSON.stringify(report ?? null));
  const note = `printf '%s\\n' "$@" > ${dir}/args; /usr/bin/env > ${dir}/env`;
  const find = `while [ "$1" ]; do [ "$1" = --output-file ] && OUT=$2; shift; done`;
  const write = report === undefined ? '' : `/bin/cat ${dir}/answer > "$OUT"`;
  const body = `#!/bin/sh\n${note}\n${find}\n${write}\n/bin/cat ${dir}/stderr >&2\nexit ${exit}\n`;
  await writeFile(file, body, { mode: 0o755 });
  const toolbox = { get: async () => ({ name: 'osv-scanner' as const, version: '0', path: file }) };
  const env = { GITHUB_TOKEN: 'x', PATH: '/bin' };
  return scanLockfiles({ toolbox, log: silentLog, env, tempDir: dir, directory: '/src', databases: '/db' });
}

/** Written by osv-scanner 2.6.0. */
const STDERR = `Scanning dir src
Starting filesystem walk for root: /
Scanned /tmp/src/bad/go.mod file and found 1 package
Scanned /tmp/src/package-lock.json file and found 1 package
End status: 3 dirs visited, 11 inodes visited, 3 Extract calls, 1.316617ms elapsed, 1.316707ms wall time
Loaded npm local db from /tmp/db/osv-scalibr/npm/all.zip
could not load db for Go ecosystem: unable to fetch OSV database: no offline version of the OSV database is available
Error during extraction: (extracting as javascript/packagelockjson) tmp/src/bad/package-lock.json: could not extract: invalid character 'b'
Error during extraction: (extracting as vulnmatch/osvlocal) unable to fetch OSV database: no offline version of the OSV database is available
Error during extraction: (extracting as os/apk) open etc/apk/arch: no such file or directory
`;

describe('readCoverage', () => {
  it('tells loaded, missing and unread apart', () => {
    expect(readCoverage(STDERR)).toEqual({
      loaded: ['npm'],
      missing: ['Go'],
      errors: [
        "(extracting as javascript/packagelockjson) tmp/src/bad/package-lock.json: could not extract: invalid character 'b'",
      ],
      scanned: ['/tmp/src/bad/go.mod', '/tmp/src/package-lock.json'],
      skipped: [],
    });
  });

  it('names packages that were skipped', () => {
    const line =
      'Skipping acme/a: short commit hash "abc" cannot be queried; OSV API requires a full 40-character SHA.';
    expect(readCoverage(line).skipped).toEqual(['acme/a']);
  });

  it('takes no lockfile for the missing file of Alpine because of its path', () => {
    const line = 'Error during extraction: (extracting as javascript/yarnlock) src/etc/apk/arch/yarn.lock: broken';
    expect(readCoverage(line).errors).toHaveLength(1);
  });

  it('reads names with dots and says each once', () => {
    const line = 'Loaded crates.io local db from /db/osv-scalibr/crates.io/all.zip\n';
    expect(readCoverage(line + line).loaded).toEqual(['crates.io']);
  });
});

describe('scanLockfiles', () => {
  it('keeps what is used of the report and drops null', async () => {
    const vulnerability = { id: 'GHSA-1', database_specific: { severity: ['odd'] }, affected: null, extra: true };
    const found = {
      package: { name: 'a', version: '1', ecosystem: 'npm' },
      groups: null,
      vulnerabilities: [vulnerability],
    };
    const report = { results: [{ source: { path: '/src/package-lock.json', type: 'lockfile' }, packages: [found] }] };
    const run = await scan({ report, exit: 1 });
    expect(run.report.results?.[0]?.packages).toEqual([
      { package: found.package, vulnerabilities: [{ id: 'GHSA-1', database_specific: { severity: '' } }] },
    ]);
  });

  it('is offline, and neither the tree nor the job has a say', async () => {
    await scan({ report: { results: [] } });
    const args = (await readFile(path.join(dir, 'args'), 'utf8')).split('\n');
    expect(args.slice(0, 9)).toEqual([
      'scan',
      'source',
      '--offline',
      '--config',
      '/dev/null',
      '--no-ignore',
      '--all-packages',
      '--allow-no-lockfiles',
      '--format',
    ]);
    expect(args.slice(-3)).toEqual(['-r', '/src', '']);
    const env = await readFile(path.join(dir, 'env'), 'utf8');
    expect(env).toMatch(/^OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY=.*\/databases$/m);
    expect(env).not.toContain('GITHUB_TOKEN');
  });

  it('hands on an explained 127 as coverage', async () => {
    expect(await scan({ report: { results: [] }, stderr: STDERR, exit: 127 })).toMatchObject({ missing: ['Go'] });
  });

  it('does not take an unexplained 127 with an empty report for clean', async () => {
    await expect(scan({ report: { results: [] }, exit: 127 })).rejects.toMatchObject({ code: 'tool-failed' });
  });

  it.each([
    ['tool-failed', { exit: 127, stderr: 'Incorrect Usage: flag provided but not defined' }],
    ['tool-failed', { exit: 0 }],
    ['tool-failed', { exit: 2, report: { results: [] } }],
    ['tool-output-invalid', { report: { results: 'none' } }],
  ])('answers %s to %o', async (code, answer) => {
    await expect(scan(answer)).rejects.toMatchObject({ code });
  });
});
