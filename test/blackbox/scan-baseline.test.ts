import type { ActionRun } from '@plimsoll/testkit/runner/run-action';
import type { WrittenLayout } from '@plimsoll/testkit/layout/image-layout';
import { attestEach, publishLayout, spdxOf } from '@plimsoll/testkit/scan/published-image';
import { errorCode, reportOf, ScanWorld } from '@plimsoll/testkit/scan/scan-world';
import { alpineTree, packageLock } from '@plimsoll/testkit/scan/subjects';
import { pushEvent } from '@plimsoll/testkit/world/identity';
import { PREDICATE_TYPES } from '@plimsoll/core/sigstore/predicates';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const leftBad = { 'app/node_modules/left-bad/package.json': '{"name":"left-bad","version":"1.0.0"}' };
let bed: ScanWorld;
let vulnerable: WrittenLayout;
let worse: WrittenLayout;
/** `registry/repository@digest` of the first. */
let published: string;

beforeAll(async () => {
  bed = await ScanWorld.start(['ghcr', 'sigstore'], ['cosign', 'syft']);
  vulnerable = await bed.subjects.image(alpineTree('1.2.5-r0'));
  worse = await bed.subjects.image(alpineTree('1.2.5-r0'), leftBad);
  published = await publishLayout(bed.world, vulnerable);
  await attestEach(bed.world, { written: vulnerable, predicate: await spdxOf(bed.world, alpineTree('1.2.5-r0')) });
});
afterAll(() => bed.world.close());
beforeEach(() => policy());

/** The world's own issuer, and what the test adds to the scan section. */
function policy(rules = ''): void {
  bed.policy(`verify:\n  issuer: ${bed.world.sigstore.issuer}\nscan:\n  database-max-age: 2d\n${rules}`);
}

function scan(inputs: Record<string, string>, more: object = {}): Promise<ActionRun> {
  const trust = { 'trusted-root': bed.world.sigstore.trustedRoot };
  return bed.scan({ inputs: { image: 'ghcr.io/acme/app', ...trust, ...inputs }, ...more });
}

const idsOf = (findings: readonly { readonly id: string }[] | undefined) => findings?.map(({ id }) => id);

describe('a baseline', () => {
  it('tells what is new, and blocks on everything all the same', async () => {
    const run = await scan({ layout: worse.directory, baseline: published });
    expect(errorCode(run)).toBe('scan-failed');
    const { comparison, judgement } = reportOf(run);
    expect(idsOf(comparison?.introduced)).toEqual(['CVE-2026-70002']);
    expect(comparison).toMatchObject({ unchanged: 1, fixed: [], decides: false });
    expect(judgement.blocking).toHaveLength(2);
    expect(run.summary).toContain('What is new');
  });

  it('lets what was there before pass, when the policy says so', async () => {
    policy('  only-new: true\n');
    expect(errorCode(await scan({ layout: vulnerable.directory, baseline: published }))).toBeUndefined();
    const introduced = await scan({ layout: worse.directory, baseline: published });
    expect(errorCode(introduced)).toBe('scan-failed');
    expect(idsOf(reportOf(introduced).judgement.blocking)).toEqual(['CVE-2026-70002']);
  });

  it('tells what has only become known since its own scan', async () => {
    const seen = { Results: [{ Vulnerabilities: [{ VulnerabilityID: 'CVE-2020-1' }] }] };
    const written = await bed.subjects.image(alpineTree('1.2.5-r0'), { since: 'then' });
    const reference = await publishLayout(bed.world, written);
    await attestEach(bed.world, { written, predicate: await spdxOf(bed.world, alpineTree('1.2.5-r0')) });
    const predicate = { scanner: { result: seen } };
    await attestEach(bed.world, { written, predicate, predicateType: PREDICATE_TYPES.vuln });
    const run = await scan({ layout: vulnerable.directory, baseline: reference });
    expect(idsOf(reportOf(run).comparison?.disclosed)).toEqual(['CVE-2026-70001']);
  });

  it('without an accepted SBOM is a note, and no verdict where it decides', async () => {
    const written = await bed.subjects.image(alpineTree('1.2.5-r0'), { nothing: 'attested' });
    const baseline = await publishLayout(bed.world, written);
    const stranger = { repository: 'evil/app', repository_owner: 'evil' };
    const predicate = await spdxOf(bed.world, alpineTree('1.2.5-r0'));
    await attestEach(bed.world, { written, predicate, claims: stranger });
    const judged = await scan({ layout: vulnerable.directory, baseline });
    expect(errorCode(judged)).toBe('scan-failed');
    expect(judged.summary).toContain('could not be compared');
    policy('  only-new: true\n');
    expect(errorCode(await scan({ layout: vulnerable.directory, baseline }))).toBe('scan-incomplete');
  });

  it('is refused without a digest, and the job cannot loosen a policy with it', async () => {
    expect(errorCode(await scan({ layout: 'x', baseline: 'ghcr.io/acme/app:1' }))).toBe('digest-required');
    const loosened = await scan({ layout: vulnerable.directory, baseline: published, 'only-new': 'true' });
    expect(errorCode(loosened)).toBe('input-conflict');
  });
});

describe('a pull request and a merge queue', () => {
  const base = 'b'.repeat(40);
  const pull = {
    event: {
      ...pushEvent(),
      pull_request: { number: 7, base: { sha: base }, head: { repo: { full_name: 'acme/app' } } },
    },
    env: { GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: 'refs/pull/7/merge' },
  };
  const group = {
    event: { ...pushEvent(), merge_group: { base_sha: base } },
    env: { GITHUB_EVENT_NAME: 'merge_group', GITHUB_REF: 'refs/heads/gh-readonly-queue/main/pr-7' },
  };
  const inputs = { 'enable-trivy-image': 'false' };

  it.each([
    ['pull request', pull],
    ['merge group', group],
  ])('compare lockfiles with those of the base: %s', async (_name, event) => {
    policy('  only-new: true\n');
    const old = { repository: 'acme/app', path: 'web/package-lock.json', ref: base };
    bed.world.github.repositories.setFileAt({ ...old, content: packageLock('1.0.0') });
    const source = bed.subjects.source({ 'web/package-lock.json': packageLock('1.0.0') });
    const same = await bed.scan({ inputs, source, ...event });
    expect(errorCode(same)).toBeUndefined();
    expect(reportOf(same).comparison).toMatchObject({ introduced: [], unchanged: 1 });
    bed.world.github.repositories.setFileAt({ ...old, content: packageLock('1.0.1') });
    const introduced = await bed.scan({ inputs, source, ...event });
    expect(errorCode(introduced)).toBe('scan-failed');
    expect(idsOf(reportOf(introduced).comparison?.introduced)).toEqual(['CVE-2026-70002']);
  });

  it('a lockfile that only moved introduces nothing, and a copy of it does', async () => {
    policy('  only-new: true\n');
    const old = { repository: 'acme/app', path: 'web/package-lock.json', ref: base };
    bed.world.github.repositories.setFileAt({ ...old, content: packageLock('1.0.0') });
    const moved = bed.subjects.source({ 'app/package-lock.json': packageLock('1.0.0') });
    expect(errorCode(await bed.scan({ inputs, source: moved, ...pull }))).toBeUndefined();
    const files = { 'web/package-lock.json': packageLock('1.0.0'), 'app/package-lock.json': packageLock('1.0.0') };
    const copied = await bed.scan({ inputs, source: bed.subjects.source(files), ...pull });
    expect(errorCode(copied)).toBe('scan-failed');
    expect(idsOf(reportOf(copied).comparison?.introduced)).toEqual(['CVE-2026-70002']);
  });

  it('have no verdict when the base cannot be read and only what is new counts', async () => {
    policy('  only-new: true\n');
    bed.world.github.repositories.removeFile('acme/app', 'web/package-lock.json', base);
    const source = bed.subjects.source({ 'package-lock.json': packageLock('1.0.0') });
    expect(errorCode(await bed.scan({ inputs, source, ...pull }))).toBe('scan-incomplete');
  });
});

describe('from: sbom', () => {
  const [name, digest] = ['image', 'digest'] as const;
  const rescan = (reference: string, inputs: Record<string, string> = {}) => {
    const [image = '', hash = ''] = reference.split('@');
    return scan({ [name]: image, [digest]: hash, from: 'sbom', ...inputs });
  };

  it('judges a published digest by its attested SBOM, and pulls no layer', async () => {
    const layers = vulnerable.content.blobs.filter(({ mediaType }) => mediaType.includes('layer'));
    const before = bed.world.ghcr.front.requests.length;
    const run = await rescan(published);
    expect(errorCode(run)).toBe('scan-failed');
    const { findings, coverage } = reportOf(run);
    expect(idsOf(findings)).toEqual(['CVE-2026-70001']);
    expect(coverage.platforms).toMatchObject([
      { platform: 'linux/amd64', operatingSystem: 'alpine 3.20.1', packages: 1 },
      { platform: 'linux/arm64' },
    ]);
    const asked = bed.world.ghcr.front.requests.slice(before).map(({ path }) => path);
    expect(asked.filter((path) => layers.some((layer) => path.includes(layer.digest)))).toEqual([]);
    expect(run.outputs).toMatchObject({ verdict: '', 'trivy-image-scan-passed': 'false' });
  });

  it('is incomplete without an SBOM that is accepted', async () => {
    const written = await bed.subjects.image(alpineTree('1.2.5-r5'), { no: 'sbom' });
    const run = await rescan(await publishLayout(bed.world, written));
    expect(errorCode(run)).toBe('scan-incomplete');
    expect(run.log).toContain('no attested SBOM');
  });

  it('opens one issue, keeps it up to date, and closes it when all is well', async () => {
    const { issues } = bed.world.github;
    const inputs = { 'open-issue': 'true' };
    await rescan(published, inputs);
    await rescan(published, inputs);
    expect(issues.all).toMatchObject([{ state: 'open', title: expect.stringContaining('/acme/app') }]);
    policy('  severity: [CRITICAL]\n');
    const passed = await rescan(published, inputs);
    expect(errorCode(passed)).toBeUndefined();
    // The packages passed, and no image was scanned.
    expect(passed.outputs).toMatchObject({ passed: 'true', 'trivy-image-scan-passed': 'false' });
    expect(issues.all).toMatchObject([{ state: 'closed' }]);
    policy();
    issues.readOnly = true;
    const declined = await rescan(published, inputs);
    issues.readOnly = false;
    expect(errorCode(declined)).toBe('scan-failed');
    expect(declined.annotations.find(({ level }) => level === 'warning')?.message).toContain('issues: write');
  });

  it.each([
    ['a layout', { layout: 'x' }],
    ['attest', { image: 'ghcr.io/acme/app', digest: `sha256:${'a'.repeat(64)}`, attest: 'true' }],
  ])('is refused with %s', async (_name, inputs) => {
    expect(errorCode(await scan({ from: 'sbom', ...inputs }))).toBe('input-conflict');
  });
});
