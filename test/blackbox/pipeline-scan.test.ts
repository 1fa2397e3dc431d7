import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { errorCode, reportOf, ScanWorld } from '@plimsoll/testkit/scan/scan-world';
import { alpineTree } from '@plimsoll/testkit/scan/subjects';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

let bed: ScanWorld;

beforeAll(async () => {
  bed = await ScanWorld.start(['buildkit']);
});
afterAll(() => bed.world.close());
afterEach(() => {
  bed.world.github.codeScanning.analyses.length = 0;
});

/** Builds an image with a vulnerable package, scans it, and publishes nothing. */
function build(name: string, inputs: Record<string, string>): Promise<ActionRun> {
  const cwd = bed.world.lifetime.folder('workspaces', name);
  for (const [file, content] of Object.entries(alpineTree('1.2.5-r0'))) {
    mkdirSync(path.join(cwd, 'root', path.dirname(file)), { recursive: true });
    writeFileSync(path.join(cwd, 'root', file), content);
  }
  writeFileSync(path.join(cwd, 'Dockerfile'), 'FROM scratch\nCOPY root /\nUSER 1000\n');
  const databases = { 'trivy-db': bed.databases.trivyDb, 'osv-db': bed.databases.osvDb };
  const common = { image: `ghcr.io/acme/${name}`, tags: 'main', push: 'false', sbom: 'false', ...databases };
  return runAction({ action: 'pipeline', world: bed.world, cwd, inputs: { ...common, ...inputs } });
}

describe('the scan of the root action', () => {
  it('shows its findings in code scanning when asked to, also when it stops the run', async () => {
    const run = await build('shown', { 'upload-sarif': 'true' });
    expect(errorCode(run)).toBe('scan-failed');
    expect(bed.world.github.codeScanning.analyses).toHaveLength(1);
  });

  it('takes VEX and ignore files of the default branch, and the severities of the job', async () => {
    bed.world.github.setFile('acme/app', '.trivyignore', 'CVE-2026-70001 exp:2999-01-01\n');
    const ignored = await build('ignored', { 'trivy-ignorefile': '.trivyignore' });
    expect(errorCode(ignored)).toBeUndefined();
    expect(reportOf(ignored).judgement.suppressed).toHaveLength(1);
    const statement = { vulnerability: 'CVE-2026-70001', products: [{ '@id': 'pkg:oci/excused' }], status: 'fixed' };
    const vex = { '@context': 'https://openvex.dev/ns/v0.2.0', author: 'Acme', statements: [statement] };
    bed.world.github.setFile('acme/app', 'app.vex.json', JSON.stringify(vex));
    expect(errorCode(await build('excused', { vex: 'app.vex.json' }))).toBeUndefined();
    expect(errorCode(await build('critical', { 'trivy-severity': 'CRITICAL' }))).toBeUndefined();
    expect(bed.world.github.codeScanning.analyses).toEqual([]);
  });
});
