import type { Digest } from '../oci/digest.ts';
import { GITHUB_ISSUER } from '../policy/schema.ts';
import { cosignType, PREDICATE_TYPES } from '../sigstore/predicates.ts';

export interface VerifyCommandRequest {
  /** `registry/repository`. */
  readonly image: string;
  readonly digest: Digest;
  /** The signer's exact identity: the certificate's subject alternative name. Never a pattern. */
  readonly identity: string;
  readonly issuer?: string;
  /** Predicate types of the attestations; a signature gives `cosign verify`, every other type `cosign verify-attestation`. */
  readonly predicateTypes: readonly string[];
  /** Path of the trusted root; absent for the public instance, which cosign knows. */
  readonly trustedRoot?: string | undefined;
}

/**
 * What a consumer types to check the image without us, one command per kind of evidence, signature first.
 * The identity is given in full and not as a regular expression: cosign matches those anywhere in the text.
 */
export function verifyCommands(request: VerifyCommandRequest): readonly string[] {
  const types = new Set([PREDICATE_TYPES.signature, ...request.predicateTypes]);
  return [...types].map((type) =>
    type === PREDICATE_TYPES.signature
      ? cosign(['verify'], request)
      : cosign(['verify-attestation', '--type', cosignType(type)], request),
  );
}

function cosign(words: readonly string[], request: VerifyCommandRequest): string {
  const { image, digest, identity, issuer = GITHUB_ISSUER, trustedRoot } = request;
  const trust = trustedRoot === undefined ? [] : ['--trusted-root', trustedRoot];
  const signer = ['--certificate-identity', identity, '--certificate-oidc-issuer', issuer];
  return ['cosign', ...words, ...trust, ...signer, `${image}@${digest}`].map(quoted).join(' ');
}

/** As one word of a POSIX shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
