import { signatureStatement } from '@plimsoll/core/sigstore/statement';
import { pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { codeOf, EvidenceWorld, reportOf } from '@plimsoll/testkit/evidence/evidence-world';
import type { ActionRun } from '@plimsoll/testkit/runner/run-action';
import type { Claims } from '@plimsoll/testkit/world/identity';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const POLICY = 'verify: { required: [signature] }\n';
/** Two organisations, each with a repository of shared workflows. */
const ACME_SHARED = 'acme/org-infra/.github/workflows/publish.yml@refs/tags/v2';
const BETA_SHARED = 'beta/workflows/.github/workflows/publish.yml@refs/heads/main';
const ACME_CALLER: Claims = {
  workflow_ref: 'acme/tool/.github/workflows/release.yml@refs/heads/main',
  repository: 'acme/tool',
};
const BETA_CALLER: Claims = {
  workflow_ref: 'beta/app/.github/workflows/release.yml@refs/heads/main',
  repository: 'beta/app',
  repository_owner: 'beta',
};

const SHARED_OF_ACME = String.raw`https://github\.com/acme/org-infra/\.github/workflows/[^/]+\.yml@refs/tags/v\d+`;
const CALLERS_OF_ACME = String.raw`https://github\.com/acme/[^/]+/\.github/workflows/release\.yml@refs/heads/main`;

let bed: EvidenceWorld;

const policy = (text: string) => bed.world.github.setFile('acme/app', '.github/plimsoll.yml', text);

beforeAll(async () => {
  bed = await EvidenceWorld.start();
});
afterAll(() => bed.world.close());

/** An image that only this run signed, verified by `acme/app`. */
async function verifySignedBy(claims: Claims, inputs: Readonly<Record<string, string>>): Promise<ActionRun> {
  const { digest } = await pushAttestedImage(bed.repository, JSON.stringify(claims));
  await bed.attest(digest, signatureStatement(digest), claims);
  return bed.verify(bed.at(digest), inputs);
}

describe('an expression for the workflows of an organisation', () => {
  beforeAll(() => policy(POLICY));

  it.each([
    ['shared workflows', SHARED_OF_ACME, { ...ACME_CALLER, job_workflow_ref: ACME_SHARED }],
    ['callers of whatever workflow', CALLERS_OF_ACME, { ...ACME_CALLER, job_workflow_ref: BETA_SHARED }],
  ])('accepts its %s, in any repository of the owner', async (_name, expression, claims) => {
    const run = await verifySignedBy(claims, { 'allowed-identity-regex': expression });
    expect(codeOf(run)).toBeUndefined();
    expect(reportOf(run).policy).toMatchObject({ 'source owner': 'https://github.com/acme', identity: expression });
    expect(run.annotations.filter(({ level }) => level === 'warning')).toEqual([]);
  });

  it.each<[string, string, Claims, string]>([
    [
      'another organisation that calls our workflow',
      SHARED_OF_ACME,
      { ...BETA_CALLER, job_workflow_ref: ACME_SHARED },
      'source-owner',
    ],
    [
      'another organisation, whatever the expression',
      '.*',
      { ...BETA_CALLER, job_workflow_ref: BETA_SHARED },
      'source-owner',
    ],
    [
      'our repository through a workflow that is not named',
      SHARED_OF_ACME,
      { ...ACME_CALLER, job_workflow_ref: BETA_SHARED },
      'identity',
    ],
    ['a part of the identity', 'org-infra', { ...ACME_CALLER, job_workflow_ref: ACME_SHARED }, 'identity'],
  ])('refuses %s', async (_name, expression, claims, reason) => {
    const run = await verifySignedBy(claims, { 'allowed-identity-regex': expression });
    expect(codeOf(run)).toBe('verify-untrusted');
    expect(run.outputs['reasons']).toBe(reason);
  });

  it('lets the other organisation verify what is ours, and one repository alone', async () => {
    const claims = { ...ACME_CALLER, job_workflow_ref: ACME_SHARED };
    const inputs = { 'allowed-identity-regex': SHARED_OF_ACME };
    expect(codeOf(await verifySignedBy(claims, { ...inputs, 'source-repository': 'acme/*' }))).toBeUndefined();
    expect(codeOf(await verifySignedBy(claims, { ...inputs, 'source-repository': 'acme/tool' }))).toBeUndefined();
    const other = await verifySignedBy(claims, { ...inputs, 'source-repository': 'acme/app' });
    expect(other.outputs['reasons']).toBe('source-repository');
  });

  it('warns when it names nobody', async () => {
    const run = await verifySignedBy(
      { ...ACME_CALLER, job_workflow_ref: ACME_SHARED },
      { 'allowed-identity-regex': '.*' },
    );
    expect(codeOf(run)).toBeUndefined();
    expect(run.annotations.filter(({ level }) => level === 'warning')).toHaveLength(1);
  });
});

describe('the same in the policy file', () => {
  it('accepts and refuses alike', async () => {
    policy(`verify: { required: [signature], allowed-identity-regex: '${SHARED_OF_ACME}' }\n`);
    expect(codeOf(await verifySignedBy({ ...ACME_CALLER, job_workflow_ref: ACME_SHARED }, {}))).toBeUndefined();
    const stranger = await verifySignedBy({ ...BETA_CALLER, job_workflow_ref: ACME_SHARED }, {});
    expect(stranger.outputs['reasons']).toBe('source-owner');
  });

  it('is not taken when it names nobody', async () => {
    policy("verify: { allowed-identity-regex: 'https://github.com/.*' }\n");
    const { digest } = await pushAttestedImage(bed.repository, 'wide policy');
    expect(codeOf(await bed.verify(bed.at(digest)))).toBe('policy-invalid');
  });
});
