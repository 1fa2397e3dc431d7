import { readFileSync, rmSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { writeImageLayout } from '@plimsoll/testkit/layout/image-layout';
import { cleanScanners, imageIdOf, refusalOf, ScanBed, trivyRun } from '@plimsoll/testkit/scan/scan-bed';
import { pushImage } from '@plimsoll/testkit/world/image/push';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { digestOf } from '../oci/digest.ts';
import { PlimsollError } from '../runtime/errors.ts';
import type { ImageJob } from './scan/scanners.ts';
import { parseVerdict } from './scan/verdict.ts';
import { requirePass } from './scan.ts';

let bed: ScanBed;

beforeAll(async () => {
  bed = await ScanBed.start();
});
afterAll(() => bed.stop());
beforeEach(async ({ onTestFinished }) => onTestFinished(await bed.reset()));

test('passes when both platforms were scanned and nothing was found; attestations are no platforms', async () => {
  const scanned: string[] = [];
  const result = await bed.scan({ image: async (job) => (scanned.push(job.digest), cleanScanners.image(job)) });
  expect(result.outcome).toBe('pass');
  expect(scanned.toSorted()).toEqual(Object.values(bed.layout.platforms).toSorted());
  const verdict = parseVerdict(readFileSync(result.files.verdict ?? '', 'utf8'), 'the file');
  expect(verdict.subject.digest).toBe(bed.layout.digest);
  expect(verdict.subject.platforms.map((each) => each.platform)).toEqual(['linux/amd64', 'linux/arm64']);
  for (const { vulnPredicate } of verdict.subject.platforms) {
    const bytes = readFileSync(path.join(bed.root, 'out', vulnPredicate?.file ?? ''));
    expect(digestOf(bytes)).toBe(vulnPredicate?.digest);
    const { scanner, metadata } = JSON.parse(bytes.toString());
    expect(scanner.db.uri).toMatch(/^127\.0\.0\.1:\d+\/db@sha256:[0-9a-f]{64}$/);
    expect(scanner.db.version).toMatch(/^2;updated=2026-11-21T06:00:00\.000Z;sha256:/);
    expect(metadata.scanStartedOn).toBe('2026-11-21T09:00:00.000Z');
  }
  expect(() => requirePass(result.report)).not.toThrow();
});

test('fails on a vulnerability, folds platforms, and still writes verdict and evidence', async () => {
  const vulnerable = { VulnerabilityID: 'CVE-2026-1', PkgName: 'zlib1g', Severity: 'HIGH', FixedVersion: '2' };
  const Results = [
    { Target: 'x', Class: 'os-pkgs', Type: 'debian', Packages: [{ Name: 'zlib1g' }], Vulnerabilities: [vulnerable] },
  ];
  const result = await bed.scan({ image: async (job) => trivyRun(imageIdOf(job), { Results }) });
  expect(result.outcome).toBe('fail');
  expect(result.findings).toHaveLength(1);
  expect(result.findings[0]?.places).toEqual([{ in: 'image', platforms: ['linux/amd64', 'linux/arm64'] }]);
  expect(refusalOf(result).code).toBe('scan-failed');
  expect(parseVerdict(readFileSync(result.files.verdict ?? '', 'utf8'), 'it')).toMatchObject({
    outcome: 'fail',
    blocking: 1,
  });
  expect(result.files.predicates.size).toBe(2);
});

test('a registry digest is scanned from a copy of its platforms', async () => {
  await pushImage({ host: bed.registry.host, repository: 'app' }, bed.layout.content, 'any');
  const subject = { repository: { registry: bed.registry.host, repository: 'app' }, digest: bed.layout.digest };
  const result = await bed.scan({}, { subject });
  expect(result.outcome).toBe('pass');
  expect(result.verdict?.subject.platforms).toHaveLength(2);
});

test('an image that trivy did not look at is an error', async () => {
  const result = await bed.scan({ image: async () => trivyRun(`sha256:${'0'.repeat(64)}`) });
  expect(result.outcome).toBe('error');
  expect(refusalOf(result).code).toBe('scan-error');
});

test('trivy killed on one platform is an error, and the other platform is still told', async () => {
  const image = async (job: ImageJob) => {
    if (job.digest === bed.layout.platforms['amd64']) return cleanScanners.image(job);
    throw new PlimsollError('tool-failed', 'trivy was killed by SIGKILL', { hint: 'Use a runner with more memory.' });
  };
  const result = await bed.scan({ image });
  expect(result.outcome).toBe('error');
  expect(refusalOf(result).hint).toContain('more memory');
  expect(result.verdict?.subject.platforms.map((each) => each.platform)).toEqual(['linux/amd64']);
});

test.each([
  ['no operating system and no package', { Metadata: {}, Results: [] }],
  ['packages of an unknown operating system', { Metadata: { OS: { Family: 'none' } } }],
])('%s is incomplete', async (_name, { Metadata, ...change }) => {
  const image = async (job: ImageJob) =>
    trivyRun('', { ...change, Metadata: { ...Metadata, ImageID: imageIdOf(job) } });
  const result = await bed.scan({ image });
  expect(result.outcome).toBe('incomplete');
  expect(refusalOf(result).code).toBe('scan-incomplete');
});

test('an index of attestations only is incomplete', async () => {
  bed.layout = await writeImageLayout(path.join(bed.root, 'attestations'), []);
  const result = await bed.scan();
  expect(result.outcome).toBe('incomplete');
  expect(refusalOf(result).message).toContain('only attestations');
});

test('a layer that was cut short is refused, and nothing is said about it', async () => {
  const platform = readFileSync(
    path.join(bed.layout.directory, 'blobs/sha256', bed.layout.platforms['amd64']?.slice(7) ?? ''),
  );
  const [layer] = JSON.parse(platform.toString()).layers;
  truncateSync(path.join(bed.layout.directory, 'blobs/sha256', layer.digest.slice(7)), 20);
  await expect(bed.scan()).rejects.toMatchObject({ code: 'digest-mismatch' });
});

test('a layout without its blobs is refused', async () => {
  rmSync(path.join(bed.layout.directory, 'blobs'), { recursive: true });
  await expect(bed.scan()).rejects.toMatchObject({ code: 'layout-invalid' });
});

test('a cancelled run is no verdict', async () => {
  const image = async () => {
    throw new PlimsollError('cancelled', 'cancelled', { hint: 'Run the job again.' });
  };
  await expect(bed.scan({ image })).rejects.toMatchObject({ code: 'cancelled' });
});

test('a baseline is refused where there is no image to compare with it', async () => {
  const baseline = { repository: { registry: bed.registry.host, repository: 'app' }, digest: bed.layout.digest };
  const before = bed.registry.requests.length;
  await expect(bed.scan({}, { subject: undefined, baseline })).rejects.toMatchObject({ code: 'input-conflict' });
  expect(bed.registry.requests).toHaveLength(before);
});
