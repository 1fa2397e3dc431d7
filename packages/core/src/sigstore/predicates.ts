/**
 * Predicate types by the short names that people write. The names are those of `cosign attest --type`
 * where cosign has one, so that a printed command and a policy read alike.
 */
export const PREDICATE_TYPES = {
  signature: 'https://sigstore.dev/cosign/sign/v1',
  spdx: 'https://spdx.dev/Document',
  cyclonedx: 'https://cyclonedx.org/bom',
  slsaprovenance1: 'https://slsa.dev/provenance/v1',
  slsaprovenance02: 'https://slsa.dev/provenance/v0.2',
  vuln: 'https://cosign.sigstore.dev/attestation/vuln/v1',
  vulns: 'https://in-toto.io/attestation/vulns/v0.2',
  openvex: 'https://openvex.dev/ns',
  'test-result': 'https://in-toto.io/attestation/test-result/v0.1',
  vsa: 'https://slsa.dev/verification_summary/v1',
  verdict: 'https://github.com/plimsoll-ci/plimsoll/attestation/verdict/v1',
  exception: 'https://github.com/plimsoll-ci/plimsoll/attestation/exception/v1',
} as const;

export type PredicateName = keyof typeof PREDICATE_TYPES;

/** The names as the `--type` of `cosign verify-attestation`; the others are given to it as a URI. */
const COSIGN_TYPES: readonly string[] = ['cyclonedx', 'openvex', 'slsaprovenance02', 'slsaprovenance1', 'spdx', 'vuln'];

const NAMES: ReadonlyMap<string, string> = new Map(Object.entries(PREDICATE_TYPES).map(([name, type]) => [type, name]));
const TYPES: ReadonlyMap<string, string> = new Map(Object.entries(PREDICATE_TYPES));

/** The URI behind a short name; a URI is its own; `undefined` for anything else. */
export function predicateType(nameOrType: string): string | undefined {
  const known = TYPES.get(nameOrType);
  if (known !== undefined) return known;
  return /^[a-z][a-z0-9+.-]*:\S+$/i.test(nameOrType) ? nameOrType : undefined;
}

/** What a person calls a predicate type: the short name, or the URI itself. */
export function predicateName(type: string): string {
  return NAMES.get(type) ?? type;
}

/** The argument for `cosign verify-attestation --type`. */
export function cosignType(type: string): string {
  const name = predicateName(type);
  return COSIGN_TYPES.includes(name) ? name : type;
}
