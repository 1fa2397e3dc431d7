import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Repository } from '../../oci/registry/repository.ts';
import { attachReferrers } from '../../oci/referrers.ts';
import type { Clock } from '../../runtime/clock.ts';
import { isFailure } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { IdentityPolicy } from '../../sigstore/identity.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { Statement } from '../../sigstore/statement.ts';
import { type SlsaLevel, type VerificationSummary, vsaStatement } from '../../sigstore/vsa.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import { attachBundles } from '../sign/attach.ts';
import type { VerifyReport } from '../verify.ts';
import type { PlannedLeg } from './leg.ts';

/** Signs one statement with the identity of this run. */
export interface SummarySigner {
  /** The workflow, as its certificate names it. */
  readonly verifier: string;
  readonly policy: VerificationSummary['policy'];
  /** Whether the policy asks for a runner of GitHub, on which nobody reaches into a build. */
  readonly hosted: boolean;
  readonly sign: (statement: Statement, root: Descriptor) => Promise<VerifiedBundle>;
}

export interface SummaryPorts {
  readonly signer: SummarySigner;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Says with a signature that this run verified the image, at the destination and, where the login may write there,
 * at the source.
 *
 * @throws PlimsollError `sign-failed`, `attach-lost`, and what the destination throws
 */
export async function attachSummary(
  { leg, plan: { root } }: PlannedLeg,
  report: VerifyReport,
  { signer, clock, log }: SummaryPorts,
): Promise<void> {
  const bundle = await signer.sign(summaryOf(report, { signer, clock, repository: leg.destination.label }), root);
  const attach = (repository: Repository) => attachBundles(repository, [{ bundle, targets: [root] }], attachReferrers);
  await attach(leg.destination);
  if (leg.source.label === leg.destination.label) return;
  await attach(leg.source).catch((error: unknown) => {
    if (!isFailure(error) || error.code === 'cancelled') throw error;
    log.info(`The verification summary is not attached at the source as well: ${error.message}`);
  });
}

interface SummaryParts {
  readonly signer: SummarySigner;
  readonly clock: Clock;
  readonly repository: string;
}

function summaryOf(report: VerifyReport, { signer, clock, repository }: SummaryParts): Statement {
  const accepted = report.bundles.filter((bundle) => bundle.accepted);
  const referrers = [...new Set<Digest>(accepted.map(({ referrer }) => referrer))];
  return vsaStatement({
    subject: report.digest,
    verifier: signer.verifier,
    verifiedAt: clock.now(),
    repository,
    policy: signer.policy,
    inputs: referrers.map((digest) => ({ repository: report.repository, digest })),
    level: levelOf(report, signer.hosted),
  });
}

/**
 * Provenance that the wanted identity signed is level 1, and level 2 where it has to come from a hosted runner
 * (slsa.dev/spec/v1.1/levels). Level 3 depends on how the workflow is isolated, which no signature tells.
 */
export function levelOf({ digest, bundles }: VerifyReport, hosted: boolean): SlsaLevel {
  const proven = bundles.some(
    ({ accepted, subject, predicateType }) =>
      accepted && subject === digest && predicateType === PREDICATE_TYPES.slsaprovenance1,
  );
  if (!proven) return 'SLSA_BUILD_LEVEL_UNEVALUATED';
  return hosted ? 'SLSA_BUILD_LEVEL_2' : 'SLSA_BUILD_LEVEL_1';
}

export function isHosted({ runnerEnvironment }: IdentityPolicy): boolean {
  return runnerEnvironment === 'github-hosted';
}
