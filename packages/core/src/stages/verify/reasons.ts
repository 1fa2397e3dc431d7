/**
 * Why one bundle does not count, with what it means. `docs/verify.md` is generated from this table. A bundle that is
 * refused for a part of its signer's identity (the second half) is genuine.
 */
export const REFUSALS = {
  unreadable: 'It is listed, but the registry does not have it, or its manifest refers to another digest.',
  malformed: 'It is not a Sigstore bundle with a signed in-toto statement.',
  subject: 'It is about another digest: the evidence of another image, or of an older one, was hung on this one.',
  signature: 'The signature is not over this statement.',
  certificate: 'The certificate was not issued by the trusted authority, or its issue was never logged.',
  time: 'No trusted time proves that it was signed while the certificate was valid.',
  log: 'No trusted transparency log proves that it holds this very signature.',
  issuer: 'The identity was confirmed by another issuer.',
  'source-repository': "The signing run was another repository's, such as a fork's.",
  'source-owner': 'The signing run was of a repository of another owner.',
  'source-repository-id': 'The repository has the right name and another number: the name was taken over.',
  'source-owner-id': 'The owner has the right name and another number: the name was taken over.',
  identity: 'Another workflow signed.',
  commit: 'The signing run was for another commit.',
  ref: 'The signing run was for another branch or tag, or for a pull request.',
  'runner-environment': 'The signing run was on a runner of another kind.',
  trigger: 'Another event started the signing run.',
} as const;

/** Why genuine evidence of a wanted signer, taken together, is not enough. Generated into the same page. */
export const SHORTCOMINGS = {
  lost: 'There was evidence, and it is no longer listed: another program overwrote the list of referrers. Sign again: what was kept is put back.',
  missing: 'A required kind of evidence is not there, or not for every platform.',
  'too-old': 'It was signed longer ago than the policy allows.',
  'in-future': "It was signed later than this machine's clock: one of the two clocks is wrong.",
  builder: 'The provenance names another builder than the policy allows.',
  'provenance-commit': 'The provenance is of another commit than the certificate.',
  'sbom-empty': 'The SBOM lists nothing.',
  'sbom-foreign': 'The SBOM is of another operating system than the one that the scan found in the image.',
  'sbom-incomplete':
    'The SBOM does not name a vulnerable package of the operating system that the scan found in the image.',
  'too-many-findings': 'The scan found more vulnerabilities of a severity than the policy lets pass.',
  'scan-failed': 'The newest scan verdict is not a pass, whatever an older one says.',
  'scan-unclear': 'The newest scan verdict cannot be read, or does not cover the whole image.',
} as const;

export type Refusal = keyof typeof REFUSALS;
export type Shortcoming = keyof typeof SHORTCOMINGS;

/** The codes of a verification, for programs: every one has a test, a meaning and a place in the documentation. */
export type Reason = Refusal | Shortcoming;
