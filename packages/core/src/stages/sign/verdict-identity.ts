import { GITHUB_ISSUER } from '../../policy/verify-section.ts';
import { type IdentityPolicy, identityPolicy } from '../../sigstore/identity.ts';
import { KEY_ISSUER, keyIdentity } from '../../sigstore/key-signer.ts';
import type { ExpectedSigner } from '../../sigstore/token-identity.ts';

const WORKFLOW = /\/\.github\/workflows\/[^/]+@.*$/;
const ANY_WORKFLOW = '/.github/workflows/*@**';

/**
 * Whose verdict a signing job may rely on: runs of this repository, with a workflow of this
 * repository or of the one whose shared workflow is signing now.
 */
export function verdictIdentity(
  expected: ExpectedSigner | undefined,
  { repository, serverUrl }: { readonly repository: string; readonly serverUrl: string },
): IdentityPolicy {
  if (expected?.issuer === KEY_ISSUER && expected.identity !== undefined) return keyIdentity(expected.identity);
  const called = expected?.identity ?? '';
  const shared = WORKFLOW.test(called) ? [called.replace(WORKFLOW, ANY_WORKFLOW)] : [];
  return identityPolicy({
    issuer: expected?.issuer ?? GITHUB_ISSUER,
    identities: [`${serverUrl}/${repository}${ANY_WORKFLOW}`, ...shared],
    sourceRepository: repository,
    serverUrl,
    code: 'event-invalid',
  });
}
