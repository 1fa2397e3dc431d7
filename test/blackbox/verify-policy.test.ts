import { signatureStatement } from '@plimsoll/core/sigstore/statement';
import { PREDICATE_TYPES } from '@plimsoll/core/sigstore/predicates';
import { type AttestedImage, pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { codeOf, EvidenceWorld, reportOf } from '@plimsoll/testkit/evidence/evidence-world';
import { type Claims, DEFAULT_IDENTITY } from '@plimsoll/testkit/world/identity';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const { signature, spdx } = PREDICATE_TYPES;
const STRICT = `verify:
  source-repository: acme/app
  source-repository-id: 1
  source-owner-id: "2"
  ref: refs/heads/main
  runner-environment: github-hosted
  triggers: [push, release]
`;

let bed: EvidenceWorld;

const policy = (text: string) => bed.world.github.setFile('acme/app', '.github/plimsoll.yml', text);

beforeAll(async () => {
  bed = await EvidenceWorld.start();
});
afterAll(() => bed.world.close());

describe('a policy that binds everything', () => {
  let built: AttestedImage;

  beforeAll(async () => {
    built = await pushAttestedImage(bed.repository, 'bound');
    await bed.sign(built);
    policy(STRICT);
  });

  it('lets the right run pass, and says what it asked for', async () => {
    const run = await bed.verify(bed.at(built.digest), { commit: DEFAULT_IDENTITY.sha });
    expect(codeOf(run)).toBeUndefined();
    expect(reportOf(run).policy).toMatchObject({
      commit: DEFAULT_IDENTITY.sha,
      'source repository id': '1',
      'runner environment': 'github-hosted',
      trigger: 'push or release',
    });
  });

  it('refuses an image of another commit', async () => {
    const run = await bed.verify(bed.at(built.digest), { commit: 'b'.repeat(40) });
    expect(codeOf(run)).toBe('verify-untrusted');
    expect(reportOf(run).bundles[0]).toMatchObject({ refusal: 'commit' });
    expect(codeOf(await bed.verify(bed.at(built.digest), { commit: 'b1b1b1b' }))).toBe('input-invalid');
  });

  it.each<[string, string, Claims]>([
    ['by a repository that took over the name', 'source-repository-id', { repository_id: '77' }],
    ['for an owner that took over the name', 'source-owner-id', { repository_owner_id: '88' }],
    ['in a pull request', 'ref', { ref: 'refs/pull/7/merge' }],
    ['on a self-hosted runner', 'runner-environment', { runner_environment: 'self-hosted' }],
    ['by an event that strangers can start', 'trigger', { event_name: 'pull_request_target' }],
    ['by a fork', 'source-repository', { repository: 'fork/app', repository_owner: 'fork' }],
  ])('refuses what was signed %s', async (_name, refusal, claims) => {
    const { digest } = await pushAttestedImage(bed.repository, `refused ${refusal}`);
    await bed.attest(digest, signatureStatement(digest), claims);
    const run = await bed.verify(bed.at(digest));
    expect(codeOf(run)).toBe('verify-untrusted');
    expect(reportOf(run).bundles).toMatchObject([{ predicateType: signature, accepted: false, refusal }]);
  });
});

describe('evidence that is genuine', () => {
  let built: AttestedImage;

  beforeAll(async () => {
    built = await pushAttestedImage(bed.repository, 'content');
    await bed.attest(built.digest, signatureStatement(built.digest));
    await bed.attest(built.digest, { predicateType: spdx, subjects: [built.digest], predicate: { packages: [] } });
  });

  it('is refused when the SBOM is empty', async () => {
    policy('verify: { required: [signature, spdx] }\n');
    const run = await bed.verify(bed.at(built.digest));
    expect(codeOf(run)).toBe('verify-policy');
    expect(run.outputs['reasons']).toBe('sbom-empty');
  });

  it('is refused when it is older than the policy allows', async () => {
    policy('verify: { required: [{ type: signature, max-age: 4w }] }\n');
    expect(codeOf(await bed.verify(bed.at(built.digest)))).toBeUndefined();
    policy('verify: { required: [{ type: signature, max-age: 0s }] }\n');
    const run = await bed.verify(bed.at(built.digest));
    expect(codeOf(run)).toBe('verify-policy');
    expect(reportOf(run).failure?.message).toContain('older than');
  });

  it('is not judged by an age that nobody can read', async () => {
    policy('verify: { required: [{ type: signature, max-age: soon }] }\n');
    expect(codeOf(await bed.verify(bed.at(built.digest)))).toBe('policy-invalid');
  });
});
