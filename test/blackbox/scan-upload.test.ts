import { readFileSync } from 'node:fs';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { ScanSubjects, SCAN_ADVISORIES } from '@plimsoll/testkit/scan/subjects';
import type { PublishedDatabases } from '@plimsoll/testkit/world/databases/databases';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

let world: World;
let subjects: ScanSubjects;
let databases: PublishedDatabases;
let unsafe: string;
let safe: string;

beforeAll(async () => {
  world = await startWorld({ parts: ['github', 'hub'], tools: ['trivy', 'osv-scanner'] });
  subjects = new ScanSubjects(world.directory);
  databases = await world.databases.publish(SCAN_ADVISORIES);
  unsafe = (await subjects.unsafeImage()).directory;
  safe = (await subjects.safeImage()).directory;
});
afterAll(() => world.close());
afterEach(() => {
  world.github.codeScanning.analyses.length = 0;
  world.github.codeScanning.refuses = undefined;
});

function scan(layout: string, inputs: Record<string, string> = {}): Promise<ActionRun> {
  const all = { 'trivy-db': databases.trivyDb, 'osv-db': databases.osvDb, source: '', 'upload-sarif': 'true', layout };
  return runAction({ action: 'scan', world, inputs: { ...all, ...inputs }, cwd: subjects.source({}) });
}

const errorOf = (run: ActionRun) => run.annotations.find(({ level }) => level === 'error')?.title;

describe('upload-sarif', () => {
  it('gives GitHub the very file, for the commit and ref of the run, and waits until it was read', async () => {
    const run = await scan(unsafe);
    expect(errorOf(run)).toBe('Plimsoll scan-failed');
    const [analysis] = world.github.codeScanning.analyses;
    expect(analysis).toMatchObject({ repository: 'acme/app', ref: 'refs/heads/main', asked: 2 });
    expect(analysis?.sarif).toBe(readFileSync(run.outputs['sarif'] ?? '', 'utf8'));
    expect(run.summary).toContain('The findings are in code scanning');
  });

  it('is not done unless asked for, nor for a scan without a verdict, which would close alerts', async () => {
    await scan(safe, { 'upload-sarif': 'false' });
    const incomplete = await scan(safe, { 'trivy-db': `${world.hub.host}/nobody/x:2` });
    expect(errorOf(incomplete)).toBe('Plimsoll scan-incomplete');
    expect(world.github.codeScanning.analyses).toEqual([]);
    expect(incomplete.summary).toContain('would close open alerts');
  });

  it.each(['permission', 'disabled', 'absent'] as const)('%s: says so and changes no verdict', async (refuses) => {
    world.github.codeScanning.refuses = refuses;
    const run = await scan(safe);
    expect(run.exitCode, run.log).toBe(0);
    expect(run.annotations.find(({ level }) => level === 'notice')?.message).toMatch(
      /permissions: |upload-sarif: false/,
    );
  });

  it('fails when GitHub refuses the file after a good scan, and does not hide a bad one', async () => {
    world.github.codeScanning.refuses = 'invalid';
    expect(errorOf(await scan(safe))).toBe('Plimsoll sarif-rejected');
    const bad = await scan(unsafe);
    expect(errorOf(bad)).toBe('Plimsoll scan-failed');
    expect(bad.summary).toContain('more runs than allowed');
  });
});
