import { requestIdToken } from '@plimsoll/core/github/oidc';
import { identityPolicyText, identityWords } from '@plimsoll/core/report/identity-policy';
import { isFailure } from '@plimsoll/core/runtime/errors';
import { createHttp } from '@plimsoll/core/runtime/http';
import { signerOfToken } from '@plimsoll/core/sigstore/token-identity';
import { failed, print } from './streams.ts';

/** Good for nothing else: no service takes a token for this audience. */
const AUDIENCE = 'plimsoll-identity';

/**
 * The identity assistant: what the certificate of a signature made by this very job will say, as a policy. Run as a step of the
 * job that signs, in the workflow that is called where one is called.
 * @returns the exit code
 */
export async function printIdentity(env: Readonly<Record<string, string | undefined>>, json: boolean): Promise<number> {
  await using http = createHttp();
  try {
    // The token is never shown, so there is nothing to mask.
    const token = await requestIdToken(env, AUDIENCE, { http, masker: { mask: () => {} } });
    const signer = signerOfToken(token, env['GITHUB_SERVER_URL'] ?? 'https://github.com');
    const [words, policy] = [identityWords(signer), identityPolicyText(signer)];
    print(
      json ? JSON.stringify({ words, policy }, undefined, 2) : [...words.map((line) => `# ${line}`), policy].join('\n'),
    );
    return 0;
  } catch (error) {
    if (!isFailure(error)) throw error;
    return failed(error, json);
  }
}
