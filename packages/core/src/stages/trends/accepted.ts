import type { ContentSource } from '../../oci/content.ts';
import type { Digest } from '../../oci/digest.ts';
import type { IdentityPolicy } from '../../sigstore/identity.ts';
import type { Trust } from '../../sigstore/trusted-root.ts';
import type { ProofRules, VerifiedBundle } from '../../sigstore/verify.ts';
import { discoverBundles } from '../verify/discover.ts';
import { judgeBundle } from '../verify/judge.ts';
import { createProver } from '../verify/prove.ts';

export interface AcceptedPorts {
  readonly source: ContentSource;
  readonly trust: () => Promise<Trust>;
  /** Who may have signed; without a commit, since every release has another. */
  readonly identity: IdentityPolicy;
  readonly log: ProofRules['log'];
}

/** The evidence of these predicate types on a digest that holds; the rest counts for nothing. */
export type Accepted = (digest: Digest, predicateTypes: readonly string[]) => Promise<readonly VerifiedBundle[]>;

/** What is about a platform names the index as well, so one list of referrers tells everything. */
export function acceptedReader({ source, trust, identity, log }: AcceptedPorts): Accepted {
  return async (digest, predicateTypes) => {
    const { material } = await trust();
    const prove = createProver(material, { log });
    const found = await discoverBundles(source, [digest], predicateTypes);
    return found.flatMap((each) => {
      const judged = judgeBundle(each, { prove, identity });
      return judged.accepted ? [judged.verified] : [];
    });
  };
}
