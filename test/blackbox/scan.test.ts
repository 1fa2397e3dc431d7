import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { ScanReport } from '@plimsoll/core/stages/scan/report';
import { readVerdict } from '@plimsoll/core/stages/scan/verdict';
import { writeImageLayout } from '@plimsoll/testkit/layout/image-layout';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { alpineTree, KEY_LINE, packageLock, SCAN_ADVISORIES, ScanSubjects } from '@plimsoll/testkit/scan/subjects';
import type { Advisory } from '@plimsoll/testkit/world/databases/advisory';
import type { PublishedDatabases } from '@plimsoll/testkit/world/databases/databases';
import { zipOf } from '@plimsoll/testkit/world/databases/zip';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import type * as sarif from 'sarif';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

let world: World;
let subjects: ScanSubjects;
let databases: PublishedDatabases;

beforeAll(async () => {
  world = await startWorld({ parts: ['github', 'hub'], tools: ['trivy', 'osv-scanner'] });
  subjects = new ScanSubjects(world.directory);
  databases = await world.databases.publish(SCAN_ADVISORIES);
});
afterAll(() => world.close());
afterEach(() => world.github.setFile('acme/app', '.github/plimsoll.yml', ''));

interface ScanOptions {
  readonly inputs?: Record<string, string>;
  readonly env?: Record<string, string>;
  /** The workspace, scanned as source; without it only the image is. */
  readonly source?: string;
}

function scan({ inputs = {}, env = {}, source }: ScanOptions): Promise<ActionRun> {
  const sources = { 'trivy-db': databases.trivyDb, 'osv-db': databases.osvDb };
  const all = { ...sources, ...(source === undefined ? { source: '' } : {}), ...inputs };
  const cwd = source ?? subjects.source({});
  return runAction({ action: 'scan', world, inputs: all, env, cwd });
}

function codeOf({ annotations, exitCode, log }: ActionRun): string | undefined {
  const code = annotations.find(({ level }) => level === 'error')?.title?.replace('Plimsoll ', '');
  expect(exitCode, log).toBe(code === undefined ? 0 : 1);
  return code;
}

function reportOf({ outputs, log }: ActionRun): ScanReport {
  expect(outputs['report'], log).toBeTruthy();
  return JSON.parse(readFileSync(outputs['report'] ?? '', 'utf8')) as ScanReport;
}

function sarifOf({ outputs }: ActionRun): sarif.Log {
  return JSON.parse(readFileSync(outputs['sarif'] ?? '', 'utf8')) as sarif.Log;
}

describe('a safe image', () => {
  it('passes on both platforms, and says what was looked at', async () => {
    const { directory, digest, platforms } = await subjects.safeImage();
    const source = subjects.source({ 'package-lock.json': packageLock('1.0.1') });
    const run = await scan({ inputs: { image: 'ghcr.io/acme/app', layout: directory }, source });
    expect(codeOf(run)).toBeUndefined();
    expect(run.outputs).toMatchObject({ passed: 'true', outcome: 'pass', critical: '0', secrets: '0' });
    const verdict = await readVerdict(run.outputs['verdict'] ?? '');
    expect(verdict.subject.digest).toBe(digest);
    expect(verdict.subject.platforms.map((each) => each.digest)).toEqual(Object.values(platforms));
    expect(verdict.databases.map(({ name }) => name)).toEqual(['trivy-db', 'osv/npm']);
    expect(verdict.tools).toEqual([
      { name: 'trivy', version: '0.72.0' },
      { name: 'osv-scanner', version: '2.6.0' },
    ]);
    expect(run.summary).toContain('✅ Scan passed');
    expect(run.summary).toContain('alpine 3.20.1, 1 package');
  });

  it('gives the same SARIF for the same findings', async () => {
    const { directory } = await subjects.unsafeImage();
    const results = async () => {
      const run = await scan({ inputs: { image: 'ghcr.io/acme/app', layout: directory } });
      return sarifOf(run).runs[0]?.results;
    };
    expect(await results()).toEqual(await results());
  });
});

describe('an unsafe image', () => {
  it('fails with one finding for each CVE, on both platforms and by both scanners', async () => {
    const { directory } = await subjects.unsafeImage();
    const source = subjects.source({ 'package-lock.json': packageLock('1.0.0') });
    const run = await scan({ inputs: { image: 'ghcr.io/acme/app', layout: directory }, source });
    expect(codeOf(run)).toBe('scan-failed');
    expect(run.outputs).toMatchObject({ passed: 'false', outcome: 'fail', critical: '1', high: '1', secrets: '1' });
    const { findings } = reportOf(run);
    const left = findings.find(({ id }) => id === 'CVE-2026-70002');
    expect(left?.sources.toSorted()).toEqual(['osv-scanner', 'trivy']);
    expect(left?.places.map((place) => place.in)).toEqual(['image', 'source']);
    const musl = findings.find(({ id }) => id === 'CVE-2026-70001');
    expect(musl?.places).toMatchObject([{ platforms: ['linux/amd64', 'linux/arm64'] }]);
    expect(run.summary).toContain('1.2.5-r5');
  });

  it('finds a key that a later layer deleted, and names file and layer', async () => {
    const { directory } = await subjects.unsafeImage();
    const run = await scan({ inputs: { layout: directory } });
    const secret = reportOf(run).findings.find(({ kind }) => kind === 'secret');
    expect(secret?.places).toMatchObject([
      { in: 'image', path: '/app/key.pem', layer: expect.stringMatching(/^sha256:/) },
    ]);
    expect(run.summary).toContain('/app/key.pem');
    expect(run.log + run.summary + readFileSync(run.outputs['report'] ?? '', 'utf8')).not.toContain(KEY_LINE);
  });

  it('is not helped by anything in the tree that is scanned', async () => {
    const { directory } = await subjects.unsafeImage();
    const source = subjects.source({
      'package-lock.json': packageLock('1.0.0'),
      Dockerfile: 'FROM x\n#trivy:ignore:DS-0002\nUSER root\n',
      'trivy.yaml': 'severity: [LOW]\nscan:\n  skip-files: ["**/*"]\n',
      '.trivyignore': 'CVE-2026-70001\nCVE-2026-70002\nDS-0002\nprivate-key\n',
      'trivy-secret.yaml': 'disable-rules: [private-key]\n',
      'osv-scanner.toml': '[[IgnoredVulns]]\nid = "CVE-2026-70002"\nreason = "no"\n',
      '.gitignore': 'package-lock.json\n',
      '.github/plimsoll.yml': 'scan:\n  severity: []\n',
    });
    const env = { TRIVY_SEVERITY: 'LOW', TRIVY_IGNOREFILE: `${source}/.trivyignore`, TRIVY_SKIP_FILES: '**/*' };
    const run = await scan({ inputs: { layout: directory }, source, env });
    expect(codeOf(run)).toBe('scan-failed');
    const { findings, coverage } = reportOf(run);
    const ids = findings.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(['CVE-2026-70001', 'CVE-2026-70002', 'DS-0002', 'private-key']));
    expect(findings.find(({ id }) => id === 'CVE-2026-70002')?.sources).toContain('osv-scanner');
    expect(coverage.inlineIgnores).toEqual(['Dockerfile']);
  });

  it('passes with suppressions of the default branch, until they expire', async () => {
    const { directory } = await subjects.image(alpineTree('1.2.5-r0'));
    const policy = (expires: string) =>
      `scan:\n  suppressions:\n    - id: CVE-2026-70001\n      package: musl\n      reason: not reachable\n      expires: ${expires}\n`;
    world.github.setFile('acme/app', '.github/plimsoll.yml', policy('2999-01-01'));
    const suppressed = await scan({ inputs: { layout: directory } });
    expect(codeOf(suppressed)).toBeUndefined();
    expect(suppressed.summary).toContain('not reachable');
    world.github.setFile('acme/app', '.github/plimsoll.yml', policy('2026-01-01'));
    const expired = await scan({ inputs: { layout: directory } });
    expect(codeOf(expired)).toBe('scan-failed');
    expect(expired.summary).toContain('have expired');
  });
});

describe('suppressions of other tools', () => {
  const vex = (id: string) =>
    JSON.stringify({
      '@context': 'https://openvex.dev/ns/v0.2.0',
      author: 'Acme Security',
      statements: [{ vulnerability: { name: 'CVE-2026-70001' }, products: [{ '@id': id }], status: 'not_affected' }],
    });

  it('are read from the default branch, and never from the tree', async () => {
    const { directory } = await subjects.image(alpineTree('1.2.5-r0'));
    const source = subjects.source({ '.trivyignore': 'CVE-2026-70001\n', 'a.vex.json': vex('pkg:oci/app') });
    const inputs = { image: 'ghcr.io/acme/app', layout: directory };
    const missing = await scan({ inputs: { ...inputs, 'trivy-ignorefile': '.trivyignore' }, source });
    expect(codeOf(missing)).toBe('input-invalid');
    world.github.setFile('acme/app', '.trivyignore', 'CVE-2026-70001\n');
    const ignored = await scan({ inputs: { ...inputs, 'trivy-ignorefile': '.trivyignore' } });
    expect(codeOf(ignored)).toBeUndefined();
    expect(ignored.summary).toContain('never expires');
  });

  it('are OpenVEX statements about this image, with who said so', async () => {
    const { directory } = await subjects.image(alpineTree('1.2.5-r0'));
    const inputs = { image: 'ghcr.io/acme/app', layout: directory, vex: 'app.vex.json' };
    world.github.setFile('acme/app', 'app.vex.json', vex('pkg:oci/app?repository_url=ghcr.io/acme/app'));
    const excused = await scan({ inputs });
    expect(codeOf(excused)).toBeUndefined();
    expect(excused.summary).toContain('Acme Security');
    world.github.setFile('acme/app', 'app.vex.json', vex('pkg:oci/app?repository_url=ghcr.io/evil/app'));
    expect(codeOf(await scan({ inputs }))).toBe('scan-failed');
    world.github.setFile('acme/app', 'app.vex.json', '{}');
    expect(codeOf(await scan({ inputs }))).toBe('policy-invalid');
  });
});

describe('SARIF', () => {
  it('keeps to what GitHub reads', async () => {
    const { directory } = await subjects.unsafeImage();
    const source = subjects.source({
      'app/Dockerfile': 'FROM a AS b\nFROM c\n',
      'app/package-lock.json': packageLock('1.0.0'),
    });
    const run = await scan({ inputs: { image: 'ghcr.io/acme/app:1', layout: directory, source: 'app' }, source });
    const log = sarifOf(run);
    expect(log.version).toBe('2.1.0');
    const [one] = log.runs;
    expect(one?.automationDetails?.id).toBe('plimsoll/scan/ghcr.io/acme/app/');
    const rules = one?.tool.driver.rules ?? [];
    for (const result of one?.results ?? []) {
      expect(rules[result.ruleIndex ?? -1]?.id).toBe(result.ruleId);
      expect(result.partialFingerprints?.['primaryLocationLineHash']).toMatch(/^[0-9a-f]{32}:1$/);
      const [location] = result.locations ?? [];
      expect(location?.physicalLocation?.artifactLocation?.uri).toMatch(/^app\/(Dockerfile|package-lock\.json)$/);
      expect(location?.physicalLocation?.region?.startLine).toBeGreaterThan(0);
    }
    const musl = one?.results?.find(({ ruleId }) => ruleId === 'CVE-2026-70001');
    expect(musl?.locations?.[0]?.physicalLocation).toMatchObject({ region: { startLine: 2 } });
    for (const rule of rules) {
      expect(Number(rule.properties?.['security-severity'])).toBeGreaterThan(0);
      expect(rule.help?.text.length).toBeGreaterThan(0);
    }
  });
});

describe('what cannot be scanned', () => {
  it('is incomplete without any package', async () => {
    const { directory } = await subjects.image({ 'app/hello.txt': 'hello' });
    const run = await scan({ inputs: { layout: directory } });
    expect(codeOf(run)).toBe('scan-incomplete');
    expect(run.outputs).toMatchObject({ passed: 'false', outcome: 'incomplete' });
  });

  it('is incomplete without the operating system of its packages', async () => {
    const { 'etc/os-release': _release, 'etc/alpine-release': _alpine, ...rest } = alpineTree('1.2.5-r0');
    const run = await scan({ inputs: { layout: (await subjects.image(rest)).directory } });
    expect(codeOf(run)).toBe('scan-incomplete');
  });

  it('is incomplete when there are only attestations', async () => {
    const { directory } = await writeImageLayout(path.join(world.directory, 'attestations'), []);
    expect(codeOf(await scan({ inputs: { layout: directory } }))).toBe('scan-incomplete');
  });

  it('is incomplete with a lockfile that does not parse', async () => {
    const { directory } = await subjects.safeImage();
    const run = await scan({
      inputs: { layout: directory },
      source: subjects.source({ 'package-lock.json': '{"lock' }),
    });
    expect(codeOf(run)).toBe('scan-incomplete');
  });

  it('is incomplete when an ecosystem has no database', async () => {
    const { directory } = await subjects.safeImage();
    const source = subjects.source({ 'mix.lock': '%{"plug": {:hex, :plug, "1.0.0", "x", [:mix], [], "hexpm"}}\n' });
    const run = await scan({ inputs: { layout: directory }, source });
    expect(codeOf(run)).toBe('scan-incomplete');
    expect(run.log).toContain('Hex');
  });

  it('is refused when a layer was cut short', async () => {
    const { directory, content } = await subjects.safeImage();
    const layer = content.blobs.find(({ mediaType }) => mediaType.includes('layer'));
    writeFileSync(path.join(directory, 'blobs/sha256', layer?.digest.slice(7) ?? ''), 'short');
    const run = await scan({ inputs: { layout: directory } });
    expect(codeOf(run)).toBe('digest-mismatch');
    expect(run.outputs).toMatchObject({ passed: 'false', outcome: 'error' });
  });
});

describe('databases', () => {
  it('are incomplete when none can be had, and say which input to write', async () => {
    const { directory } = await subjects.safeImage();
    const gone = `${world.hub.host}/nobody/trivy-db:2`;
    const run = await scan({ inputs: { layout: directory, 'trivy-db': gone } });
    expect(codeOf(run)).toBe('scan-incomplete');
    expect(run.log).toContain('trivy-db');
  });

  it('come from the next source when one has none', async () => {
    const { directory } = await subjects.safeImage();
    const run = await scan({
      inputs: { layout: directory, 'trivy-db': `${world.hub.host}/nobody/trivy-db:2\n${databases.trivyDb}` },
    });
    expect(codeOf(run)).toBeUndefined();
    expect(reportOf(run).databases[0]?.failed).toHaveLength(1);
  });

  it('come from the next source soon when one refuses connections or never stops asking to wait', async () => {
    const { directory } = await subjects.safeImage();
    const busy = createServer((_request, response) => response.writeHead(429, { 'retry-after': '60' }).end());
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const { port } = busy.address() as AddressInfo;
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const refused = (gone.address() as AddressInfo).port;
    await new Promise((resolve) => gone.close(resolve));
    const trivy = `127.0.0.1:${refused}/x:2\n127.0.0.1:${port}/x:2\n${databases.trivyDb}`;
    const osv = `http://127.0.0.1:${refused}\nhttp://127.0.0.1:${port}\n${databases.osvDb}`;
    const source = subjects.source({ 'package-lock.json': packageLock('1.0.1') });
    const run = await scan({ inputs: { layout: directory, 'trivy-db': trivy, 'osv-db': osv }, source });
    busy.close();
    expect(codeOf(run)).toBeUndefined();
    expect(reportOf(run).databases.map(({ failed }) => failed.length)).toEqual([2, 2]);
    expect(run.milliseconds).toBeLessThan(10_000);
  });

  it('are incomplete when they are old, unless the policy allows it', async () => {
    const { directory } = await subjects.safeImage();
    const old = await world.databases.publish(SCAN_ADVISORIES, new Date(Date.now() - 9 * 24 * 3_600_000));
    try {
      const inputs = { layout: directory, 'trivy-db': old.trivyDb };
      expect(codeOf(await scan({ inputs }))).toBe('scan-incomplete');
      world.github.setFile('acme/app', '.github/plimsoll.yml', 'scan:\n  database-max-age: 10d\n');
      expect(codeOf(await scan({ inputs }))).toBeUndefined();
    } finally {
      databases = await world.databases.publish(SCAN_ADVISORIES);
    }
  });
});

describe('Java archives', () => {
  const jar = zipOf([{ name: 'META-INF/MANIFEST.MF', content: Buffer.from('Manifest-Version: 1.0\n') }]);
  const advisory: Advisory = {
    id: 'CVE-2026-70003',
    title: 'log4bad runs what it logs',
    severity: 'CRITICAL',
    affected: [{ ecosystem: 'Maven', package: 'org.example:log4bad', fixed: '2.17.1' }],
  };

  it('are known by their hash, with the Java database', async () => {
    const { directory } = await subjects.image({ ...alpineTree('1.2.5-r5'), 'app/lib.jar': jar });
    const sha1 = createHash('sha1').update(jar).digest();
    const java = await world.databases.publishJava([
      { group: 'org.example', artifact: 'log4bad', version: '2.14.0', sha1 },
    ]);
    const { trivyDb } = await world.databases.publish([...SCAN_ADVISORIES, advisory]);
    const run = await scan({ inputs: { layout: directory, 'trivy-db': trivyDb, 'trivy-java-db': java } });
    databases = await world.databases.publish(SCAN_ADVISORIES);
    expect(codeOf(run)).toBe('scan-failed');
    const { findings, databases: used } = reportOf(run);
    expect(findings).toMatchObject([{ id: advisory.id, fixedVersion: '2.17.1' }]);
    expect(used.map(({ name }) => name)).toEqual(['trivy-db', 'trivy-java-db']);
  });

  it('are incomplete without it', async () => {
    const { directory } = await subjects.image({ ...alpineTree('1.2.5-r5'), 'app/lib.jar': jar });
    const run = await scan({ inputs: { layout: directory, 'trivy-java-db': `${world.hub.host}/nobody/java:1` } });
    expect(codeOf(run)).toBe('scan-incomplete');
    expect(run.log).toContain('trivy-java-db');
  });
});

describe('broken scanners', () => {
  it('are an error when trivy is killed', async () => {
    const { directory } = await subjects.safeImage();
    const trivy = subjects.tool('0.72.0', 'kill -9 $$');
    const run = await scan({ inputs: { layout: directory }, env: { PLIMSOLL_TOOL_TRIVY: trivy } });
    expect(codeOf(run)).toBe('scan-error');
    expect(run.outputs).toMatchObject({ passed: 'false', outcome: 'error' });
  });

  it('are an error when osv-scanner ends with 127 and a report that looks clean', async () => {
    const { directory } = await subjects.safeImage();
    const report = 'while [ $# -gt 0 ]; do [ "$1" = --output-file ] && echo \'{"results":[]}\' > "$2"; shift; done';
    const osv = subjects.tool('2.6.0', `${report}\nexit 127`);
    const source = subjects.source({ 'package-lock.json': packageLock('1.0.1') });
    const run = await scan({ inputs: { layout: directory }, source, env: { PLIMSOLL_TOOL_OSV_SCANNER: osv } });
    expect(codeOf(run)).toBe('scan-error');
  });
});

describe('inputs', () => {
  const digest = `sha256:${'a'.repeat(64)}`;

  it.each([
    ['nothing to scan', {}, 'input-missing'],
    ['a tag', { image: 'ghcr.io/acme/app:1' }, 'digest-required'],
    ['a layout and a digest', { layout: 'x', image: 'ghcr.io/acme/app', digest }, 'input-conflict'],
    ['two digests', { image: `ghcr.io/acme/app@${digest}`, digest: `sha256:${'b'.repeat(64)}` }, 'input-conflict'],
    ['evidence for a layout', { layout: 'x', attest: 'true' }, 'input-conflict'],
    ['a digest that is none', { image: 'ghcr.io/acme/app', digest: 'sha256:abc' }, 'digest-invalid'],
    ['a source that is not there', { layout: 'x', source: 'nowhere' }, 'file-unreadable'],
    ['a layout that is not there', { layout: 'nowhere' }, 'layout-invalid'],
    ['a database that is no URL', { layout: 'x', 'osv-db': 'osv' }, 'input-invalid'],
    ['an unknown input', { layout: 'x', sevrity: 'HIGH' }, 'input-unknown'],
  ])('%s is refused', async (_name, inputs, code) => {
    const run = await scan({ inputs });
    expect(codeOf(run)).toBe(code);
    expect(run.outputs['passed'] ?? 'false').toBe('false');
  });

  it('dry-run prints the plan and scans nothing', async () => {
    const { directory } = await subjects.unsafeImage();
    const source = subjects.source({ 'package-lock.json': packageLock('1.0.0') });
    const run = await scan({ inputs: { layout: directory, 'dry-run': 'true' }, source });
    expect(codeOf(run)).toBeUndefined();
    expect(run.outputs['passed']).toBe('false');
    expect(run.summary).toContain('linux/arm64');
    expect(run.summary).toContain('package-lock.json');
  });
});
