import { readFileSync } from 'node:fs';
import type { ScanReport } from '@plimsoll/core/stages/scan/report';
import { runAction } from '@plimsoll/testkit/runner/run-action';
import { CLEAN_IMAGE, CORPUS, CORPUS_ADVISORIES } from '@plimsoll/testkit/scan/corpus';
import { sarifComplaints } from '@plimsoll/testkit/scan/sarif-multitool';
import { ScanSubjects } from '@plimsoll/testkit/scan/subjects';
import type { PublishedDatabases } from '@plimsoll/testkit/world/databases/databases';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let world: World;
let subjects: ScanSubjects;
let databases: PublishedDatabases;

beforeAll(async () => {
  world = await startWorld({ parts: ['github', 'hub'], tools: ['trivy', 'osv-scanner'] });
  subjects = new ScanSubjects(world.directory);
  databases = await world.databases.publish(CORPUS_ADVISORIES);
});
afterAll(() => world.close());

describe('the corpus', () => {
  it.each(CORPUS)('$name: $outcome', async ({ image = CLEAN_IMAGE, source, policy, outcome, findings }) => {
    if (policy !== undefined) world.github.setFile('acme/app', '.github/plimsoll.yml', policy);
    const { directory } = await subjects.image(...image);
    const tree = subjects.source(source ?? {});
    const given = { 'trivy-db': databases.trivyDb, 'osv-db': databases.osvDb, layout: directory };
    const inputs = { ...given, image: 'ghcr.io/acme/app', ...(source === undefined ? { source: '' } : {}) };
    const run = await runAction({ action: 'scan', world, inputs, cwd: tree });
    world.github.repositories.removeFile('acme/app', '.github/plimsoll.yml');
    expect(run.outputs['outcome'], run.log).toBe(outcome);
    expect(run.exitCode).toBe(outcome === 'pass' ? 0 : 1);
    const report = JSON.parse(readFileSync(run.outputs['report'] ?? '', 'utf8')) as ScanReport;
    expect(report.findings.map(({ id }) => id).toSorted()).toEqual(findings);
    expect(report.isolation).not.toBe('none');
  });
});

describe('the SARIF file', () => {
  it('follows the schema and the rules of GitHub, by the tool of the standard', async () => {
    const { directory } = await subjects.unsafeImage();
    const cwd = subjects.source({
      'go.mod': CORPUS.find(({ name }) => name === 'Go module')?.source?.['go.mod'] ?? '',
    });
    const inputs = { 'trivy-db': databases.trivyDb, 'osv-db': databases.osvDb, layout: directory };
    const { outputs } = await runAction({ action: 'scan', world, inputs, cwd });
    expect(await sarifComplaints(outputs['sarif'] ?? '', world.directory)).toEqual([]);
  });
});
