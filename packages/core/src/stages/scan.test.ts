import { createServer, type Server } from 'node:http';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { type WrittenLayout, writeImageLayout } from '@plimsoll/testkit/layout/image-layout';
import { type MemoryRegistry, startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { tarFile, tarOf } from '@plimsoll/testkit/world/image/tar';
import { pushImage } from '@plimsoll/testkit/world/image/push';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { digestOf } from '../oci/digest.ts';
import { OCI_MANIFEST } from '../oci/media-types.ts';
import { Registries } from '../oci/registry/registries.ts';
import { defaultPolicy, defaultPolicyDigest } from '../policy/defaults.ts';
import { systemClock } from '../runtime/clock.ts';
import { PlimsollError } from '../runtime/errors.ts';
import { createHttp } from '../runtime/http.ts';
import { silentLog } from '../runtime/log.ts';
import type { OsvRun } from '../tools/osv-scanner.ts';
import type { TrivyRun } from '../tools/trivy.ts';
import type { ImageJob, Scanners } from './scan/scanners.ts';
import { parseVerdict } from './scan/verdict.ts';
import { requirePass, type ScanRequest, type ScanResult, scanImage } from './scan.ts';

const DATABASE_LAYER = 'application/vnd.aquasec.trivy.db.layer.v1.tar+gzip';
const now = new Date('2026-11-21T09:00:00Z');
const clock = { ...systemClock, now: () => now, sleep: async () => {} };
const http = createHttp();
let registry: MemoryRegistry;
let osv: Server;
let osvAnswer: { status: number; headers: Record<string, string>; body: string | Buffer };
let root: string;
let layout: WrittenLayout;

beforeAll(async () => {
  registry = await startMemoryRegistry();
  osv = createServer((_request, response) => {
    response.writeHead(osvAnswer.status, osvAnswer.headers);
    response.end(osvAnswer.body);
  });
  await new Promise<void>((resolve) => osv.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  osv.close();
  await registry.stop();
  await http[Symbol.asyncDispose]();
});

beforeEach(async (context) => {
  root = mkdtempSync(path.join(tmpdir(), 'plimsoll-scan-test-'));
  context.onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  layout = await writeImageLayout(path.join(root, 'layout'), [
    { architecture: 'amd64', layers: [{ 'etc/os-release': 'ID=debian\n' }] },
    { architecture: 'arm64', layers: [{ 'etc/os-release': 'ID=debian\nVERSION_ID=12\n' }] },
  ]);
  registry.onRequest = () => undefined;
  osvAnswer = { status: 200, headers: { 'last-modified': 'Sat, 21 Nov 2026 08:00:00 GMT' }, body: 'PK\u0005\u0006' };
  await pushDatabase('2026-11-21T06:00:00Z');
});

async function pushDatabase(updatedAt: string, archive?: Buffer): Promise<void> {
  const repository = registries().repository({ registry: registry.host, repository: 'db' }, 'push');
  const metadata = JSON.stringify({ Version: 2, UpdatedAt: updatedAt });
  const tar = await tarOf([tarFile('trivy.db', `made ${updatedAt}`), tarFile('metadata.json', metadata)]);
  const put = async (bytes: Buffer, mediaType: string) => {
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await repository.putBlob(descriptor, async () => chunks(bytes));
    return descriptor;
  };
  const layer = await put(archive ?? gzipSync(tar), DATABASE_LAYER);
  const config = await put(Buffer.from('{}'), 'application/vnd.oci.empty.v1+json');
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [layer] }));
  await repository.putManifest({ mediaType: OCI_MANIFEST, digest: digestOf(bytes), bytes }, '2');
}

async function* chunks(bytes: Buffer): AsyncIterable<Uint8Array> {
  yield bytes;
}

function registries(): Registries {
  return new Registries({ credentials: { forHost: async () => undefined }, http, clock });
}

/** Scanners that find nothing wrong; tests replace one method. */
const clean: Scanners = {
  image: async (job) => trivyRun(imageIdOf(job)),
  source: async () => ({ report: { SchemaVersion: 2 }, warnings: [] }),
  lockfiles: async () => osvRun({}),
  tools: [{ name: 'trivy', version: '0.72.0' }],
  isolation: 'namespaces',
};

function imageIdOf({ layoutDir, digest }: ImageJob): string {
  const manifest = JSON.parse(readFileSync(path.join(layoutDir, 'blobs/sha256', digest.slice(7)), 'utf8'));
  return manifest.config.digest;
}

function trivyRun(ImageID: string, change: Partial<TrivyRun['report']> = {}): TrivyRun {
  const Metadata = { OS: { Family: 'debian', Name: '12' }, ImageID };
  const Results = [{ Target: 'x', Class: 'os-pkgs', Packages: [{ Name: 'zlib1g' }] }];
  return { report: { SchemaVersion: 2, Metadata, Results, ...change }, warnings: [] };
}

function osvRun(change: Partial<OsvRun>): OsvRun {
  return { report: { results: [] }, loaded: [], missing: [], errors: [], ...change };
}

function scan(change: Partial<Scanners> = {}, request: Partial<ScanRequest> = {}): Promise<ScanResult> {
  return scanImage(
    {
      image: 'ghcr.io/acme/app',
      subject: { layout: layout.directory },
      policy: { rules: defaultPolicy.scan, digest: defaultPolicyDigest() },
      databases: {
        trivy: [`${registry.host}/db:2`],
        java: [],
        osv: [`http://127.0.0.1:${(osv.address() as AddressInfo).port}`],
        cacheDir: path.join(root, 'cache'),
      },
      outputDir: path.join(root, 'out'),
      tempDir: root,
      ...request,
    },
    {
      scanners: { ...clean, ...change },
      repository: (name) => registries().repository(name),
      http,
      log: silentLog,
      clock,
    },
  );
}

function withLockfile(): Partial<ScanRequest> {
  const source = mkdtempSync(path.join(root, 'source-'));
  writeFileSync(path.join(source, 'package-lock.json'), '{}');
  return { source };
}

const onePackage = {
  results: [
    {
      source: { path: '/x/package-lock.json' },
      packages: [{ package: { name: 'left', version: '1', ecosystem: 'npm' } }],
    },
  ],
};

/** Every outcome but `pass` is a failure that says what to do. */
function refusal(result: ScanResult): PlimsollError {
  try {
    requirePass(result.report);
  } catch (error) {
    if (error instanceof PlimsollError && error.hint.length > 20) return error;
    throw error;
  }
  throw new Error('this passed');
}

test('passes when both platforms were scanned and nothing was found; attestations are no platforms', async () => {
  const scanned: string[] = [];
  const result = await scan({ image: async (job) => (scanned.push(job.digest), clean.image(job)) });
  expect(result.outcome).toBe('pass');
  expect(scanned.toSorted()).toEqual(Object.values(layout.platforms).toSorted());
  const verdict = parseVerdict(readFileSync(result.files.verdict, 'utf8'), 'the file');
  expect(verdict.subject.digest).toBe(layout.digest);
  expect(verdict.subject.platforms.map((each) => each.platform)).toEqual(['linux/amd64', 'linux/arm64']);
  for (const { vulnPredicate } of verdict.subject.platforms) {
    const bytes = readFileSync(path.join(root, 'out', vulnPredicate?.file ?? ''));
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
  const Results = [{ Target: 'x', Class: 'os-pkgs', Type: 'debian', Vulnerabilities: [vulnerable] }];
  const result = await scan({ image: async (job) => trivyRun(imageIdOf(job), { Results }) });
  expect(result.outcome).toBe('fail');
  expect(result.findings).toHaveLength(1);
  expect(result.findings[0]?.places).toEqual([{ in: 'image', platforms: ['linux/amd64', 'linux/arm64'] }]);
  expect(refusal(result).code).toBe('scan-failed');
  expect(parseVerdict(readFileSync(result.files.verdict, 'utf8'), 'it')).toMatchObject({
    outcome: 'fail',
    blocking: 1,
  });
  expect(result.files.predicates.size).toBe(2);
});

test('a registry digest is scanned from a copy of its platforms', async () => {
  await pushImage({ host: registry.host, repository: 'app' }, layout.content, 'any');
  const subject = { repository: { registry: registry.host, repository: 'app' }, digest: layout.digest };
  const result = await scan({}, { subject });
  expect(result.outcome).toBe('pass');
  expect(result.verdict.subject.platforms).toHaveLength(2);
});

test('an image that trivy did not look at is an error', async () => {
  const result = await scan({ image: async () => trivyRun(`sha256:${'0'.repeat(64)}`) });
  expect(result.outcome).toBe('error');
  expect(refusal(result).code).toBe('scan-error');
});

test('trivy killed on one platform is an error, and the other platform is still told', async () => {
  const image = async (job: ImageJob) => {
    if (job.digest === layout.platforms['amd64']) return clean.image(job);
    throw new PlimsollError('tool-failed', 'trivy was killed by SIGKILL', { hint: 'Use a runner with more memory.' });
  };
  const result = await scan({ image });
  expect(result.outcome).toBe('error');
  expect(refusal(result).hint).toContain('more memory');
  expect(result.verdict.subject.platforms.map((each) => each.platform)).toEqual(['linux/amd64']);
});

test.each([
  ['no operating system and no package', { Metadata: {}, Results: [] }],
  ['packages of an unknown operating system', { Metadata: { OS: { Family: 'none' } } }],
])('%s is incomplete', async (_name, { Metadata, ...change }) => {
  const image = async (job: ImageJob) =>
    trivyRun('', { ...change, Metadata: { ...Metadata, ImageID: imageIdOf(job) } });
  const result = await scan({ image });
  expect(result.outcome).toBe('incomplete');
  expect(refusal(result).code).toBe('scan-incomplete');
});

test('an index of attestations only is incomplete', async () => {
  layout = await writeImageLayout(path.join(root, 'attestations'), []);
  const result = await scan();
  expect(result.outcome).toBe('incomplete');
  expect(refusal(result).message).toContain('only attestations');
});

test('a layer that was cut short is refused, and nothing is said about it', async () => {
  const platform = readFileSync(path.join(layout.directory, 'blobs/sha256', layout.platforms['amd64']?.slice(7) ?? ''));
  const [layer] = JSON.parse(platform.toString()).layers;
  truncateSync(path.join(layout.directory, 'blobs/sha256', layer.digest.slice(7)), 20);
  await expect(scan()).rejects.toMatchObject({ code: 'digest-mismatch' });
});

test('a layout without its blobs is refused', async () => {
  rmSync(path.join(layout.directory, 'blobs'), { recursive: true });
  await expect(scan()).rejects.toMatchObject({ code: 'layout-invalid' });
});

const page = { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Log in</html>' };

test.each([
  ['is not there', { status: 404, body: '{"errors":[{"code":"NAME_UNKNOWN"}]}' }],
  ['is rate limited', { status: 429, body: '{"errors":[{"code":"TOOMANYREQUESTS"}]}' }],
  ['is a login page', page],
])('a trivy database that %s makes the scan incomplete', async (_name, answer) => {
  registry.onRequest = ({ path: asked }) => (asked.includes('/db/') ? answer : undefined);
  const result = await scan();
  expect(result.outcome).toBe('incomplete');
  expect(refusal(result).hint).toContain('trivy-db');
  expect(result.verdict.subject.platforms).toEqual([]);
});

test('the next source is used when the first has no database', async () => {
  const trivy = [`${registry.host}/nothing:2`, `${registry.host}/db:2`];
  const osvBases = [`http://127.0.0.1:${(osv.address() as AddressInfo).port}`];
  const result = await scan({}, { databases: { trivy, java: [], osv: osvBases, cacheDir: path.join(root, 'cache') } });
  expect(result.outcome).toBe('pass');
  expect(result.report.databases[0]?.failed).toHaveLength(1);
});

test('a database that cannot be unpacked makes the scan incomplete', async () => {
  await pushDatabase('2026-11-21T06:00:00Z', Buffer.from('not a gzipped archive'));
  expect((await scan()).outcome).toBe('incomplete');
});

test('a stale database makes the scan incomplete, and what it finds is still shown', async () => {
  await pushDatabase('2026-11-12T00:00:00Z');
  const result = await scan();
  expect(result.outcome).toBe('incomplete');
  expect(refusal(result).message).toContain('9 d old');
  expect(result.verdict.subject.platforms).toHaveLength(2);
});

test('a database is fetched once, and fetched again when the cached files were changed', async () => {
  const blobs = () => registry.requests.filter(({ kind, method }) => kind === 'blob' && method === 'GET').length;
  const before = blobs();
  await scan();
  const { verdict } = await scan();
  expect(blobs() - before).toBe(1);
  const hex = verdict.databases[0]?.digest.slice(7) ?? '';
  writeFileSync(path.join(root, 'cache/trivy-db', hex, 'db/trivy.db'), 'something else');
  await scan();
  expect(blobs() - before).toBe(2);
});

test.each([
  ['404', { status: 404, headers: {}, body: '' }],
  ['a login page', page],
  ['an archive of unknown age', { status: 200, headers: {}, body: 'PK\u0005\u0006' }],
])('an osv source that answers with %s makes the scan incomplete', async (_name, answer) => {
  osvAnswer = answer;
  const result = await scan({ lockfiles: async () => osvRun({ report: onePackage }) }, withLockfile());
  expect(result.outcome).toBe('incomplete');
  expect(refusal(result).message).toContain('osv/npm');
});

test('packages whose database osv-scanner never loaded make the scan incomplete', async () => {
  const result = await scan({ lockfiles: async () => osvRun({ report: onePackage }) }, withLockfile());
  expect(result.outcome).toBe('incomplete');
  expect(refusal(result).message).toContain('no database for npm');
});

test('packages whose database was loaded are covered', async () => {
  const lockfiles = async () => osvRun({ report: onePackage, loaded: ['npm'] });
  const result = await scan({ lockfiles }, withLockfile());
  expect(result.outcome).toBe('pass');
  expect(result.report.coverage.ecosystems).toMatchObject([{ ecosystem: 'npm', packages: 1 }]);
});

test('a lockfile that cannot be read makes the scan incomplete', async () => {
  const lockfiles = async () => osvRun({ errors: ['package-lock.json: could not extract'] });
  expect((await scan({ lockfiles }, withLockfile())).outcome).toBe('incomplete');
});

test('a run of osv-scanner that explains nothing is an error', async () => {
  const lockfiles = async () => {
    throw new PlimsollError('tool-failed', 'osv-scanner ended with exit code 127', {
      hint: 'Read its lines in the log.',
    });
  };
  expect((await scan({ lockfiles }, withLockfile())).outcome).toBe('error');
});

test('comments in the tree do not switch checks off', async () => {
  const { source = '' } = withLockfile();
  writeFileSync(path.join(source, 'Dockerfile'), 'FROM x\n#trivy:ignore:DS-0002\nUSER root\n');
  let seen = '';
  const scanSource = async (directory: string) => {
    seen = readFileSync(path.join(directory, 'Dockerfile'), 'utf8');
    return clean.source(directory);
  };
  const result = await scan({ source: scanSource }, { source });
  expect(seen).toBe('FROM x\n#trivy_ignore:DS-0002\nUSER root\n');
  expect(result.report.coverage.inlineIgnores).toEqual(['Dockerfile']);
});

test('a cancelled run is no verdict', async () => {
  const image = async () => {
    throw new PlimsollError('cancelled', 'cancelled', { hint: 'Run the job again.' });
  };
  await expect(scan({ image })).rejects.toMatchObject({ code: 'cancelled' });
});
