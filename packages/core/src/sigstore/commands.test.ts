import { describe, expect, it } from 'vitest';
import { attestationCommand, signatureCommand } from './commands.ts';
import { expectedSigner, isSameSigner } from './token-identity.ts';

const image = `ghcr.io/acme/app@sha256:${'a'.repeat(64)}`;
const signer = {
  issuer: 'https://token.actions.githubusercontent.com',
  identity: 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main',
};

describe('the commands for consumers', () => {
  it('name the exact identity', () => {
    expect(signatureCommand({ image, signer })).toBe(
      `cosign verify --certificate-oidc-issuer ${signer.issuer} --certificate-identity ${signer.identity} ${image}`,
    );
  });

  it('name the predicate type as cosign does, and the trusted root', () => {
    const command = attestationCommand(
      { image, signer, trustedRoot: '/tmp/my root.json' },
      'https://spdx.dev/Document',
    );
    expect(command).toContain('cosign verify-attestation --type spdx ');
    expect(command).toContain(" --trusted-root '/tmp/my root.json' ");
  });

  it('name the caller of a shared workflow, which the identity does not', () => {
    const shared = { ...signer, sourceRepository: 'https://github.com/other/service' };
    expect(signatureCommand({ image, signer: shared })).toContain(
      ' --certificate-github-workflow-repository other/service ',
    );
    const own = { ...signer, sourceRepository: 'https://github.com/acme/app' };
    expect(signatureCommand({ image, signer: own })).toBe(signatureCommand({ image, signer }));
  });

  it('cannot be broken out of', () => {
    const hostile = { ...signer, identity: "https://github.com/a/b/c.yml@refs/heads/x'$(id)" };
    expect(signatureCommand({ image, signer: hostile })).toContain(
      String.raw`'https://github.com/a/b/c.yml@refs/heads/x'\''$(id)'`,
    );
  });
});

describe('the signer that a token promises', () => {
  const token = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`;
  const claims = {
    iss: signer.issuer,
    job_workflow_ref: 'acme/app/.github/workflows/release.yml@refs/heads/main',
    sha: 'b'.repeat(40),
  };

  it('is the workflow that runs, which for a called workflow is not the caller', () => {
    const expected = expectedSigner(token(claims), 'https://github.com/');
    expect(expected).toEqual({ ...signer, sourceDigest: claims.sha });
    expect(isSameSigner(expected, { ...signer, sourceDigest: claims.sha })).toBe(true);
    expect(isSameSigner(expected, { ...signer, sourceDigest: 'c'.repeat(40) })).toBe(false);
  });

  it('is nobody that could be recognised without a workflow', () => {
    const expected = expectedSigner(token({ iss: 'https://issuer.example' }), 'https://github.com');
    expect(isSameSigner(expected, { issuer: 'https://issuer.example', identity: '' })).toBe(false);
  });

  it.each(['', 'x', 'a.b.c', token([])])('cannot be read from %j', (text) => {
    expect(() => expectedSigner(text, 'https://github.com')).toThrow('cannot be read');
  });
});
