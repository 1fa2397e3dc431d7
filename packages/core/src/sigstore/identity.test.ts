import { describe, expect, it } from 'vitest';
import { isFailure } from '../runtime/errors.ts';
import { identityPolicy } from './identity.ts';
import { identityMismatch } from './identity-mismatch.ts';
import { compileExpression } from './identity-expression.ts';
import { compileIdentity } from './identity-pattern.ts';
import type { Signer } from './signer.ts';

const ISSUER = 'https://token.actions.githubusercontent.com';
const WORKFLOW = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main';

const signer = (changed: Partial<Signer> = {}): Signer => ({
  issuer: ISSUER,
  identity: WORKFLOW,
  sourceRepository: 'https://github.com/acme/app',
  sourceRef: 'refs/heads/main',
  ...changed,
});

const codeOf = (body: () => unknown): string => {
  try {
    body();
  } catch (error) {
    if (isFailure(error)) return error.code;
  }
  return 'accepted';
};

describe('an identity in a policy', () => {
  it.each([
    '.*',
    '^.*$',
    'https://github.com/acme/.*',
    'https://github.com/acme/app/.github/workflows/release.yml@refs/(heads|tags)/.+',
    '^https://github.com/acme/app/',
    'https://github\\.com/acme/app',
    '*',
    '**',
    'https://**',
    'https://*/acme/app/x.yml@refs/heads/main',
    'https://github.com/*/app/.github/workflows/release.yml@refs/heads/main',
    'https://github.com/ac*/app/.github/workflows/release.yml@refs/heads/main',
    '*://github.com/acme/app/x',
  ])('refuses %s, which is not tied to one owner', (text) => {
    expect(codeOf(() => compileIdentity(text))).toBe('policy-invalid');
  });

  it.each([
    [WORKFLOW, WORKFLOW, true],
    [WORKFLOW, `${WORKFLOW}x`, false],
    [WORKFLOW, `https://evil.example/${WORKFLOW}`, false],
    ['https://github.com/acme/app/.github/workflows/*@**', WORKFLOW, true],
    ['https://github.com/acme/app/.github/workflows/*@refs/heads/*', WORKFLOW, true],
    ['https://github.com/acme/app/.github/workflows/*@refs/tags/*', WORKFLOW, false],
    ['https://github.com/acme/app/.github/workflows/*@refs/heads/*', `${WORKFLOW}/deep`, false],
    ['https://github.com/acme/*/.github/workflows/release.yml@refs/heads/main', WORKFLOW, true],
    ['https://github.com/acme/app/.github/workflows/release-yml@refs/heads/main', WORKFLOW, false],
    ['https://github.com/acme/app/**', `https://evil.example/?https://github.com/acme/app/x`, false],
    ['https://github.com/acme/app/**', 'https://github.com/acme/app-evil/x', false],
    [
      'https://github.com/acme/app/.github/workflows/*@**',
      'https://githubxcom/acme/app/.github/workflows/a.yml@r',
      false,
    ],
  ])('%s against %s is %s', (pattern, identity, expected) => {
    expect(compileIdentity(pattern).matches(identity)).toBe(expected);
  });
});

describe('an identity policy', () => {
  const policy = identityPolicy({ issuer: ISSUER, sourceRepository: 'acme/app' });

  it('lets any workflow of the repository sign when none is named', () => {
    expect(identityMismatch(policy, signer())).toBeUndefined();
  });

  it.each<[string, Partial<Signer>]>([
    ['issuer', { issuer: 'https://evil.example' }],
    ['issuer', { issuer: `${ISSUER}/` }],
    ['source repository', { sourceRepository: 'https://github.com/evil/app' }],
    ['identity', { identity: 'https://github.com/evil/app/.github/workflows/release.yml@refs/heads/main' }],
    ['identity', { identity: 'somebody@example.com' }],
  ])('refuses another %s', (part, changed) => {
    expect(identityMismatch(policy, signer(changed))?.reason).toMatch(new RegExp(`^${part} is `));
  });

  it('refuses a signer that does not state its repository', () => {
    const { sourceRepository: _left, ...stranger } = signer();
    expect(identityMismatch(policy, stranger)?.reason).toBe(
      'source repository is not stated, not https://github.com/acme/app',
    );
  });

  it('knows that a repository name has no case', () => {
    const shouted = identityPolicy({ issuer: ISSUER, sourceRepository: 'ACME/App', identities: [WORKFLOW] });
    expect(identityMismatch(shouted, signer())).toBeUndefined();
  });

  it('binds an owner where any repository of theirs will do', () => {
    const owned = identityPolicy({ issuer: ISSUER, sourceRepository: 'Acme/*', identities: [WORKFLOW] });
    expect(identityMismatch(owned, signer())).toBeUndefined();
    expect(identityMismatch(owned, signer({ sourceRepository: 'https://github.com/acme/other' }))).toBeUndefined();
    const stranger = signer({ sourceRepository: 'https://github.com/acme-evil/app' });
    expect(identityMismatch(owned, stranger)?.part).toBe('source-owner');
  });

  it('takes an expression for the identity or for the workflow that called it', () => {
    const allowed = compileExpression('https://github.com/acme/.*');
    const wide = identityPolicy({ issuer: ISSUER, sourceRepository: 'acme/*', allowed });
    const shared = 'https://github.com/beta/shared/.github/workflows/x.yml@refs/heads/main';
    expect(identityMismatch(wide, signer())).toBeUndefined();
    expect(identityMismatch(wide, signer({ identity: shared }))?.part).toBe('identity');
    expect(identityMismatch(wide, signer({ identity: shared, buildConfig: WORKFLOW }))).toBeUndefined();
  });

  it('binds the ref when one is given', () => {
    const released = identityPolicy({ issuer: ISSUER, identities: [WORKFLOW], ref: 'refs/tags/v*' });
    expect(identityMismatch(released, signer())?.reason).toBe('ref is refs/heads/main, not refs/tags/v*');
    expect(identityMismatch(released, signer({ sourceRef: 'refs/tags/v1.2.3' }))).toBeUndefined();
  });

  const everything = {
    sourceRepositoryId: '1',
    sourceOwnerId: '2',
    commit: 'a'.repeat(40),
    runnerEnvironment: 'github-hosted',
  };
  const certificate = {
    sourceRepositoryId: '1',
    sourceOwnerId: '2',
    sourceDigest: 'a'.repeat(40),
    runnerEnvironment: 'github-hosted',
    trigger: 'release',
  };

  it.each<[string, Partial<Signer>]>([
    ['source-repository-id', { sourceRepositoryId: '10' }],
    ['source-owner-id', { sourceOwnerId: '20' }],
    ['commit', { sourceDigest: 'b'.repeat(40) }],
    ['runner-environment', { runnerEnvironment: 'self-hosted' }],
    ['trigger', { trigger: 'pull_request_target' }],
  ])('binds the %s, and what a certificate does not state never matches', (part, changed) => {
    const rules = { issuer: ISSUER, sourceRepository: 'acme/app', triggers: ['push', 'release'], ...everything };
    const strict = identityPolicy(rules);
    expect(identityMismatch(strict, signer(certificate))).toBeUndefined();
    expect(identityMismatch(strict, signer({ ...certificate, ...changed }))?.part).toBe(part);
    const without = Object.fromEntries(Object.entries(certificate).filter(([name]) => !(name in changed)));
    expect(identityMismatch(strict, signer(without))).toMatchObject({
      part,
      reason: expect.stringContaining('not stated'),
    });
  });

  it('does not take a short commit', () => {
    const rules = { issuer: ISSUER, sourceRepository: 'acme/app', commit: 'abc1234' };
    expect(codeOf(() => identityPolicy({ ...rules, code: 'input-invalid' }))).toBe('input-invalid');
  });

  it('needs somebody to be named', () => {
    expect(codeOf(() => identityPolicy({ issuer: ISSUER }))).toBe('policy-invalid');
    expect(codeOf(() => identityPolicy({ issuer: ISSUER, code: 'input-invalid' }))).toBe('input-invalid');
  });

  it.each(['acme', 'acme/app/x', 'https://github.com/acme', 'https://*/acme/app', '*/app', 'acme/a*'])(
    'does not take %s for a repository',
    (sourceRepository) => {
      expect(codeOf(() => identityPolicy({ issuer: ISSUER, sourceRepository }))).toBe('policy-invalid');
    },
  );
});
