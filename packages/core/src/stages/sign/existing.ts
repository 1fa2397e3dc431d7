import type { Digest } from '../../oci/digest.ts';
import { isAbout } from '../../sigstore/bundle.ts';
import type { Signer } from '../../sigstore/signer.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import { claimKey } from './claim-key.ts';
import type { FoundBundle } from '../verify/discover.ts';
import type { Prover } from '../verify/prove.ts';

/** A bundle of ours that an earlier run made, and to what it is attached. */
export interface ExistingBundle {
  readonly verified: VerifiedBundle;
  readonly attachedTo: ReadonlySet<Digest>;
}

/**
 * Genuine bundles of this signer, by what they claim. What does not verify, or is somebody else's,
 * is left where it is and counts for nothing: `verify` tells why, here ours has to be made.
 */
export function existingBundles(
  { found, kept }: { readonly found: readonly FoundBundle[]; readonly kept: readonly Buffer[] },
  prove: Prover,
  isOurs: (signer: Signer) => boolean,
): ReadonlyMap<Digest, ExistingBundle> {
  const existing = new Map<Digest, ExistingBundle & { attachedTo: Set<Digest> }>();
  for (const { content, subject } of found) {
    const verified = 'bytes' in content ? genuine(content.bytes, prove) : undefined;
    if (verified === undefined || !isAbout(verified.statement, subject) || !isOurs(verified.signer)) continue;
    const key = claimKey(verified.statement);
    const known = existing.get(key);
    if (known === undefined) existing.set(key, { verified, attachedTo: new Set([subject]) });
    else if (known.verified.bytes.equals(verified.bytes)) known.attachedTo.add(subject);
  }
  for (const bytes of kept) {
    const verified = genuine(bytes, prove);
    if (verified === undefined || !isOurs(verified.signer)) continue;
    const key = claimKey(verified.statement);
    if (!existing.has(key)) existing.set(key, { verified, attachedTo: new Set() });
  }
  return existing;
}

function genuine(bytes: Buffer, prove: Prover): VerifiedBundle | undefined {
  const proof = prove(bytes);
  return proof.kind === 'genuine' ? proof.bundle : undefined;
}
