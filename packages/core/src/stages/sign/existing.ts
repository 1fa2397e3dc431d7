import type { TrustMaterial } from '@sigstore/verify';
import type { Digest } from '../../oci/digest.ts';
import { isAbout, parseBundle } from '../../sigstore/bundle.ts';
import type { Signer } from '../../sigstore/signer.ts';
import { statementKey } from '../../sigstore/statement.ts';
import { type VerifiedBundle, verifyBundle } from '../../sigstore/verify.ts';
import type { FoundBundle } from '../verify/discover.ts';

/** A bundle of ours that an earlier run attached, and to what. */
export interface ExistingBundle {
  readonly verified: VerifiedBundle;
  readonly attachedTo: ReadonlySet<Digest>;
}

/**
 * Genuine bundles of this signer, by what they claim. What does not verify, or is somebody else's,
 * is left where it is and counts for nothing.
 */
export function existingBundles(
  found: readonly FoundBundle[],
  trust: TrustMaterial,
  isOurs: (signer: Signer) => boolean,
): ReadonlyMap<Digest, ExistingBundle> {
  const existing = new Map<Digest, ExistingBundle & { attachedTo: Set<Digest> }>();
  for (const { content, subject } of found) {
    const verified = 'bytes' in content ? genuine(content.bytes, subject, trust) : undefined;
    if (verified === undefined || !isOurs(verified.signer)) continue;
    const key = statementKey(verified.statement);
    const known = existing.get(key);
    if (known === undefined) existing.set(key, { verified, attachedTo: new Set([subject]) });
    else if (known.verified.bytes.equals(verified.bytes)) known.attachedTo.add(subject);
  }
  return existing;
}

function genuine(bytes: Buffer, subject: Digest, trust: TrustMaterial): VerifiedBundle | undefined {
  try {
    const bundle = parseBundle(bytes);
    return isAbout(bundle.statement, subject) ? verifyBundle(bundle, trust) : undefined;
  } catch {
    // Not a bundle that anybody would accept: `verify` tells why, here it only means that ours has to be made.
    return undefined;
  }
}
