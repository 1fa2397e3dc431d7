import type { TrustMaterial } from '@sigstore/verify';
import { type AttestationBundle, parseBundle } from '../../sigstore/bundle.ts';
import { type Fault, faultOf, type ProofRules, type VerifiedBundle, verifyBundle } from '../../sigstore/verify.ts';

/** What bytes turned out to be, whoever signed them and whatever they are about. */
export type Proof =
  | { readonly kind: 'genuine'; readonly bundle: VerifiedBundle }
  /** Can be read, but the signature, its certificate, log entry or time does not hold. */
  | { readonly kind: 'false'; readonly bundle: AttestationBundle; readonly fault: Fault; readonly reason: string }
  | { readonly kind: 'malformed'; readonly reason: string };

export type Prover = (bytes: Buffer) => Proof;

/** Proves each buffer once: one bundle hangs on the index and on its platforms, and a proof takes milliseconds. */
export function createProver(trust: TrustMaterial, rules?: ProofRules): Prover {
  const proofs = new Map<Buffer, Proof>();
  return (bytes) => {
    const proof = proofs.get(bytes) ?? prove(bytes, trust, rules);
    proofs.set(bytes, proof);
    return proof;
  };
}

/** One bad bundle is a fact about that bundle, so nothing is thrown. */
function prove(bytes: Buffer, trust: TrustMaterial, rules: ProofRules | undefined): Proof {
  let bundle: AttestationBundle | undefined;
  try {
    bundle = parseBundle(bytes);
    return { kind: 'genuine', bundle: verifyBundle(bundle, trust, rules) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return bundle === undefined
      ? { kind: 'malformed', reason }
      : { kind: 'false', bundle, fault: faultOf(error), reason };
  }
}
