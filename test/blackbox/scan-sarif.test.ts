import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sarifLogs } from '@plimsoll/core/report/sarif';
import type { ScanReport } from '@plimsoll/core/stages/scan/report';
import { sarifComplaints } from '@plimsoll/testkit/scan/sarif-multitool';
import { reportOf, ScanWorld } from '@plimsoll/testkit/scan/scan-world';
import { alpineTree, packageLock } from '@plimsoll/testkit/scan/subjects';
import type { Log } from 'sarif';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let bed: ScanWorld;

beforeAll(async () => {
  bed = await ScanWorld.start();
});
afterAll(() => bed.world.close());

const sarifIn = (outputs: Readonly<Record<string, string>>) =>
  JSON.parse(readFileSync(outputs['sarif'] ?? '', 'utf8')) as Log;

describe('the SARIF file', () => {
  it('follows the schema and the rules of GitHub, by the tool of the standard', async () => {
    const { directory } = await bed.subjects.unsafeImage();
    const source = bed.subjects.source({ 'package-lock.json': packageLock('1.0.0'), Dockerfile: 'FROM a:1\n' });
    const run = await bed.scan({ inputs: { layout: directory }, source });
    expect(sarifIn(run.outputs).runs.map(({ results }) => results?.length)).toEqual([5, 0]);
    expect(await sarifComplaints(run.outputs['sarif'] ?? '', bed.world.directory)).toEqual([]);
  });

  it('does so in parts as well', async () => {
    const { directory } = await bed.subjects.unsafeImage();
    const run = await bed.scan({ inputs: { layout: directory } });
    const [log] = sarifLogs(manyTimes(reportOf(run), 5_010), { sourcePrefix: '' });
    const file = path.join(bed.world.directory, 'parts.sarif');
    // The tool takes minutes for thousands of results; the beginning of each part has the form of all of it.
    for (const part of log?.runs ?? []) {
      part.results?.splice(10);
      part.tool.driver.rules?.splice(10);
    }
    writeFileSync(file, JSON.stringify(log));
    expect(log?.runs.length).toBeGreaterThan(2);
    expect(await sarifComplaints(file, bed.world.directory)).toEqual([]);
  });

  it('names the databases by digest, as the report and the attested predicates do', async () => {
    const { directory } = await bed.subjects.safeImage();
    const { outputs, log } = await bed.scan({ inputs: { layout: directory } });
    const [trivy] = reportOf({ outputs, log }).databases;
    const { digest = '', source = '' } = trivy?.database ?? {};
    expect(source).toContain(digest);
    for (const run of sarifIn(outputs).runs) expect(JSON.stringify(run.properties?.['databases'])).toContain(digest);
    const beside = path.dirname(outputs['report'] ?? '');
    for (const kind of ['vuln', 'vulns'])
      expect(readFileSync(path.join(beside, `${kind}-linux-amd64.json`), 'utf8')).toContain(digest);
  });

  it('tells GitHub the same of the same findings in an image that was built again', async () => {
    const scan = async (build: string) => {
      const { directory } = await bed.subjects.image({ ...alpineTree('1.2.5-r0'), 'etc/built': build }, { app: build });
      const { outputs } = await bed.scan({ inputs: { image: 'ghcr.io/acme/app', layout: directory, source: '' } });
      return sarifIn(outputs).runs.map(({ automationDetails, results }) => [automationDetails?.id, results]);
    };
    expect(await scan('once')).toEqual(await scan('again'));
  });
});

/** A report read from its file, with its findings under other names until there are so many. */
function manyTimes(report: ScanReport, count: number): ScanReport {
  const findings = Array.from({ length: count }, (_none, at) => {
    const finding = report.findings[at % report.findings.length];
    if (finding === undefined) throw new Error('nothing was found');
    return { ...finding, id: `${finding.id}-${at}`, fingerprint: at.toString(16).padStart(32, '0') };
  });
  return { ...report, findings, startedAt: new Date(report.startedAt), finishedAt: new Date(report.finishedAt) };
}
