import type { Digest } from '../oci/digest.ts';
import { GITHUB_ISSUER } from '../policy/verify-section.ts';
import { attestationCommand, signatureCommand } from '../sigstore/commands.ts';
import { PREDICATE_TYPES } from '../sigstore/predicates.ts';

export interface VerifyCommandRequest {
  /** `registry/repository`. */
  readonly image: string;
  readonly digest: Digest;
  /** The signer's exact identity: the certificate's subject alternative name. Never a pattern. */
  readonly identity: string;
  readonly issuer?: string;
  /** URL of the repository whose run signed; named in the command where the identity does not tell it. */
  readonly sourceRepository?: string | undefined;
  /** Predicate types of the attestations; a signature gives `cosign verify`, every other type `cosign verify-attestation`. */
  readonly predicateTypes: readonly string[];
  /** Path of the trusted root; absent for the public instance, which cosign knows. */
  readonly trustedRoot?: string | undefined;
  /** True where no transparency log has the signatures. */
  readonly unlogged?: boolean | undefined;
}

/**
 * What a consumer types to check the image without us, one command per kind of evidence, signature first.
 * The identity is given in full and not as a regular expression: cosign matches those anywhere in the text.
 */
export function verifyCommands(request: VerifyCommandRequest): readonly string[] {
  const { image, digest, identity, issuer = GITHUB_ISSUER, sourceRepository, trustedRoot, unlogged } = request;
  const signer = { identity, issuer, ...(sourceRepository === undefined ? {} : { sourceRepository }) };
  const command = { image: `${image}@${digest}`, signer, trustedRoot, unlogged };
  const types = new Set(request.predicateTypes);
  types.delete(PREDICATE_TYPES.signature);
  return [signatureCommand(command), ...[...types].map((type) => attestationCommand(command, type))];
}
