import type { Digest } from '@plimsoll/core/oci/digest';
import { parseManifest } from '@plimsoll/core/oci/manifest';
import { type AttestedImage, pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { codeOf, EvidenceWorld } from '@plimsoll/testkit/evidence/evidence-world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let bed: EvidenceWorld;

beforeAll(async () => {
  bed = await EvidenceWorld.start();
});
afterAll(() => bed.world.close());

const cosign = (digest: Digest) => bed.consumer(`cosign verify ${bed.trustFlags()} ${bed.at(digest)}`);

async function attestationManifests({ digest }: AttestedImage): Promise<readonly Digest[]> {
  const index = parseManifest(await bed.repository.manifest(digest));
  const manifests = index.kind === 'index' ? index.manifests : [];
  return manifests.filter(({ platform }) => platform?.os === 'unknown').map((each) => each.digest);
}

describe('the scope index', () => {
  it('signs the index alone, and its evidence passes', async () => {
    const built = await pushAttestedImage(bed.repository, 'index only');
    const run = await bed.sign(built, { inputs: { scope: 'index' } });
    expect(codeOf(run)).toBeUndefined();
    expect(run.outputs['signed-digests']).toBe(built.digest);
    expect(codeOf(await bed.verify(bed.at(built.digest)))).toBeUndefined();
    await cosign(built.digest);
    for (const { digest } of built.platforms) {
      expect(await bed.connect().referrers(digest)).toEqual([]);
      expect(codeOf(await bed.verify(bed.at(digest)))).toBe('verify-unsigned');
      await expect(cosign(digest)).rejects.toThrow(/no signatures found/);
    }
  });
});

describe('the scope all', () => {
  it("signs BuildKit's attestation manifests too", async () => {
    const built = await pushAttestedImage(bed.repository, 'all');
    const run = await bed.sign(built, { inputs: { scope: 'all' } });
    expect(codeOf(run)).toBeUndefined();
    const beside = await attestationManifests(built);
    const platforms = built.platforms.map(({ digest }) => digest);
    expect(run.outputs['signed-digests']?.split('\n')).toEqual([built.digest, ...platforms, ...beside]);
    for (const digest of [built.digest, ...platforms, ...beside]) await cosign(digest);
    const again = await bed.sign(built, { inputs: { scope: 'all' } });
    expect(again.shown).toMatch(/ 0 signed, /);
  });

  it('adds what an earlier, narrower run left out', async () => {
    const built = await pushAttestedImage(bed.repository, 'widened');
    await bed.sign(built, { inputs: { scope: 'index' } });
    const run = await bed.sign(built, { inputs: { scope: 'platforms' } });
    expect(codeOf(run)).toBeUndefined();
    expect(run.shown).toContain('2 signed, ');
    for (const { digest } of built.platforms) expect(codeOf(await bed.verify(bed.at(digest)))).toBeUndefined();
  });
});

describe('an unknown scope', () => {
  it('is refused by name', async () => {
    const built = await pushAttestedImage(bed.repository, 'unknown scope');
    expect(codeOf(await bed.sign(built, { inputs: { scope: 'children' } }))).toBe('input-invalid');
  });
});
