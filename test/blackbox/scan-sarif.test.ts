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
  it('follows the schema and the rules of GitHub, by the tool of the standard, whole and in parts', async () => {
    const { directory } = await bed.subjects.unsafeImage();
    const source = bed.subjects.source({ 'package-lock.json': packageLock('1.0.0'), Dockerfile: 'FROM a:1\n' });
    const run = await bed.scan({ inputs: { layout: directory }, source });
    expect(sarifIn(run.outputs).runs.map(({ results }) => results?.length)).toEqual([5, 0]);
    expect(await sarifComplaints(run.outputs['sarif'] ?? '', bed.world.directory)).toEqual([]);
    const [log] = sarifLogs(manyTimes(reportOf(run), 6_000), { sourcePrefix: '' });
    const file = path.join(bed.world.directory, 'parts.sarif');
    writeFileSync(file, JSON.stringify(log));
    expect(log?.runs.length).toBeGreaterThan(2);
    expect(await sarifComplaints(file, bed.world.directory)).toEqual([]);
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
