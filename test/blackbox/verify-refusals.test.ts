import type { Digest } from '@plimsoll/core/oci/digest';
import { consumerCommands } from '@plimsoll/core/report/consumer-checks';
import { PREDICATE_TYPES } from '@plimsoll/core/sigstore/predicates';
import { signatureStatement } from '@plimsoll/core/sigstore/statement';
import { REFUSALS, type Refusal } from '@plimsoll/core/stages/verify/reasons';
import { type AttestedImage, pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { codeOf, EvidenceWorld, reportOf } from '@plimsoll/testkit/evidence/evidence-world';
import { hang, signAs } from '@plimsoll/testkit/evidence/forge';
import { type Bundle, foreignRoot, type Peer, WRONG_SIGNATURES } from '@plimsoll/testkit/evidence/wrong-signatures';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const { signature } = PREDICATE_TYPES;
/** Everything bound that a certificate can say. */
const STRICT = `verify:
  source-repository: acme/app
  source-repository-id: 1
  source-owner-id: 2
  ref: refs/heads/main
  runner-environment: github-hosted
  triggers: [push]
  required: [signature]
`;

let bed: EvidenceWorld;
const covered = new Set<Refusal>();

const policy = (text: string) => bed.world.github.setFile('acme/app', '.github/plimsoll.yml', text);

beforeAll(async () => {
  bed = await EvidenceWorld.start();
});
afterAll(() => bed.world.close());
afterEach(() => {
  bed.world.ghcr.front.intercept = undefined;
});

/** The verification refuses the image's only signature for this reason, in every place where it is told. */
async function expectRefusal(refusal: Refusal, digest: Digest, inputs: Readonly<Record<string, string>> = {}) {
  policy(STRICT);
  const run = await bed.verify(bed.at(digest), inputs);
  expect(codeOf(run)).toBe('verify-untrusted');
  expect(run.outputs).toMatchObject({ outcome: 'untrusted', reasons: refusal, verified: 'false' });
  expect(reportOf(run).bundles).toMatchObject([{ predicateType: signature, accepted: false, refusal }]);
  covered.add(refusal);
}

async function expectPeer(peer: Peer, digest: Digest, flags = bed.trustFlags()) {
  const asked = bed.consumer(`cosign verify ${flags} ${bed.at(digest)}`);
  const said = await asked.then(
    () => 'cannot ask',
    () => 'refuses',
  );
  expect(said).toBe(peer);
}

describe('a signature that was made', () => {
  it.each(WRONG_SIGNATURES)(
    '$what is refused for its $refusal',
    async ({ refusal, claims, tamper, inputs, flags = '', peer }) => {
      const { digest } = await pushAttestedImage(bed.repository, `refused ${refusal}`);
      const bundle = JSON.parse((await signAs(bed.world, signatureStatement(digest), claims)).toString()) as Bundle;
      tamper?.(bundle);
      await hang(bed.repository, { on: digest, predicateType: signature, bytes: Buffer.from(JSON.stringify(bundle)) });
      await expectRefusal(refusal, digest, inputs);
      await expectPeer(peer, digest, `${bed.trustFlags()} ${flags}`.trim());
    },
  );

  it('for another image is refused for its subject', async () => {
    const [older, newer] = [await pushAttestedImage(bed.repository, '1'), await pushAttestedImage(bed.repository, '2')];
    const bytes = await signAs(bed.world, signatureStatement(older.digest));
    await hang(bed.repository, { on: newer.digest, predicateType: signature, bytes });
    await expectRefusal('subject', newer.digest);
    await expectPeer('refuses', newer.digest);
  });

  it('under another issuer is refused for its issuer', async () => {
    const { digest } = await signedImage('issuer');
    const issuer = 'https://issuer.example';
    await expectRefusal('issuer', digest, { 'certificate-oidc-issuer': issuer });
    await expectPeer('refuses', digest, bed.trustFlags().replace(bed.world.sigstore.issuer, issuer));
  });

  it('under another authority is refused for its certificate', async () => {
    const { digest } = await signedImage('authority');
    const trustedRoot = foreignRoot(bed.world);
    await expectRefusal('certificate', digest, { 'trusted-root': trustedRoot });
    await expectPeer('refuses', digest, bed.trustFlags().replace(bed.world.sigstore.trustedRoot, trustedRoot));
  });

  it('by no known tool is refused as malformed', async () => {
    const { digest } = await pushAttestedImage(bed.repository, 'malformed');
    await hang(bed.repository, { on: digest, predicateType: signature, bytes: Buffer.from('{}') });
    await expectRefusal('malformed', digest);
    await expectPeer('refuses', digest);
  });

  it('and is lost is refused as unreadable', async () => {
    const { digest } = await signedImage('lost');
    bed.world.ghcr.front.intercept = ({ path: asked }) =>
      asked.includes('/blobs/') ? { status: 404, body: { errors: [{ code: 'BLOB_UNKNOWN' }] } } : undefined;
    await expectRefusal('unreadable', digest);
    await expectPeer('refuses', digest);
  });
});

async function signedImage(seed: string): Promise<AttestedImage> {
  const built = await pushAttestedImage(bed.repository, seed);
  await bed.attest(built.digest, signatureStatement(built.digest));
  return built;
}

describe('an image that is accepted', () => {
  const SHARED = 'acme/org-infra/.github/workflows/publish.yml@refs/tags/v2';

  it.each([
    ['its own workflow', {}],
    ['a shared workflow', { job_workflow_ref: SHARED }],
  ])('by the signature of %s is accepted by every command that is printed', async (_name, claims) => {
    policy('');
    const built = await pushAttestedImage(bed.repository, JSON.stringify(claims));
    const signed = await bed.sign(built, { env: bed.world.sigstore.claims(claims) });
    const run = await bed.verify(bed.at(built.digest), { 'certificate-identity': signed.outputs['identity'] ?? '' });
    expect(codeOf(run)).toBeUndefined();
    const commands = consumerCommands(reportOf(run), bed.world.sigstore.trustedRoot);
    expect(commands.length).toBeGreaterThan(4);
    for (const command of commands) {
      expect(run.summary.replaceAll(' \\\n  --', ' --')).toContain(command);
      await bed.consumer(command);
    }
  });

  it('beside a signature of cosign 2, which is neither needed nor in the way', async () => {
    policy(STRICT);
    const both = await signedImage('both formats');
    const bare = await pushAttestedImage(bed.repository, 'old format alone');
    for (const { digest } of [both, bare]) {
      await bed.repository.putManifest(await bed.repository.manifest(digest), `${digest.replace(':', '-')}.sig`);
    }
    expect(codeOf(await bed.verify(bed.at(both.digest)))).toBeUndefined();
    expect(codeOf(await bed.verify(bed.at(bare.digest)))).toBe('verify-unsigned');
    await expectPeer('refuses', bare.digest);
  });
});

describe('the table of refusals', () => {
  it('has a case here for each', () => {
    expect([...covered].toSorted()).toEqual(Object.keys(REFUSALS).toSorted());
  });
});
