import { readFileSync } from 'node:fs';
import path from 'node:path';
import { errorCode, reportOf, ScanWorld } from '@plimsoll/testkit/scan/scan-world';
import { alpineTree, SCAN_ADVISORIES } from '@plimsoll/testkit/scan/subjects';
import type { Advisory } from '@plimsoll/testkit/world/databases/advisory';
import type { Log } from 'sarif';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

let bed: ScanWorld;

beforeAll(async () => {
  bed = await ScanWorld.start();
});
afterAll(() => bed.world.close());
afterEach(() => bed.policy(''));

/** Whole, they would be found in this file. */
const keyOf = (middle: string) => `AKIA${middle}QQAMPLE`;
const [FIXTURE, REAL, OTHER] = ['IOSFODNN7', 'ZZSFODNN7', 'QZSFODNN7'].map(keyOf) as [string, string, string];
const lineOf = (key: string) => `AWS_ACCESS_KEY_ID=${key}\n`;

const secretsIn = (run: Awaited<ReturnType<ScanWorld['scan']>>) =>
  reportOf(run).judgement.blocking.flatMap(({ kind, fingerprint, places }) =>
    kind === 'secret' ? [{ fingerprint, line: places[0]?.line }] : [],
  );

/** Suppresses these secrets. */
function live(fingerprints: readonly string[]): void {
  const rows = fingerprints.map((id) => `    - { id: ${id}, reason: a fixture, expires: 2999-01-01 }\n`);
  bed.policy(`scan:\n  suppressions:\n${rows.join('')}`);
}

describe('two secrets that look the same when they are masked', () => {
  const inImage = async (content: string, build = '') => {
    const { directory } = await bed.subjects.image(
      { ...alpineTree('1.2.5-r5'), 'etc/built': build },
      { 'app/.env': content },
    );
    return bed.scan({ inputs: { layout: directory } });
  };
  const inSource = (content: string) =>
    bed.scan({ inputs: { 'enable-trivy-image': 'false' }, source: bed.subjects.source({ '.env': content }) });

  it.each([
    ['an image', inImage],
    ['the source', inSource],
  ])('are two findings, and the suppression of one covers no other: %s', async (_name, scan) => {
    const both = secretsIn(await scan(lineOf(FIXTURE) + lineOf(REAL)));
    expect(new Set(both.map(({ line }) => line))).toEqual(new Set([1, 2]));
    expect(new Set(both.map(({ fingerprint }) => fingerprint)).size).toBe(2);
    const fixture = both.find(({ line }) => line === 1)?.fingerprint ?? '';
    live([fixture]);
    expect(secretsIn(await scan(lineOf(FIXTURE) + lineOf(REAL)))).toMatchObject([{ line: 2 }]);
    expect(secretsIn(await scan(lineOf(OTHER)))).toMatchObject([{ line: 1 }]);
    const run = await scan(`# written above\n${lineOf(FIXTURE)}`);
    expect(errorCode(run)).toBeUndefined();
    for (const secret of [FIXTURE, REAL, OTHER]) expect(run.log + run.summary).not.toContain(secret);
  });

  it('are the same in an image that was built again', async () => {
    const once = secretsIn(await inImage(lineOf(FIXTURE), 'once'));
    expect(secretsIn(await inImage(lineOf(FIXTURE), 'again'))).toEqual(once);
  });
});

describe('a package whose name has capitals', () => {
  const advisory: Advisory = {
    id: 'CVE-2026-70009',
    title: 'JSONStream runs what it reads',
    severity: 'CRITICAL',
    affected: [{ ecosystem: 'npm', package: 'JSONStream', fixed: '1.0.1' }],
  };
  const module = { 'app/node_modules/JSONStream/package.json': '{"name":"JSONStream","version":"1.0.0"}' };

  it('is seen in an image by osv-scanner, once, and attested though trivy may not see it', async () => {
    await bed.publish([...SCAN_ADVISORIES, advisory]);
    const { directory } = await bed.subjects.image({ ...alpineTree('1.2.5-r5'), ...module });
    const run = await bed.scan({ inputs: { layout: directory } });
    await bed.publish();
    expect(errorCode(run)).toBe('scan-failed');
    const { findings } = reportOf(run);
    expect(findings).toMatchObject([
      { id: advisory.id, package: { purl: 'pkg:npm/jsonstream' }, fixedVersion: '1.0.1' },
    ]);
    expect(findings[0]?.sources).toContain('osv-scanner');
    const beside = path.dirname(run.outputs['report'] ?? '');
    for (const kind of ['vuln', 'vulns'])
      expect(readFileSync(path.join(beside, `${kind}-linux-amd64.json`), 'utf8')).toContain(advisory.id);
  });
});

describe('SARIF', () => {
  it('has an alert for each line of the source that a check fails at', async () => {
    const Dockerfile = 'FROM a:1\nADD x /x\nADD y /y\nUSER a\nADD z /z\n';
    const source = bed.subjects.source({ Dockerfile });
    const run = await bed.scan({ inputs: { 'enable-trivy-image': 'false' }, source });
    const sarif = JSON.parse(readFileSync(run.outputs['sarif'] ?? '', 'utf8')) as Log;
    const results = sarif.runs.flatMap((each) => each.results ?? []).filter(({ ruleId }) => ruleId === 'DS-0005');
    const lines = results.map(({ locations }) => locations?.[0]?.physicalLocation?.region?.startLine);
    expect(lines).toEqual([2, 3, 5]);
    const keys = results.map(({ partialFingerprints }) => partialFingerprints?.['primaryLocationLineHash']);
    expect(keys.map((key) => key?.slice(32))).toEqual([':1', ':2', ':3']);
  });
});

describe('a secret where samples lie', () => {
  const line = lineOf(REAL);
  const places = ['test/aws.env', 'docs/README.md', 'srv/vendor/aws.env', 'usr/share/aws.env'];
  const files = Object.fromEntries(places.map((file) => [file, line]));
  const pathsIn = (run: Awaited<ReturnType<ScanWorld['scan']>>) =>
    reportOf(run).judgement.blocking.flatMap(({ kind, places: [place] }) => (kind === 'secret' ? [place?.path] : []));
  const inImage = async () => {
    const { directory } = await bed.subjects.image(alpineTree('1.2.5-r5'), files);
    return bed.scan({ inputs: { layout: directory } });
  };
  const inSource = () => bed.scan({ inputs: { 'enable-trivy-image': 'false' }, source: bed.subjects.source(files) });

  it.each([
    ['an image', inImage, places.map((file) => `/${file}`)],
    ['the source', inSource, places],
  ])('passes unless the policy looks everywhere: %s', async (_name, scan, expected) => {
    expect(errorCode(await scan())).toBeUndefined();
    bed.policy('scan:\n  secrets: { everywhere: true }\n');
    const run = await scan();
    expect(errorCode(run)).toBe('scan-failed');
    expect(new Set(pathsIn(run))).toEqual(new Set(expected));
  });
});
