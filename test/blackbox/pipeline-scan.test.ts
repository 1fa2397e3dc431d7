import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { errorCode, reportOf, ScanWorld } from '@plimsoll/testkit/scan/scan-world';
import type { Tree } from '@plimsoll/testkit/layout/image-layout';
import { alpineTree, PRIVATE_KEY } from '@plimsoll/testkit/scan/subjects';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

let bed: ScanWorld;

beforeAll(async () => {
  bed = await ScanWorld.start(['buildkit']);
});
afterAll(() => bed.world.close());
afterEach(() => {
  bed.world.github.codeScanning.analyses.length = 0;
});

const PLAIN = 'FROM scratch\nCOPY root /\nUSER 1000\n';

/** Builds an image with a vulnerable package, scans it, and publishes nothing. */
function build(name: string, inputs: Record<string, string>, files: Tree = { Dockerfile: PLAIN }): Promise<ActionRun> {
  const cwd = bed.world.lifetime.folder('workspaces', name);
  for (const [file, content] of Object.entries(alpineTree('1.2.5-r0'))) {
    mkdirSync(path.join(cwd, 'root', path.dirname(file)), { recursive: true });
    writeFileSync(path.join(cwd, 'root', file), content);
  }
  for (const [file, content] of Object.entries(files)) writeFileSync(path.join(cwd, file), content);
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

  it('keeps an issue when asked to, and tells which scanners the job switched off', async () => {
    const off = { 'enable-osv': 'false', 'enable-trivy-source': 'false', 'open-issue': 'true' };
    const run = await build('told', off);
    expect(errorCode(run)).toBe('scan-failed');
    expect(reportOf(run).coverage).toMatchObject({
      scanners: ['trivy'],
      source: false,
      switchedOff: ['trivy on the source', 'osv-scanner on lockfiles', "osv-scanner on the image's packages"],
    });
    const title = expect.stringContaining('acme/told');
    expect(bed.world.github.issues.all).toMatchObject([{ state: 'open', title }]);
  });

  it('names the line of the Dockerfile that brought each finding into the image', async () => {
    const lines = [
      'FROM scratch AS base',
      'COPY root /',
      'FROM base',
      'ARG A=1',
      'ENV B=$A',
      'WORKDIR /srv',
      'LABEL \\',
      ' c=d',
    ];
    const Dockerfile = [...lines, 'COPY --chmod=600 key.pem ./', 'USER 1000', ''].join('\n');
    const run = await build('lines', {}, { Dockerfile, 'key.pem': PRIVATE_KEY });
    const inImage = reportOf(run).findings.flatMap(({ id, places }) =>
      places.flatMap((place) => (place.in === 'image' ? [[id, place.origin?.path, place.origin?.line]] : [])),
    );
    expect(inImage).toContainEqual(['CVE-2026-70001', 'Dockerfile', 2]);
    expect(inImage).toContainEqual(['private-key', 'Dockerfile', 9]);
    expect(run.summary).toContain('`Dockerfile:9` `COPY --chmod=600 key.pem ./`');
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
