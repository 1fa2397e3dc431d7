import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { countFindings, type Finding, type VulnerabilityFinding } from '../policy/findings.ts';
import { judge } from '../policy/gate.ts';
import { defaultPolicy, defaultPolicyDigest } from '../policy/defaults.ts';
import type { ScanReport } from '../stages/scan/report.ts';
import { categoryOf, sarifLogs } from './sarif.ts';
import { scanSummary } from './scan-summary.ts';

const now = new Date('2026-11-21T09:00:00Z');
const digest = `sha256:${'d'.repeat(64)}` as const;

function vulnerability(change: Partial<VulnerabilityFinding> = {}): VulnerabilityFinding {
  return {
    kind: 'vulnerability',
    id: 'CVE-2026-1',
    aliases: [],
    severity: 'high',
    title: 'Out of bounds',
    fingerprint: 'a'.repeat(32),
    sources: ['trivy'],
    package: { name: 'zlib1g', purl: 'pkg:deb/debian/zlib1g', versions: ['1.2'] },
    places: [{ in: 'image', platforms: ['linux/amd64'] }],
    ...change,
  };
}

function report(findings: readonly Finding[], change: Partial<ScanReport> = {}): ScanReport {
  const judgement = judge(findings, defaultPolicy.scan, now);
  return {
    version: 1,
    image: '127.0.0.1:5000/acme/app:1.2@sha256:abc',
    digest,
    outcome: judgement.outcome,
    counts: countFindings(findings),
    problems: [],
    judgement,
    findings,
    coverage: {
      platforms: [],
      scanners: ['trivy', 'osv-scanner'],
      source: true,
      ecosystems: [],
      inlineIgnores: [],
      switchedOff: [],
    },
    notes: [],
    isolation: 'namespaces',
    databases: [],
    tools: [{ name: 'trivy', version: '0.72.0' }],
    policyDigest: defaultPolicyDigest(),
    policySources: [],
    proposed: { changes: [], notes: [] },
    startedAt: now,
    finishedAt: now,
    ...change,
  };
}

const places = { sourcePrefix: 'sub dir' };
const runsOf = (of: ScanReport) => sarifLogs(of, places).flatMap(({ runs }) => runs);
const runOf = (of: ScanReport) => runsOf(of)[0];

test('neither tag, digest nor version of a package changes what GitHub compares', () => {
  const before = runOf(report([vulnerability()]));
  const upgraded = vulnerability({ package: { name: 'zlib1g', purl: 'pkg:deb/debian/zlib1g', versions: ['1.3'] } });
  const after = runOf(report([upgraded], { image: '127.0.0.1:5000/acme/app:1.3@sha256:def' }));
  expect(after?.automationDetails).toEqual(before?.automationDetails);
  expect(before?.automationDetails?.id).toBe('plimsoll/scan/127.0.0.1:5000/acme/app/trivy/');
  expect(after?.results?.[0]?.partialFingerprints).toEqual(before?.results?.[0]?.partialFingerprints);
  expect(after?.results?.[0]?.locations).toEqual(before?.results?.[0]?.locations);
});

test('an unrated vulnerability has no security-severity, for GitHub refuses a wrong one', () => {
  const rule = runOf(report([vulnerability({ severity: 'unknown' })]))?.tool.driver.rules?.[0];
  expect(rule?.properties).not.toHaveProperty('security-severity');
});

test('one rule per advisory, with the worst severity of its findings', () => {
  const worse = vulnerability({
    severity: 'critical',
    package: { name: 'a', purl: 'pkg:deb/debian/a', versions: ['1'] },
  });
  const run = runOf(report([worse, vulnerability()]));
  expect(run?.tool.driver.rules).toHaveLength(1);
  expect(run?.tool.driver.rules?.[0]?.properties?.['security-severity']).toBe('9.5');
  expect(run?.results?.map((result) => result.ruleIndex)).toEqual([0, 0]);
});

test('paths are URIs below the source directory', () => {
  const place = { in: 'source' as const, path: 'a b/Dockerfile', line: 3 };
  const location = runOf(report([vulnerability({ places: [place] })]))?.results?.[0]?.locations?.[0];
  expect(location?.physicalLocation).toEqual({
    artifactLocation: { uri: 'sub%20dir/a%20b/Dockerfile' },
    region: { startLine: 3 },
  });
});

test('a scan without a verdict does not look like a clean one', () => {
  const problems = [{ outcome: 'incomplete' as const, what: 'no database', todo: 'Name one.' }];
  const run = runOf(report([], { outcome: 'incomplete', problems }));
  expect(run?.invocations?.[0]).toMatchObject({ executionSuccessful: false });
  expect(run?.invocations?.[0]?.toolExecutionNotifications?.[0]?.message.text).toBe('no database. Name one.');
});

test('suppressed findings open no alert', () => {
  const rules = { ...defaultPolicy.scan, suppressions: [{ id: 'CVE-2026-1', reason: 'r', expires: '2999-01-01' }] };
  const findings = [vulnerability()];
  const run = runOf(report(findings, { judgement: judge(findings, rules, now) }));
  expect(run?.results).toEqual([]);
});

test('every place in the source is an alert of its own, and keeps it when something is written above', () => {
  const at = (path: string, line: number) => ({ in: 'source' as const, path, line });
  const keysOf = (found: Finding) =>
    (runOf(report([found]))?.results ?? []).map(({ locations, partialFingerprints }) => {
      const { artifactLocation, region } = locations?.[0]?.physicalLocation ?? {};
      return [`${artifactLocation?.uri}:${region?.startLine}`, partialFingerprints?.['primaryLocationLineHash']];
    });
  const locked = keysOf(vulnerability({ places: [at('b/package-lock.json', 3), at('a/package-lock.json', 7)] }));
  expect(locked.map(([place]) => place)).toEqual([
    'sub%20dir/a/package-lock.json:7',
    'sub%20dir/b/package-lock.json:3',
  ]);
  expect(locked[0]?.[1]).not.toBe(locked[1]?.[1]);
  expect(keysOf(vulnerability({ places: [at('b/package-lock.json', 99)] }))[0]?.[1]).toBe(locked[1]?.[1]);
  const check = (lines: readonly number[]): Finding => ({
    kind: 'misconfiguration',
    id: 'DS-0005',
    severity: 'low',
    title: 'ADD',
    fingerprint: 'c'.repeat(32),
    sources: ['trivy'],
    places: lines.map((line) => at('Dockerfile', line)),
  });
  const keys = ['c', 'c', 'c'].map((digit, index) => `${digit.repeat(32)}:${index + 1}`);
  expect(keysOf(check([20, 3, 9]))).toEqual(
    [3, 9, 20].map((line, index) => [`sub%20dir/Dockerfile:${line}`, keys[index]]),
  );
  expect(keysOf(check([4, 10, 21])).map(([, key]) => key)).toEqual(keys);
});

test('a text is not cut through the middle of a character, and its markup stays text', () => {
  const long = vulnerability({ id: 'CVE-2026-2', title: '😀'.repeat(600) });
  expect(JSON.stringify(sarifLogs(report([long]), places))).not.toMatch(/\\ud83d(?!\\ude00)/i);
  expect(runOf(report([long]))?.tool.driver.rules?.[0]?.fullDescription?.text).not.toContain('\ufffd');
  const title = 'app has the licence [MIT](https://evil.example) <img src=x>';
  const help = runOf(report([vulnerability({ title })]))?.tool.driver.rules?.[0]?.help;
  expect(help?.text).toContain(title);
  expect(help?.markdown).toContain('\\[MIT\\](');
  expect(help?.markdown).not.toContain('<img');
});

const many = (number: number, change: Partial<VulnerabilityFinding> = {}) =>
  Array.from({ length: number }, (_none, at) =>
    vulnerability({ id: `CVE-2026-${at}`, fingerprint: at.toString(16).padStart(32, '0'), ...change }),
  );

test('what one run does not hold goes into more, each with a category of its own, worst first', () => {
  const runs = runsOf(report([...many(5_000, { severity: 'critical' }), ...many(7_001, { sources: ['osv-scanner'] })]));
  expect(runs.map(({ results, automationDetails }) => [automationDetails?.id?.slice(38), results?.length])).toEqual([
    ['trivy/', 5_000],
    ['osv-scanner/', 5_000],
    ['osv-scanner/part-2/', 2_001],
  ]);
  expect(runs[0]?.results?.every(({ level }) => level === 'error')).toBe(true);
  const used = runs.every((run) =>
    run.results?.every(({ ruleId, ruleIndex = -1 }) => run.tool.driver.rules?.[ruleIndex]?.id === ruleId),
  );
  expect(used).toBe(true);
});

test('what 20 runs do not hold goes into another file', { timeout: 60_000 }, () => {
  expect(sarifLogs(report(many(100_001)), places).map(({ runs }) => runs.length)).toEqual([20, 2]);
});

test('long texts make more runs before GitHub refuses their bytes', () => {
  const runs = runsOf(report(many(5_000, { title: 'x'.repeat(3_000) })));
  expect(runs.length).toBeGreaterThan(2);
  for (const run of runs) expect(JSON.stringify(run).length).toBeLessThan(10 * 1024 * 1024);
});

test('a scanner that found nothing says so, and one that did not look says nothing', () => {
  const coverage = { ...report([]).coverage, scanners: ['osv-scanner'] as const };
  expect(runsOf(report([])).map(({ results }) => results)).toEqual([[], []]);
  expect(runsOf(report([], { coverage }))).toHaveLength(1);
});

test('the source alone never closes what was found in the image of that name', () => {
  const { digest: _none, ...source } = report([vulnerability()]);
  expect(runOf(source)?.automationDetails?.id).toBe('plimsoll/scan/127.0.0.1:5000/acme/app/source/trivy/');
});

test('a finding of the image is shown at the instruction that brought it in', () => {
  const origin = { path: 'docker/Dockerfile', line: 7, text: 'RUN x' };
  const found = vulnerability({ places: [{ in: 'image', platforms: ['linux/amd64'], origin }] });
  expect(runOf(report([found]))?.results?.[0]?.locations?.[0]?.physicalLocation).toEqual({
    artifactLocation: { uri: 'docker/Dockerfile' },
    region: { startLine: 7 },
  });
});

test('20,000 findings are written within 2 s and 300 MB', { timeout: 30_000 }, () => {
  const all = report(many(20_000, { title: 'Out of bounds' }));
  const before = process.memoryUsage().rss;
  // Processor time: the clock also counts what others do on this machine.
  const started = process.cpuUsage();
  const text = JSON.stringify(sarifLogs(all, places));
  const { user, system } = process.cpuUsage(started);
  expect((user + system) / 1_000).toBeLessThan(2_000);
  expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
  expect(gzipSync(text).length).toBeLessThan(10 * 1024 * 1024);
});

test('names that are no valid text still give valid JSON', () => {
  const odd = vulnerability({ title: 'half a pair \ud800 and <b>', id: 'CVE-2026-2' });
  expect(JSON.stringify(sarifLogs(report([odd]), places))).not.toContain('\\ud800');
});

test('the summary tells severities, fixes, and what to do, and escapes what it quotes', () => {
  const hostile = vulnerability({ id: 'CVE-2026-3', title: 'x', fixedVersion: '<img src=x>', severity: 'critical' });
  const summary = scanSummary(report([hostile, vulnerability()]));
  expect(summary).toContain('❌ Scan failed');
  expect(summary).toContain('| critical | 1 | 0 | 0 | 1 |');
  expect(summary).toContain('| high | 0 | 1 | 0 | 1 |');
  expect(summary).toContain('2 findings block: 1 critical, 1 high');
  expect(summary).not.toContain('<img');
});

test('what looked at a part of an image alone closes no alert of a whole scan', () => {
  const of = (change: Partial<ScanReport>) => categoryOf({ image: 'ghcr.io/acme/app', ...change }, 'trivy');
  const categories = [of({ digest }), of({ digest, from: 'sbom' }), of({})];
  expect(categories).toEqual([
    'plimsoll/scan/ghcr.io/acme/app/trivy',
    'plimsoll/scan/ghcr.io/acme/app/sbom/trivy',
    'plimsoll/scan/ghcr.io/acme/app/source/trivy',
  ]);
});
