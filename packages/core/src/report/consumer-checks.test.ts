import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { digestOf } from '../oci/digest.ts';
import { parsePolicy } from '../policy/load.ts';
import { identityMismatch } from '../sigstore/identity-mismatch.ts';
import { PREDICATE_TYPES } from '../sigstore/predicates.ts';
import type { Signer } from '../sigstore/signer.ts';
import { verifyRules } from '../stages/verify/rules.ts';
import type { BundleReport, VerifyReport } from '../stages/verify/report.ts';
import { CLUSTER_IMAGE_POLICY, KYVERNO_POLICY } from '@plimsoll/testkit/evidence/admission-schemas';
import { consumerSnippets } from './consumer-checks.ts';
import { verifySummary } from './verify-summary.ts';

const { signature, slsaprovenance1, spdx } = PREDICATE_TYPES;
const digest = digestOf(Buffer.from('image'));
const OWN: Signer = {
  issuer: 'https://token.actions.githubusercontent.com',
  identity: 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main',
  sourceRepository: 'https://github.com/acme/app',
  sourceRepositoryId: '1',
  sourceOwnerId: '2',
  sourceRef: 'refs/heads/main',
  runnerEnvironment: 'github-hosted',
  trigger: 'push',
};
const SHARED: Signer = {
  ...OWN,
  identity: 'https://github.com/acme/org-infra/.github/workflows/publish.yml@refs/tags/v2',
};

const bundle = (signer: Signer, predicateType: string): BundleReport => ({
  referrer: digest,
  subject: digest,
  subjectName: 'index',
  predicateType,
  accepted: true,
  signedAt: '2026-01-01T00:00:00.000Z',
  ...signer,
});
const report = (signer: Signer, verified = true): VerifyReport => ({
  version: 1,
  repository: 'ghcr.io/acme/app',
  digest,
  outcome: verified ? 'verified' : 'policy',
  verified,
  policy: {},
  requirements: [],
  bundles: [signature, slsaprovenance1, spdx].map((type) => bundle(signer, type)),
  lost: [],
  checkedAt: '2026-01-01T00:00:00.000Z',
});

/** The code blocks of the snippets, in their order. */
const blocks = (signer: Signer) =>
  consumerSnippets(report(signer)).map((snippet) => /```\w+\n([\s\S]*?)```/.exec(snippet)?.[1] ?? '');

describe.each([
  ['a workflow of the repository', OWN],
  ['a shared workflow', SHARED],
])('checks to copy for %s', (_name, signer) => {
  const [github = '', kyverno = '', controller = '', policy = ''] = blocks(signer);

  it('name the caller and the exact signer to the GitHub CLI', () => {
    const command = github.replaceAll(/\s+\\\s+/g, ' ');
    expect(command).toContain(
      `gh attestation verify oci://ghcr.io/acme/app@${digest} --bundle-from-oci --repo acme/app`,
    );
    expect(command).toContain(` --cert-identity ${signer.identity} `);
    expect(command).toContain(` --predicate-type ${slsaprovenance1}`);
  });

  it('are a Kyverno policy', () => {
    const document: unknown = parse(kyverno);
    const validate = new Ajv({ strict: true }).compile(KYVERNO_POLICY);
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    for (const type of [signature, slsaprovenance1, spdx]) expect(kyverno).toContain(`type: "${type}"`);
  });

  it('are a policy-controller policy for each kind of evidence, all of which must agree', () => {
    const documents = parseAllDocuments(controller).map((each) => each.toJS() as { metadata: { name: string } });
    const validate = new Ajv({ strict: true }).compile(CLUSTER_IMAGE_POLICY);
    for (const each of documents) expect(validate(each), JSON.stringify(validate.errors)).toBe(true);
    expect(new Set(documents.map(({ metadata }) => metadata.name)).size).toBe(3);
  });

  it('name nobody by a pattern', () => {
    for (const text of [github, kyverno, controller, policy]) expect(text).not.toMatch(/regexp?|\.\*/i);
  });

  it('say where a caller cannot be named', () => {
    for (const text of [kyverno, controller]) expect(text.startsWith('# ')).toBe(signer === SHARED);
  });

  it('are a policy file that accepts this signer and nobody else', () => {
    const { verify } = parsePolicy(policy, 'policy');
    const run = { repository: 'evil/app', serverUrl: 'https://github.com' };
    const { identity } = verifyRules({ policy: verify, policyLabel: 'policy', inputs: {}, github: run });
    expect(identityMismatch(identity, signer)).toBeUndefined();
    for (const [field, value] of Object.entries(signer)) {
      expect(identityMismatch(identity, { ...signer, [field]: `${value}x` }), field).toBeDefined();
    }
  });
});

describe('the summary', () => {
  it('has the graph, and every bundle with who, for what and when', () => {
    const summary = verifySummary(report(OWN));
    expect(summary).toContain('```mermaid');
    expect(summary).toContain('https://github.com/acme/app@refs/heads/main');
  });

  it('has no check to copy for an image that is not verified', () => {
    expect(consumerSnippets(report(OWN, false))).toEqual([]);
  });
});
