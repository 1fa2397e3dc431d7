import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type AttestedImage, pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { codeOf, EvidenceWorld } from '@plimsoll/testkit/evidence/evidence-world';
import { DEFAULT_SUBJECT } from '@plimsoll/testkit/world/identity';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let bed: EvidenceWorld;
let built: AttestedImage;

beforeAll(async () => {
  bed = await EvidenceWorld.start();
  built = await pushAttestedImage(bed.repository, 'described');
  const files = { openvex: { '@context': 'https://openvex.dev/ns' }, 'test-result': { result: 'PASSED' } };
  const attestations = Object.entries(files).map(([type, predicate]) => {
    const file = path.join(bed.world.directory, `${type}.json`);
    writeFileSync(file, JSON.stringify(predicate));
    return `${type}=${file}`;
  });
  const run = await bed.sign(built, { inputs: { attestations: attestations.join('\n') } });
  if (codeOf(run) !== undefined) throw new Error(run.log);
});
afterAll(() => bed.world.close());

interface Provenance {
  readonly runDetails: {
    readonly builder: { readonly id: string };
    readonly metadata: { readonly invocationId: string };
    readonly byproducts: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  };
}

/** What `cosign verify-attestation` prints: one envelope per accepted bundle. */
async function attested(type: string, digest = built.platforms[0]?.digest ?? built.digest): Promise<unknown[]> {
  const printed = await bed.consumer(`cosign verify-attestation --type ${type} ${bed.trustFlags()} ${bed.at(digest)}`);
  const lines = printed.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => {
    const { payload } = JSON.parse(line) as { payload: string };
    return (JSON.parse(Buffer.from(payload, 'base64').toString()) as { predicate: unknown }).predicate;
  });
}

describe('the provenance that a consumer reads with cosign', () => {
  it('names builder and run, and the SBOMs of its platform by their bytes', async () => {
    const [provenance] = (await attested('slsaprovenance1')) as Provenance[];
    const sboms = [...(await attested('spdx')), ...(await attested('cyclonedx'))];
    expect(provenance?.runDetails.builder.id).toBe(DEFAULT_SUBJECT);
    expect(provenance?.runDetails.metadata.invocationId).toMatch(/\/acme\/app\/actions\/runs\/\d+\/attempts\/1$/);
    expect(sboms).toHaveLength(2);
    expect(provenance?.runDetails.byproducts.map(({ digest }) => digest.sha256)).toEqual(
      sboms.map((sbom) => createHash('sha256').update(JSON.stringify(sbom)).digest('hex')),
    );
  });

  it('is kept in a later attempt of the run', async () => {
    const again = await bed.sign(built, { env: { GITHUB_RUN_ATTEMPT: '2' } });
    expect(codeOf(again)).toBeUndefined();
    expect(again.shown).toContain('0 signed, 12 there already');
  });
});

describe('predicates that the caller brings', () => {
  it.each(['openvex', 'https://in-toto.io/attestation/test-result/v0.1'])('%s is attested to all', async (type) => {
    for (const digest of [built.digest, ...built.platforms.map((each) => each.digest)])
      expect(await attested(type, digest)).toHaveLength(1);
  });
});
