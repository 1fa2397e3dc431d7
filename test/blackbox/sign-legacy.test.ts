import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { parseManifest } from '@plimsoll/core/oci/manifest';
import { type AttestedImage, pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { codeOf, EvidenceWorld } from '@plimsoll/testkit/evidence/evidence-world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** As a verifier that knows nothing of bundles; the local log gives no promise that the old form could hold. */
const OLD = '--new-bundle-format=false --insecure-ignore-tlog';
let bed: EvidenceWorld;

beforeAll(async () => {
  bed = await EvidenceWorld.start();
});
afterAll(() => bed.world.close());

const digestsOf = (built: AttestedImage) => [built.digest, ...built.platforms.map(({ digest }) => digest)];

async function layersAt(tag: string): Promise<number> {
  const manifest = parseManifest(await bed.connect().manifest(tag));
  return manifest.kind === 'image' ? manifest.layers.length : 0;
}

describe('the older tags', () => {
  it('of a workflow are accepted by a verifier that reads no bundles', async () => {
    const built = await pushAttestedImage(bed.repository, 'old form');
    expect(codeOf(await bed.sign(built, { inputs: { legacy: 'true' } }))).toBeUndefined();
    for (const digest of digestsOf(built)) {
      const flags = `${OLD} --use-signed-timestamps ${bed.trustFlags()}`;
      expect(await bed.consumer(`cosign verify ${flags} ${bed.at(digest)}`)).toContain(
        'cosign container image signature',
      );
    }
    expect(codeOf(await bed.verify(bed.at(built.digest)))).toBeUndefined();
  });

  it('of a key hold the attestations too', async () => {
    const keys = path.join(bed.world.directory, 'legacy-key');
    mkdirSync(keys);
    const COSIGN_PASSWORD = 'x';
    await execute(bed.world.tools.cosign ?? '', ['generate-key-pair'], {
      cwd: keys,
      env: { HOME: keys, COSIGN_PASSWORD },
    });
    const built = await pushAttestedImage(bed.repository, 'old form of a key');
    const inputs = { legacy: 'true', key: path.join(keys, 'cosign.key') };
    expect(codeOf(await bed.sign(built, { inputs, env: { COSIGN_PASSWORD } }))).toBeUndefined();
    const flags = `${OLD} --key ${path.join(keys, 'cosign.pub')} --trusted-root ${bed.world.sigstore.trustedRoot}`;
    for (const digest of digestsOf(built)) {
      await bed.consumer(`cosign verify ${flags} ${bed.at(digest)}`);
      for (const type of ['spdx', 'slsaprovenance1', 'vuln'])
        await bed.consumer(`cosign verify-attestation --type ${type} ${flags} ${bed.at(digest)}`);
    }
  });

  it('are written once, keep what is there, and only when asked for', async () => {
    const built = await pushAttestedImage(bed.repository, 'old form twice');
    const tag = built.digest.replace(':', '-');
    await bed.sign(built);
    await expect(layersAt(`${tag}.sig`)).rejects.toMatchObject({ code: 'registry-not-found' });
    await bed.sign(built, { inputs: { legacy: 'true' } });
    const before = [await layersAt(`${tag}.sig`), await layersAt(`${tag}.att`)];
    expect(before).toEqual([1, 9]);
    await bed.sign(built, { inputs: { legacy: 'true' } });
    expect([await layersAt(`${tag}.sig`), await layersAt(`${tag}.att`)]).toEqual(before);
  });
});

const execute = promisify(execFile);
