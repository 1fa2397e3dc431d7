import type { GitHubApi } from '../../github/api.ts';
import { baseCommit, fetchBaseFiles } from '../../github/base-lockfiles.ts';
import type { GitHubContext } from '../../github/context.ts';
import type { Inputs } from '../../github/inputs.ts';
import type { LoadedPolicy } from '../../github/policy-file.ts';
import type { ContentSource } from '../../oci/content.ts';
import { parseReference, type RepositoryName } from '../../oci/reference.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import type { Trust } from '../../sigstore/trusted-root.ts';
import { verifyRules } from '../verify/rules.ts';
import { readAttestedImage } from './attested-image.ts';
import type { ReadAttested } from './baselines.ts';
import type { ScanRequest } from './plan.ts';
import type { BaseLockfiles } from './tree-scan.ts';

/** @throws PlimsollError `reference-invalid`, `digest-required` */
export function readBaseline(inputs: Inputs<'baseline'>): ScanRequest['baseline'] {
  const text = inputs.text('baseline');
  if (text === undefined) return undefined;
  const { digest, ...repository } = parseReference(text);
  if (digest !== undefined) return { repository, digest };
  throw new PlimsollError('digest-required', `The input "baseline" names ${text}, but not which digest of it`, {
    hint: 'Write registry/repository@sha256:…, such as the digest that the last release promoted.',
  });
}

export interface EvidencePorts {
  readonly policy: LoadedPolicy;
  readonly github: GitHubContext;
  readonly repository: (name: RepositoryName) => ContentSource;
  readonly trust: () => Promise<Trust>;
}

/** Evidence of the signers that the policy names, or of this repository. @throws PlimsollError `policy-invalid` */
export function attestedReader({ policy, github, repository, trust }: EvidencePorts): ReadAttested {
  const { identity, log } = verifyRules({
    policy: policy.policy.verify,
    policyLabel: policy.label,
    inputs: {},
    github,
  });
  return (name, digest) => readAttestedImage(repository(name), digest, { trust, identity, log });
}

export interface BasePorts {
  readonly api: GitHubApi;
  readonly github: GitHubContext;
}

/** The lockfiles of the commit that this one is to be merged into; nothing for other events. */
export function baseLockfiles(prefix: string, ports: BasePorts): BaseLockfiles | undefined {
  const commit = baseCommit(ports.github);
  if (commit === undefined) return undefined;
  return {
    label: `the lockfiles of ${commit.slice(0, 12)}`,
    fetch: (directory, wanted) => fetchBaseFiles(commit, { prefix, wanted, directory }, ports),
  };
}
