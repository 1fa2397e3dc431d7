import type { IdentityPolicy } from './identity.ts';
import type { Signer } from './signer.ts';

/** Which part of a certificate is not the one that the policy wants. */
export type IdentityPart =
  | 'issuer'
  | 'source-repository'
  | 'source-owner'
  | 'source-repository-id'
  | 'source-owner-id'
  | 'identity'
  | 'commit'
  | 'ref'
  | 'runner-environment'
  | 'trigger';

export interface IdentityMismatch {
  readonly part: IdentityPart;
  readonly reason: string;
}

interface Check {
  readonly part: IdentityPart;
  readonly actual: (signer: Signer) => string | undefined;
  /** What the policy asks for, in words; `undefined` when it does not care. */
  readonly wanted: (policy: IdentityPolicy) => string | undefined;
  readonly matches: (actual: string, policy: IdentityPolicy, signer: Signer) => boolean;
}

/** In the order in which a person would ask; the first that differs is told. */
const CHECKS: readonly Check[] = [
  {
    part: 'issuer',
    actual: ({ issuer }) => issuer,
    wanted: ({ issuer }) => issuer,
    matches: (actual, { issuer }) => actual === issuer,
  },
  {
    part: 'source-repository',
    actual: ({ sourceRepository }) => sourceRepository,
    wanted: ({ sourceRepository }) => sourceRepository,
    matches: (actual, { sourceRepository = '' }) => actual.toLowerCase() === sourceRepository.toLowerCase(),
  },
  {
    part: 'source-owner',
    actual: ({ sourceRepository }) => sourceRepository?.slice(0, sourceRepository.lastIndexOf('/')),
    wanted: ({ sourceOwner }) => sourceOwner,
    matches: (actual, { sourceOwner = '' }) => actual.toLowerCase() === sourceOwner.toLowerCase(),
  },
  {
    part: 'source-repository-id',
    actual: ({ sourceRepositoryId }) => sourceRepositoryId,
    wanted: ({ sourceRepositoryId }) => sourceRepositoryId,
    matches: (actual, { sourceRepositoryId }) => actual === sourceRepositoryId,
  },
  {
    part: 'source-owner-id',
    actual: ({ sourceOwnerId }) => sourceOwnerId,
    wanted: ({ sourceOwnerId }) => sourceOwnerId,
    matches: (actual, { sourceOwnerId }) => actual === sourceOwnerId,
  },
  {
    part: 'identity',
    actual: ({ identity }) => identity,
    wanted: ({ identities, allowed }) =>
      [...identities, ...(allowed ? [allowed] : [])].map(({ text }) => text).join(' or '),
    matches: (actual, { identities, allowed }, { buildConfig }) =>
      identities.some((pattern) => pattern.matches(actual)) ||
      (allowed !== undefined && [actual, buildConfig ?? ''].some((each) => allowed.matches(each))),
  },
  {
    part: 'commit',
    actual: ({ sourceDigest }) => sourceDigest,
    wanted: ({ commit }) => commit,
    matches: (actual, { commit }) => actual === commit,
  },
  {
    part: 'ref',
    actual: ({ sourceRef }) => sourceRef,
    wanted: ({ ref }) => ref?.text,
    matches: (actual, { ref }) => ref?.matches(actual) === true,
  },
  {
    part: 'runner-environment',
    actual: ({ runnerEnvironment }) => runnerEnvironment,
    wanted: ({ runnerEnvironment }) => runnerEnvironment,
    matches: (actual, { runnerEnvironment }) => actual === runnerEnvironment,
  },
  {
    part: 'trigger',
    actual: ({ trigger }) => trigger,
    wanted: ({ triggers }) => triggers?.join(' or '),
    matches: (actual, { triggers }) => triggers?.includes(actual) === true,
  },
];

/** Why this signer is not the one that the policy wants; `undefined` when it is. What is not stated never matches. */
export function identityMismatch(policy: IdentityPolicy, signer: Signer): IdentityMismatch | undefined {
  for (const { part, actual, wanted, matches } of CHECKS) {
    const asked = wanted(policy);
    const stated = actual(signer);
    if (asked === undefined || (stated !== undefined && matches(stated, policy, signer))) continue;
    return { part, reason: `${part.replaceAll('-', ' ')} is ${stated ?? 'not stated'}, not ${asked}` };
  }
  return undefined;
}

/** The policy in words, for a summary. */
export function describePolicy(policy: IdentityPolicy): Readonly<Record<string, string>> {
  const words = CHECKS.flatMap(({ part, wanted }) => {
    const text = wanted(policy);
    return text === undefined ? [] : [[part.replaceAll('-', ' '), text] as const];
  });
  return Object.fromEntries(words);
}
