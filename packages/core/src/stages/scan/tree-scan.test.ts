import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cleanScanners, osvRun, refusalOf, ScanBed } from '@plimsoll/testkit/scan/scan-bed';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { PlimsollError } from '../../runtime/errors.ts';
import type { SourceJob } from './scanners.ts';

let bed: ScanBed;

beforeAll(async () => {
  bed = await ScanBed.start();
});
afterAll(() => bed.stop());
beforeEach(async ({ onTestFinished }) => onTestFinished(await bed.reset()));

const onePackage = {
  results: [
    {
      source: { path: '/x/package-lock.json' },
      packages: [{ package: { name: 'left', version: '1', ecosystem: 'npm' } }],
    },
  ],
};

test('packages whose database osv-scanner never loaded make the scan incomplete', async () => {
  const result = await bed.scan({ lockfiles: async () => osvRun({ report: onePackage }) }, bed.withLockfile());
  expect(result.outcome).toBe('incomplete');
  expect(refusalOf(result).message).toContain('no database for npm');
});

test('packages whose database was loaded are covered', async () => {
  const lockfiles = async (directory: string) =>
    osvRun({ report: onePackage, loaded: ['npm'], scanned: [path.join(directory, 'package-lock.json')] });
  const result = await bed.scan({ lockfiles }, bed.withLockfile());
  expect(result.outcome).toBe('pass');
  expect(result.report.coverage.ecosystems).toMatchObject([{ ecosystem: 'npm', packages: 1 }]);
});

test('a lockfile that cannot be read makes the scan incomplete', async () => {
  const lockfiles = async () => osvRun({ errors: ['package-lock.json: could not extract'] });
  expect((await bed.scan({ lockfiles }, bed.withLockfile())).outcome).toBe('incomplete');
});

test('a lockfile that osv-scanner passed over makes the scan incomplete', async () => {
  const result = await bed.scan({ lockfiles: async () => osvRun({}) }, bed.withLockfile());
  expect(result.outcome).toBe('incomplete');
});

test('a database that turns out to be needed is fetched, and the run made again', async () => {
  const asked: string[] = [];
  const lockfiles = async (directory: string, databases: string) => {
    asked.push(databases);
    const scanned = [path.join(directory, 'package-lock.json')];
    return osvRun({ scanned, missing: asked.length === 1 ? ['NuGet'] : [] });
  };
  const result = await bed.scan({ lockfiles }, bed.withLockfile());
  expect(asked).toHaveLength(2);
  expect(result.outcome).toBe('pass');
  expect(result.report.databases.map(({ name }) => name)).toContain('osv/NuGet');
});

test('a run of osv-scanner that explains nothing is an error', async () => {
  const lockfiles = async () => {
    throw new PlimsollError('tool-failed', 'osv-scanner ended with exit code 127', {
      hint: 'Read its lines in the log.',
    });
  };
  expect((await bed.scan({ lockfiles }, bed.withLockfile())).outcome).toBe('error');
});

test('comments in the tree do not switch checks off', async () => {
  const { source } = bed.withLockfile();
  writeFileSync(path.join(source, 'Dockerfile'), 'FROM x\n#trivy:ignore:DS-0002\nUSER root\n');
  let seen = '';
  const scanSource = async (job: SourceJob) => {
    seen = readFileSync(path.join(job.directory, 'Dockerfile'), 'utf8');
    return cleanScanners.source(job);
  };
  const result = await bed.scan({ source: scanSource }, { source });
  expect(seen).toBe('FROM x\n#trivy_ignore:DS-0002\nUSER root\n');
  expect(result.report.coverage.inlineIgnores).toEqual(['Dockerfile']);
});

test('what is switched off is not run, and is told in report and verdict', async () => {
  const calls: string[] = [];
  const scanners = {
    source: async (job: SourceJob) => (calls.push('trivy'), cleanScanners.source(job)),
    lockfiles: async () => (calls.push('osv'), osvRun({})),
  };
  const withoutOsv = await bed.scan(scanners, { ...bed.withLockfile(), sourceScanners: { trivy: true, osv: false } });
  expect(calls).toEqual(['trivy']);
  expect(withoutOsv.report.databases.map(({ name }) => name)).toEqual(['trivy-db']);
  expect(withoutOsv.verdict?.switchedOff).toEqual(['osv-scanner on lockfiles', "osv-scanner on the image's packages"]);
  const withoutTrivy = await bed.scan(scanners, { ...bed.withLockfile(), sourceScanners: { trivy: false, osv: true } });
  expect(calls).toEqual(['trivy', 'osv']);
  expect(withoutTrivy.report.coverage).toMatchObject({ source: false, switchedOff: ['trivy on the source'] });
});

test('a source without an image is judged, and no verdict on an image is made', async () => {
  const result = await bed.scan({}, { ...bed.withLockfile(), subject: undefined });
  expect(result.outcome).toBe('pass');
  expect(result.verdict).toBeUndefined();
  expect(result.files.verdict).toBeUndefined();
  expect(result.report).not.toHaveProperty('imageOutcome');
  expect(result.report.databases).toMatchObject([{ name: 'osv/npm' }]);
});

test('the image has an outcome of its own, whatever is in the source', async () => {
  const Secrets = [{ RuleID: 'private-key', Severity: 'HIGH' }];
  const report = { SchemaVersion: 2 as const, Results: [{ Target: 'id_rsa', Class: 'secret', Secrets }] };
  const result = await bed.scan({ source: async () => ({ report, warnings: [] }) }, bed.withLockfile());
  expect(result.outcome).toBe('fail');
  expect(result.report.imageOutcome).toBe('pass');
});
