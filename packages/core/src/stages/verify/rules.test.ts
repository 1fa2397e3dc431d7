import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../policy/defaults.ts';
import { GITHUB_ISSUER, type VerifyPolicy } from '../../policy/verify-section.ts';
import { isFailure } from '../../runtime/errors.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import { type IdentityInputs, verifyRules } from './rules.ts';

const github = { repository: 'acme/app', serverUrl: 'https://github.com' };
const SHARED = 'https://github.com/acme/org-infra/.github/workflows/publish.yml@refs/heads/main';

const rules = (inputs: IdentityInputs = {}, policy: Partial<VerifyPolicy> = {}) =>
  verifyRules({ policy: { ...defaultPolicy.verify, ...policy }, policyLabel: 'the defaults', inputs, github });

const codeOf = (body: () => unknown): unknown => {
  try {
    return body();
  } catch (error) {
    return isFailure(error) ? error.code : error;
  }
};

describe('the rules of a verification', () => {
  it('are strict where nobody says anything: this repository, GitHub, all evidence', () => {
    const { identity, identitySource, required } = rules();
    expect(identity.issuer).toBe(GITHUB_ISSUER);
    expect(identity.sourceRepository).toBe('https://github.com/acme/app');
    expect(identity.identities.map(({ text }) => text)).toEqual(['https://github.com/acme/app/.github/workflows/*@**']);
    expect(identitySource).toContain('any of the source repository may sign');
    expect(required).toEqual([
      PREDICATE_TYPES.signature,
      PREDICATE_TYPES.slsaprovenance1,
      PREDICATE_TYPES.spdx,
      PREDICATE_TYPES.verdict,
    ]);
  });

  it('bind this repository also where a shared workflow is named', () => {
    const { identity, identitySource } = rules({ certificateIdentity: SHARED });
    expect(identity.identities.map(({ text }) => text)).toEqual([SHARED]);
    expect(identity.sourceRepository).toBe('https://github.com/acme/app');
    expect(identitySource).toBe('the inputs of this step, then the defaults');
  });

  it('come from the policy, and each input replaces one of them', () => {
    const policy = { identities: [SHARED], sourceRepository: 'acme/base', ref: 'refs/tags/v*' };
    expect(rules({}, policy).identity).toMatchObject({ sourceRepository: 'https://github.com/acme/base' });
    const { identity } = rules({ sourceRepository: 'acme/other' }, policy);
    expect(identity.sourceRepository).toBe('https://github.com/acme/other');
    expect(identity.identities.map(({ text }) => text)).toEqual([SHARED]);
    expect(identity.ref?.text).toBe('refs/tags/v*');
  });

  it('bind the owner alone where an expression says who may sign', () => {
    const expression = 'https://github.com/acme/.*';
    for (const { identity, warnings } of [
      rules({ allowedIdentityRegex: expression }, { identities: [SHARED] }),
      rules({}, { allowedIdentity: expression }),
    ]) {
      expect(identity).toMatchObject({ sourceOwner: 'https://github.com/acme', identities: [] });
      expect(identity.allowed?.text).toBe(expression);
      expect(warnings).toEqual([]);
    }
    const { identity } = rules({ allowedIdentityRegex: expression, sourceRepository: 'acme/app' });
    expect(identity.sourceRepository).toBe('https://github.com/acme/app');
  });

  it('warn of an expression that names nobody, and take only one answer to who may sign', () => {
    expect(rules({ allowedIdentityRegex: '.*' }).warnings).toHaveLength(1);
    expect(codeOf(() => rules({ allowedIdentityRegex: '.*', certificateIdentity: SHARED }))).toBe('input-conflict');
    expect(codeOf(() => rules({ allowedIdentityRegex: '(' }))).toBe('input-invalid');
  });

  it('name the input when an input matches too much', () => {
    expect(codeOf(() => rules({ certificateIdentity: '.*' }))).toBe('input-invalid');
    expect(codeOf(() => rules({}, { identities: ['.*'] }))).toBe('policy-invalid');
  });
});
