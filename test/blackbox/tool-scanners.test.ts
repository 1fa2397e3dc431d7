import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseManifest } from '@plimsoll/core/oci/manifest';
import { openLayout } from '@plimsoll/core/oci/layout';
import { silentLog } from '@plimsoll/core/runtime/log';
import { unpackMembers } from '@plimsoll/core/tools/archive';
import type { ToolName } from '@plimsoll/core/tools/catalog';
import type { LayerCache } from '@plimsoll/core/tools/layer-cache';
import { scanLockfiles } from '@plimsoll/core/tools/osv-scanner';
import type { ScannerPorts } from '@plimsoll/core/tools/scanner-ports';
import { scanImagePlatform, scanSource } from '@plimsoll/core/tools/trivy';
import { type WrittenLayout, writeImageLayout } from '@plimsoll/testkit/layout/image-layout';
import { ensureTools } from '@plimsoll/testkit/toolbox/ensure-tools';
import { type Advisory, ghsaOf } from '@plimsoll/testkit/world/databases/advisory';
import { osvDatabases } from '@plimsoll/testkit/world/databases/osv-database';
import { trivyDatabase } from '@plimsoll/testkit/world/databases/trivy-database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const musl: Advisory = {
  id: 'CVE-2026-99002',
  title: 'musl reads too far',
  severity: 'HIGH',
  affected: [{ os: 'alpine', release: '3.20', package: 'musl', fixed: '1.2.5-r5' }],
};
const pad: Advisory = {
  id: 'CVE-2026-99001',
  title: 'left-bad pads for ever',
  severity: 'CRITICAL',
  affected: [{ ecosystem: 'npm', package: 'left-bad', fixed: '1.0.1' }],
};

const APK = 'P:musl\nV:1.2.5-r0\nA:x86_64\no:musl\nL:MIT\n\n';
const OS_RELEASE = 'ID=alpine\nVERSION_ID=3.20.0\nNAME="Alpine Linux"\n';
const KEY = `-----BEGIN OPENSSH PRIVATE KEY-----\n${'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n'.repeat(4)}-----END OPENSSH PRIVATE KEY-----\n`;
const LOCKFILE = JSON.stringify({
  lockfileVersion: 3,
  packages: {
    '': { name: 'x' },
    'node_modules/left-bad': { version: '1.0.0', resolved: 'https://registry.npmjs.org/l' },
  },
});

let dir: string;
let layout: WrittenLayout;
let ports: ScannerPorts;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'scanners-'));
  const tools = await ensureTools(['trivy', 'osv-scanner']);
  const get = async (name: ToolName) => ({
    name,
    version: '0',
    path: name === 'trivy' ? tools.trivy : tools['osv-scanner'],
  });
  // What would open every gate if a scanner saw it.
  const env = { TRIVY_SEVERITY: 'LOW', TRIVY_IGNOREFILE: path.join(dir, 'ignore'), OSV_SCANNER_CONFIG: 'x' };
  ports = { toolbox: { get }, log: silentLog, env, tempDir: dir };
  await writeFile(path.join(dir, 'ignore'), `${musl.id}\n${pad.id}\n`);
  await writeTrivyDatabase();
  layout = await writeImageLayout(path.join(dir, 'lay@out:1'), [
    { architecture: 'amd64', layers: [{ 'etc/os-release': OS_RELEASE, 'lib/apk/db/installed': APK }] },
    { architecture: 'arm64', layers: [{ 'etc/os-release': OS_RELEASE, 'root/.ssh/id_ed25519': KEY }] },
  ]);
  await flatten();
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function writeTrivyDatabase(): Promise<void> {
  const { root, blobs } = await trivyDatabase([musl, pad], new Date());
  const { layers } = JSON.parse(root.bytes.toString('utf8')) as { layers: { digest: string }[] };
  const archive = blobs.find((blob) => blob.digest === layers[0]?.digest);
  const db = path.join(dir, 'cache', 'db');
  await mkdir(db, { recursive: true });
  const members = new Map(['trivy.db', 'metadata.json'].map((name) => [name, path.join(db, name)]));
  const source = (async function* () {
    yield archive?.bytes ?? Buffer.alloc(0);
  })();
  await unpackMembers({ source, label: 'trivy-db', members, maxBytes: 10_000_000 });
}

/** Trivy finds a platform only in the layout's own index. */
async function flatten(): Promise<void> {
  const { root, manifest } = await openLayout(layout.directory).then(async (opened) => ({
    root: opened.root,
    manifest: await opened.manifest(opened.root.digest),
  }));
  expect(parseManifest(manifest).kind).toBe('index');
  expect(root.digest).toBe(layout.digest);
  await writeFile(path.join(layout.directory, 'index.json'), manifest.bytes);
}

const scan = (architecture: string, layers?: LayerCache) => {
  const digest = layout.platforms[architecture];
  if (digest === undefined) throw new Error(`no ${architecture}`);
  return scanImagePlatform({
    ...ports,
    layoutDir: layout.directory,
    digest,
    cacheDir: path.join(dir, 'cache'),
    layers,
  });
};

describe('a real trivy', { timeout: 60_000 }, () => {
  it('finds the vulnerable package of the platform asked for', async () => {
    const { report, warnings } = await scan('amd64');
    expect(warnings).toContainEqual(expect.stringContaining('no longer supported'));
    expect(report.Metadata?.OS).toEqual({ Family: 'alpine', Name: '3.20.0', EOSL: true });
    const found = report.Results?.flatMap((result) => result.Vulnerabilities ?? []) ?? [];
    expect(found).toMatchObject([
      { VulnerabilityID: musl.id, PkgName: 'musl', Severity: 'HIGH', FixedVersion: '1.2.5-r5' },
    ]);
    expect(found[0]?.PkgIdentifier?.PURL).toContain('pkg:apk/alpine/musl@1.2.5-r0');
    expect(report.Results?.[0]?.Packages).toHaveLength(1);
  });

  it('finds the secret of the other one', async () => {
    const { report } = await scan('arm64');
    const secrets = report.Results?.flatMap((result) => result.Secrets ?? []) ?? [];
    expect(secrets).toMatchObject([{ RuleID: 'private-key', StartLine: 2 }]);
    expect(JSON.stringify(report)).not.toContain('b3BlbnNzaC1rZXktdjE');
  });

  it('takes over what it knew of the layers of another platform, and does without', async () => {
    const file = path.join(dir, 'known.layers');
    const alone = await scan('arm64', { to: file });
    const known = await scan('arm64', { from: file });
    expect(known.report.Results).toEqual(alone.report.Results);
    const without = await scan('arm64', { from: path.join(dir, 'nothing.layers') });
    expect(without.report.Results).toEqual(alone.report.Results);
  });

  it('does not take a database that is not there for a clean image', async () => {
    const digest = layout.platforms['amd64'] ?? layout.digest;
    const scanned = scanImagePlatform({
      ...ports,
      layoutDir: layout.directory,
      digest,
      cacheDir: path.join(dir, 'none'),
    });
    await expect(scanned).rejects.toMatchObject({ code: 'tool-failed' });
  });

  it('finds misconfiguration and secrets of a tree, whatever the tree says about it', async () => {
    const directory = path.join(dir, 'tree');
    await mkdir(directory);
    await writeFile(path.join(directory, 'Dockerfile'), 'FROM alpine:latest\nRUN echo hi\n');
    await writeFile(path.join(directory, 'key.pem'), KEY);
    await writeFile(path.join(directory, '.trivyignore'), 'private-key\nDS-0001\n');
    await writeFile(path.join(directory, 'trivy.yaml'), 'severity: [LOW]\n');
    const { report, warnings } = await scanSource({ ...ports, directory });
    const results = report.Results ?? [];
    expect(results.flatMap((result) => result.Secrets ?? [])).toMatchObject([{ RuleID: 'private-key' }]);
    const failed = results
      .flatMap((result) => result.Misconfigurations ?? [])
      .filter(({ Status }) => Status === 'FAIL');
    expect(failed.map(({ ID }) => ID)).toContain('DS-0001');
    expect(warnings).toEqual([]);
  });
});

describe('a real osv-scanner', { timeout: 60_000 }, () => {
  const lockfiles = async (name: string, files: Record<string, string>, ecosystems: readonly string[]) => {
    const directory = path.join(dir, name);
    const databases = path.join(dir, `${name}-db`);
    await mkdir(directory);
    for (const [file, content] of Object.entries(files)) await writeFile(path.join(directory, file), content);
    const archives = osvDatabases([pad]);
    for (const ecosystem of ecosystems) {
      const place = path.join(databases, 'osv-scalibr', ecosystem);
      await mkdir(place, { recursive: true });
      await writeFile(path.join(place, 'all.zip'), archives.get(ecosystem) ?? '');
    }
    return scanLockfiles({ ...ports, directory, databases });
  };

  it('finds the vulnerable package, though the tree tells it not to', async () => {
    const files = {
      'package-lock.json': LOCKFILE,
      '.gitignore': '*\n',
      'osv-scanner.toml': `[[IgnoredVulns]]\nid = "${pad.id}"\nreason = "no"\n`,
    };
    const answer = await lockfiles('npm', files, ['npm']);
    expect(answer).toMatchObject({ loaded: ['npm'], missing: [], errors: [] });
    const packages = answer.report.results?.flatMap((result) => result.packages ?? []) ?? [];
    expect(packages).toMatchObject([
      { package: { name: 'left-bad' }, groups: [{ ids: [ghsaOf(pad)], max_severity: '9.8' }] },
    ]);
  });

  it('says which database it did not have and which file it could not read', async () => {
    const files = { 'package-lock.json': '{broken', 'requirements.txt': 'requests==2.0.0\n' };
    const answer = await lockfiles('gaps', files, ['npm']);
    expect(answer.missing).toEqual(['PyPI']);
    expect(answer.errors).toEqual([expect.stringContaining('package-lock.json')]);
    expect(answer.report.results?.flatMap((result) => result.packages ?? [])).toHaveLength(1);
  });

  it('takes a tree without lockfiles for one', async () => {
    expect(await lockfiles('none', { 'a.txt': '' }, [])).toEqual({
      report: { results: [] },
      loaded: [],
      missing: [],
      errors: [],
      scanned: [],
      skipped: [],
    });
  });
});
