import type { Digest } from '../../oci/digest.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import type { IdentityPolicy } from '../../sigstore/identity.ts';
import { predicateName } from '../../sigstore/predicates.ts';
import { expectedSigner } from '../../sigstore/token-identity.ts';
import type { Trust } from '../../sigstore/trusted-root.ts';
import { type Attest, makeBundles } from '../sign/make.ts';
import { isHosted, type SummarySigner } from './summarise.ts';

export interface SigningParts {
  readonly identityToken: string;
  readonly serverUrl: string;
  readonly identity: IdentityPolicy;
  readonly policy: { readonly label: string; readonly digest: Digest };
  readonly attest: Attest;
  /** Whether the summary goes to a transparency log. */
  readonly log: boolean;
  readonly trust: () => Promise<Trust>;
  /** Where new bundles are kept. */
  readonly directory: string;
}

/** @throws PlimsollError `oidc-failed` when the token names no workflow */
export function summarySigner(parts: SigningParts): SummarySigner {
  const { identityToken, serverUrl, attest, log, trust, directory } = parts;
  const { identity: verifier } = expectedSigner(identityToken, serverUrl);
  if (verifier === undefined) throw nobody();
  return {
    verifier,
    policy: { uri: parts.policy.label, digest: parts.policy.digest },
    hosted: isHosted(parts.identity),
    sign: async (statement, root) => {
      const planned = { name: predicateName(statement.predicateType), about: root.digest, statement, targets: [root] };
      const { material } = await trust();
      const made = await makeBundles([planned], { attest, identityToken, log, trust: material, directory });
      const bundle = made.get(planned);
      if (bundle === undefined) throw unmade();
      return bundle;
    },
  };
}

function nobody(): PlimsollError {
  return new PlimsollError('oidc-failed', 'The OpenID Connect token names no workflow that could be the verifier', {
    hint: 'Run this in a job of GitHub Actions, or leave "vsa" out.',
  });
}

function unmade(): PlimsollError {
  return new PlimsollError('sign-failed', 'The verification summary was not made', { hint: 'Run again.' });
}
