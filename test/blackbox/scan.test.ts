import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { readVerdict } from '@plimsoll/core/stages/scan/verdict';
import type { ActionRun } from '@plimsoll/testkit/runner/run-action';
import { errorCode, reportOf, ScanWorld } from '@plimsoll/testkit/scan/scan-world';
import { alpineTree, KEY_LINE, packageLock, PRIVATE_KEY } from '@plimsoll/testkit/scan/subjects';
import type * as sarif from 'sarif';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const execute = promisify(execFile);
let bed: ScanWorld;

beforeAll(async () => {
  bed = await ScanWorld.start();
});
afterAll(() => bed.world.close());

function sarifOf({ outputs }: ActionRun): sarif.Log {
  return JSON.parse(readFileSync(outputs['sarif'] ?? '', 'utf8')) as sarif.Log;
}

/** What trivy itself finds in an SBOM, with the database that a scan left in the tool cache. */
async function vulnerabilitiesIn(sbom: string, toolCache: string): Promise<readonly string[]> {
  const held = path.join(toolCache, 'plimsoll', 'databases', 'trivy-db');
  const cache = path.join(held, readdirSync(held)[0] ?? '');
  const offline = ['--skip-db-update', '--skip-java-db-update', '--offline-scan', '--skip-version-check', '-q'];
  const args = ['sbom', ...offline, '--scanners', 'vuln', '--format', 'json', sbom];
  const { stdout } = await execute(bed.world.tools.trivy ?? '', ['--cache-dir', cache, ...args]);
  const report = JSON.parse(stdout) as { Results?: { Vulnerabilities?: { VulnerabilityID: string }[] }[] };
  const found = (report.Results ?? []).flatMap(({ Vulnerabilities = [] }) => Vulnerabilities);
  return found.map(({ VulnerabilityID: id }) => id).toSorted();
}

describe('a safe image', () => {
  it('passes on both platforms, and says what was looked at', async () => {
    const { directory, digest, platforms } = await bed.subjects.safeImage();
    const source = bed.subjects.source({ 'package-lock.json': packageLock('1.0.1') });
    const run = await bed.scan({ inputs: { image: 'ghcr.io/acme/app', layout: directory }, source });
    expect(errorCode(run)).toBeUndefined();
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
    const { directory } = await bed.subjects.unsafeImage();
    const results = async () => {
      const run = await bed.scan({ inputs: { image: 'ghcr.io/acme/app', layout: directory } });
      return sarifOf(run).runs[0]?.results;
    };
    expect(await results()).toEqual(await results());
  });
});

describe('an unsafe image', () => {
  it('fails with one finding for each CVE, on both platforms and by both scanners', async () => {
    const { directory } = await bed.subjects.unsafeImage();
    const source = bed.subjects.source({ 'package-lock.json': packageLock('1.0.0') });
    const run = await bed.scan({ inputs: { image: 'ghcr.io/acme/app', layout: directory }, source });
    expect(errorCode(run)).toBe('scan-failed');
    expect(run.outputs).toMatchObject({ passed: 'false', outcome: 'fail', critical: '1', high: '1', secrets: '1' });
    const { findings } = reportOf(run);
    const left = findings.find(({ id }) => id === 'CVE-2026-70002');
    expect(left?.sources.toSorted()).toEqual(['osv-scanner', 'trivy']);
    expect(left?.places.map((place) => place.in)).toEqual(['image', 'source']);
    const musl = findings.find(({ id }) => id === 'CVE-2026-70001');
    expect(musl?.places).toMatchObject([{ platforms: ['linux/amd64', 'linux/arm64'] }]);
    expect(run.summary).toContain('1.2.5-r5');
  });

  it('is seen by both scanners, in the same place, and leaves an SBOM of each platform', async () => {
    const { directory } = await bed.subjects.unsafeImage();
    const toolCache = bed.world.lifetime.folder('tool-cache-of-its-own');
    const inputs = { image: 'ghcr.io/acme/app', layout: directory };
    const run = await bed.scan({ inputs, env: { RUNNER_TOOL_CACHE: toolCache } });
    const left = reportOf(run).findings.find(({ id }) => id === 'CVE-2026-70002');
    expect(left?.sources.toSorted()).toEqual(['osv-scanner', 'trivy']);
    expect(left?.places).toMatchObject([
      { in: 'image', path: 'app/node_modules/left-bad/package.json', platforms: ['linux/amd64', 'linux/arm64'] },
    ]);
    const sboms = JSON.parse(run.outputs['sboms'] ?? '') as Record<string, { spdx: string; cyclonedx: string }>;
    expect(Object.keys(sboms)).toEqual(['linux/amd64', 'linux/arm64']);
    const read = (file = '') => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    const cyclonedx = read(sboms['linux/amd64']?.cyclonedx);
    expect(cyclonedx).toMatchObject({ bomFormat: 'CycloneDX', metadata: { component: { name: 'ghcr.io/acme/app' } } });
    expect(cyclonedx).not.toHaveProperty('vulnerabilities');
    const spdx = read(sboms['linux/arm64']?.spdx);
    expect(spdx['name']).toMatch(/^ghcr\.io\/acme\/app@sha256:/);
    expect(JSON.stringify(spdx)).toContain('pkg:npm/left-bad@1.0.0');
    expect(JSON.stringify([cyclonedx, spdx])).not.toContain('layout@');
    for (const file of Object.values(sboms['linux/amd64'] ?? {})) {
      expect(await vulnerabilitiesIn(file, toolCache), file).toEqual(['CVE-2026-70001', 'CVE-2026-70002']);
    }
  });

  it('is the same on platforms that have nearly all layers in common', async () => {
    const shared = { ...alpineTree('1.2.5-r0'), 'big.bin': randomBytes(200_000), 'srv/key.pem': PRIVATE_KEY };
    const { directory } = await bed.subjects.image(shared);
    const run = await bed.scan({ inputs: { layout: directory } });
    const { findings, coverage } = reportOf(run);
    expect(coverage.platforms.map(({ packages }) => packages)).toEqual([1, 1]);
    expect(findings.map(({ id }) => id).toSorted()).toEqual(['CVE-2026-70001', 'private-key']);
    for (const { places } of findings) expect(places).toMatchObject([{ platforms: ['linux/amd64', 'linux/arm64'] }]);
  });

  it('finds a key that a later layer deleted, and names file and layer', async () => {
    const { directory } = await bed.subjects.unsafeImage();
    const run = await bed.scan({ inputs: { layout: directory } });
    const secret = reportOf(run).findings.find(({ kind }) => kind === 'secret');
    expect(secret?.places).toMatchObject([
      { in: 'image', path: '/app/key.pem', layer: expect.stringMatching(/^sha256:/) },
    ]);
    expect(run.summary).toContain('/app/key.pem');
    expect(run.log + run.summary + readFileSync(run.outputs['report'] ?? '', 'utf8')).not.toContain(KEY_LINE);
  });

  it('is not helped by anything in the tree that is scanned', async () => {
    const { directory } = await bed.subjects.unsafeImage();
    const source = bed.subjects.source({
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
    const run = await bed.scan({ inputs: { layout: directory }, source, env });
    expect(errorCode(run)).toBe('scan-failed');
    const { findings, coverage } = reportOf(run);
    const ids = findings.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(['CVE-2026-70001', 'CVE-2026-70002', 'DS-0002', 'private-key']));
    expect(findings.find(({ id }) => id === 'CVE-2026-70002')?.sources).toContain('osv-scanner');
    expect(coverage.inlineIgnores).toEqual(['Dockerfile']);
  });
});

describe('SARIF', () => {
  it('keeps to what GitHub reads', async () => {
    const { directory } = await bed.subjects.unsafeImage();
    const source = bed.subjects.source({
      'app/Dockerfile': 'FROM a AS b\nFROM c\n',
      'app/package-lock.json': packageLock('1.0.0'),
    });
    const run = await bed.scan({ inputs: { image: 'ghcr.io/acme/app:1', layout: directory, source: 'app' }, source });
    const log = sarifOf(run);
    expect(log.version).toBe('2.1.0');
    const [one] = log.runs;
    expect(one?.automationDetails?.id).toBe('plimsoll/scan/ghcr.io/acme/app/trivy/');
    const rules = one?.tool.driver.rules ?? [];
    for (const result of one?.results ?? []) {
      expect(rules[result.ruleIndex ?? -1]?.id).toBe(result.ruleId);
      expect(result.partialFingerprints?.['primaryLocationLineHash']).toMatch(/^[0-9a-f]{32}:[1-9]\d*$/);
      const [location] = result.locations ?? [];
      expect(location?.physicalLocation?.artifactLocation?.uri).toMatch(/^app\/(Dockerfile|package-lock\.json)$/);
      expect(location?.physicalLocation?.region?.startLine).toBeGreaterThan(0);
    }
    const keys = one?.results?.map(({ partialFingerprints }) => partialFingerprints?.['primaryLocationLineHash']);
    expect(new Set(keys).size).toBe(one?.results?.length);
    const musl = one?.results?.find(({ ruleId }) => ruleId === 'CVE-2026-70001');
    expect(musl?.locations?.[0]?.physicalLocation).toMatchObject({ region: { startLine: 2 } });
    for (const rule of rules) {
      expect(Number(rule.properties?.['security-severity'])).toBeGreaterThan(0);
      expect(rule.help?.text.length).toBeGreaterThan(0);
    }
  });
});
