import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { PREDICATE_TYPES } from '@plimsoll/core/sigstore/predicates';
import { type AttestedImage, pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { codeOf, EvidenceWorld } from '@plimsoll/testkit/evidence/evidence-world';
import { DEFAULT_SUBJECT } from '@plimsoll/testkit/world/identity';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const STORE = { 'github-attestations': 'true' };
let bed: EvidenceWorld;
let built: AttestedImage;

beforeAll(async () => {
  bed = await EvidenceWorld.start();
  built = await pushAttestedImage(bed.repository, 'stored');
});
afterAll(() => bed.world.close());
afterEach(() => {
  bed.world.github.intercept = undefined;
});

const stored = () => bed.world.github.attestations.stored;

/** As `gh attestation download` gets them: by the digest of the subject. */
async function downloaded(digest: string): Promise<readonly unknown[]> {
  const { apiUrl, token } = bed.world.github;
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${apiUrl}/repos/acme/app/attestations/${digest}`, { headers });
  const { attestations } = (await answer.json()) as { attestations: { bundle: unknown }[] };
  return attestations.map(({ bundle }) => bundle);
}

describe("GitHub's attestation store", () => {
  it('is asked before anything is signed', async () => {
    bed.world.github.intercept = ({ path: asked }) =>
      asked.includes('/attestations/') ? { status: 403, body: { message: 'Resource not accessible' } } : undefined;
    const run = await bed.sign(built, { inputs: STORE });
    expect(codeOf(run)).toBe('attestations-denied');
    expect(run.shown).toContain('attestations: write');
    expect(await bed.connect().referrers(built.digest)).toEqual([]);
    expect(stored()).toEqual([]);
  });

  it('gets every bundle, which cosign accepts as it is downloaded', async () => {
    expect(codeOf(await bed.sign(built, { inputs: STORE }))).toBeUndefined();
    expect(stored()).toHaveLength(12);
    const { digest } = built.platforms[0] ?? built;
    const types: string[] = [];
    for (const [index, bundle] of (await downloaded(digest)).entries()) {
      const file = path.join(bed.world.directory, `downloaded-${index}.json`);
      writeFileSync(file, JSON.stringify(bundle));
      types.push(await acceptedAs(file, digest));
    }
    const { signature, spdx, cyclonedx, slsaprovenance1, vuln, verdict } = PREDICATE_TYPES;
    const wanted = [signature, spdx, cyclonedx, slsaprovenance1, vuln, verdict];
    expect(types.toSorted()).toEqual(wanted.toSorted());
  });

  it('gets nothing twice', async () => {
    const again = await bed.sign(built, { inputs: STORE });
    expect(codeOf(again)).toBeUndefined();
    expect(again.shown).toContain('0 stored, 12 there already');
    expect(stored()).toHaveLength(12);
  });

  it('says why it refuses a bundle; the image is signed all the same', async () => {
    const other = await pushAttestedImage(bed.repository, 'rejected');
    bed.world.github.intercept = ({ method, path: asked }) =>
      method === 'POST' && asked.endsWith('/attestations')
        ? { status: 422, body: { message: 'Invalid certificate issuer' } }
        : undefined;
    const run = await bed.sign(other, { inputs: STORE });
    expect(codeOf(run)).toBe('attestations-rejected');
    expect(run.shown).toContain('Invalid certificate issuer');
    expect(codeOf(await bed.verify(bed.at(other.digest)))).toBeUndefined();
  });

  it('takes no signature of a key', async () => {
    expect(codeOf(await bed.sign(built, { inputs: { ...STORE, key: 'cosign.key' } }))).toBe('input-conflict');
  });
});

/** @returns the predicate type with which cosign accepts it */
async function acceptedAs(bundle: string, digest: string): Promise<string> {
  const { issuer, trustedRoot } = bed.world.sigstore;
  const trust = `--certificate-oidc-issuer ${issuer} --certificate-identity ${DEFAULT_SUBJECT} --trusted-root ${trustedRoot}`;
  const subject = `--digest ${digest.slice('sha256:'.length)} --digestAlg sha256`;
  for (const type of Object.values(PREDICATE_TYPES)) {
    const command = `cosign verify-blob-attestation --bundle ${bundle} ${subject} --type ${type} ${trust}`;
    const accepted = await bed.consumer(command).then(
      () => true,
      () => false,
    );
    if (accepted) return type;
  }
  return 'refused';
}
