import { countFindings, type Finding } from '@plimsoll/core/policy/findings';
import { defaultPolicy, defaultPolicyDigest } from '@plimsoll/core/policy/defaults';
import { judge } from '@plimsoll/core/policy/gate';
import { sarifLogs } from '@plimsoll/core/report/sarif';
import type { ScanReport } from '@plimsoll/core/stages/scan/report';
import type { Figure } from '../figure.ts';

const FINDINGS = 20_000;
const MB = 1024 * 1024;

/** Time and memory of writing SARIF, before any scan has filled this process. */
export function sarifFigures(): Figure[] {
  const report = reportOf(Array.from({ length: FINDINGS }, (_none, at) => finding(at)));
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const started = performance.now();
  const bytes = sarifLogs(report, { sourcePrefix: '' }).reduce((sum, log) => sum + JSON.stringify(log).length, 0);
  const elapsed = performance.now() - started;
  const memory = (process.memoryUsage().rss - before) / MB;
  const figure = { bench: 'scan', figure: `SARIF of ${FINDINGS} findings (${Math.round(bytes / MB)} MB)` };
  return [
    { ...figure, unit: 'ms', ours: elapsed, limit: 2_000 },
    { ...figure, unit: 'MB', ours: memory, limit: 300 },
  ];
}

function finding(at: number): Finding {
  return {
    kind: 'vulnerability',
    id: `CVE-2026-${at}`,
    aliases: [],
    severity: 'high',
    title: `A package reads beyond the end of what it was given, under circumstances that number ${at}`,
    fingerprint: at.toString(16).padStart(32, '0'),
    sources: ['trivy'],
    package: { name: `package-${at}`, purl: `pkg:deb/debian/package-${at}`, versions: ['1.2.3-4'] },
    places: [{ in: 'image', platforms: ['linux/amd64'], origin: { path: 'Dockerfile', line: 3, text: 'FROM debian' } }],
  };
}

function reportOf(findings: readonly Finding[]): ScanReport {
  const now = new Date('2026-11-21T09:00:00Z');
  const judgement = judge(findings, defaultPolicy.scan, now);
  return {
    version: 1,
    image: 'acme/app',
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
    tools: [],
    policyDigest: defaultPolicyDigest(),
    policySources: [],
    proposed: { changes: [], notes: [] },
    startedAt: now,
    finishedAt: now,
  };
}
