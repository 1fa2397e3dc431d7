import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { type AttestedImage, pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { codeOf, EvidenceWorld } from '@plimsoll/testkit/evidence/evidence-world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const DAY_S = 86_400;

let bed: EvidenceWorld;
let built: AttestedImage;

beforeAll(async () => {
  bed = await EvidenceWorld.start();
  built = await pushAttestedImage(bed.repository, 'consumer');
  await bed.sign(built);
});
afterAll(() => bed.world.close());

const fresh = () => mkdtempSync(path.join(bed.world.directory, 'consumer-'));

function age(file: string, days: number): void {
  const then = Date.now() / 1000 - days * DAY_S;
  utimesSync(file, then, then);
}

describe('the SBOM of a verified image', () => {
  it.each([
    ['out.json', { spdxVersion: 'SPDX-2.3' }],
    ['out.cdx.json', { bomFormat: 'CycloneDX' }],
  ])('is written to %s from its signed attestation', async (name, content) => {
    const sbom = path.join(fresh(), name);
    const run = await bed.verify(bed.at(built.digest), { sbom, platform: 'linux/arm64' });
    expect(codeOf(run)).toBeUndefined();
    expect(run.outputs['sbom']).toBe(sbom);
    expect(JSON.parse(readFileSync(sbom, 'utf8'))).toMatchObject(content);
  });

  it('is that of the platform itself where the digest is one', async () => {
    const sbom = path.join(fresh(), 'one.spdx.json');
    const [platform] = built.platforms;
    expect(codeOf(await bed.verify(bed.at(platform?.digest ?? built.digest), { sbom }))).toBeUndefined();
    expect(existsSync(sbom)).toBe(true);
  });

  it('is asked for by platform, and of nothing else', async () => {
    const sbom = path.join(fresh(), 'out.json');
    expect(codeOf(await bed.verify(bed.at(built.digest), { sbom }))).toBe('input-invalid');
    expect(codeOf(await bed.verify(bed.at(built.digest), { sbom, platform: 'linux/s390x' }))).toBe('input-invalid');
    expect(codeOf(await bed.verify(bed.at(built.digest), { platform: 'linux/arm64' }))).toBe('input-conflict');
    expect(existsSync(sbom)).toBe(false);
  });

  it('is never one that only the builder attached', async () => {
    const unsigned = await pushAttestedImage(bed.repository, 'unsigned');
    const sbom = path.join(fresh(), 'out.json');
    const run = await bed.verify(bed.at(unsigned.digest), { sbom, platform: 'linux/arm64' });
    expect(codeOf(run)).toBe('verify-unsigned');
    expect(existsSync(sbom)).toBe(false);
    await bed.attest(unsigned.digest, {
      predicateType: 'https://sigstore.dev/cosign/sign/v1',
      subjects: [unsigned.digest],
    });
    bed.world.github.setFile('acme/app', '.github/plimsoll.yml', 'verify: { required: [signature] }\n');
    const signed = await bed.verify(bed.at(unsigned.digest), { sbom, platform: 'linux/arm64' });
    expect(codeOf(signed)).toBe('sbom-missing');
    expect(existsSync(sbom)).toBe(false);
  });
});

describe('a verified image', () => {
  it('is saved as a layout with its evidence', async () => {
    const layout = path.join(fresh(), 'saved');
    const run = await bed.verify(bed.at(built.digest), { layout });
    expect(codeOf(run)).toBeUndefined();
    expect(run.outputs['layout']).toBe(layout);
    const { manifests } = JSON.parse(readFileSync(path.join(layout, 'index.json'), 'utf8')) as {
      manifests: readonly { digest: string }[];
    };
    expect(manifests.map(({ digest }) => digest)).toContain(built.digest);
    const referrers = await bed.connect().referrers(built.digest);
    expect(referrers.length).toBeGreaterThan(0);
    for (const { digest } of referrers)
      expect(existsSync(path.join(layout, 'blobs', ...digest.split(':'))), digest).toBe(true);
  });

  it('is not saved when it does not pass', async () => {
    const layout = path.join(fresh(), 'refused');
    const stranger = await pushAttestedImage(bed.repository, 'stranger');
    expect(codeOf(await bed.verify(bed.at(stranger.digest), { layout }))).toBe('verify-unsigned');
    expect(existsSync(layout)).toBe(false);
  });
});

describe('a pinned trusted root', () => {
  it('may be as old as the step says', async () => {
    const pinned = path.join(fresh(), 'root.json');
    copyFileSync(bed.world.sigstore.trustedRoot, pinned);
    age(pinned, 31);
    const inputs = { 'trusted-root': pinned };
    expect(codeOf(await bed.verify(bed.at(built.digest), inputs))).toBeUndefined();
    const limited = { ...inputs, 'trusted-root-max-age': '30d' };
    const run = await bed.verify(bed.at(built.digest), limited);
    expect(codeOf(run)).toBe('trust-root');
    expect(run.outputs['outcome']).toBe('trust-root');
    age(pinned, 29);
    expect(codeOf(await bed.verify(bed.at(built.digest), limited))).toBeUndefined();
    expect(codeOf(await bed.verify(bed.at(built.digest), { 'trusted-root-max-age': 'soon' }))).toBe('input-invalid');
  });
});

describe('the public trusted root, when TUF cannot be reached', () => {
  /** Nothing listens on the discard port; only tools that go to other machines mind. */
  const offline = { HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.1,localhost' };

  it.each([
    ['is missing', undefined, 'trust-root'],
    ['is the one of an earlier run, while it is fresh', 6, undefined],
    ['is not one that was kept too long', 8, 'trust-root'],
  ])('%s', async (_name, days, code) => {
    const cache = fresh();
    const kept = path.join(cache, 'plimsoll-trust', 'trusted_root.json');
    if (days !== undefined) {
      mkdirSync(path.dirname(kept));
      copyFileSync(bed.world.sigstore.trustedRoot, kept);
      age(kept, days);
    }
    const env = { ...offline, RUNNER_TOOL_CACHE: cache };
    const run = await bed.verify(bed.at(built.digest), { 'trusted-root': '' }, env);
    expect(codeOf(run)).toBe(code);
    expect(run.annotations.filter(({ level }) => level === 'warning')).toHaveLength(code === undefined ? 1 : 0);
  });
});
