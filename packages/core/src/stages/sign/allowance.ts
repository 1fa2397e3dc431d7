import type { ActionContext } from '../../github/action.ts';
import type { LoadedPolicy } from '../../github/policy-file.ts';
import { exceptionFor } from '../../policy/sign-section.ts';
import { isFailure, PlimsollError } from '../../runtime/errors.ts';
import type { Allow } from './exception.ts';

/** The inputs `verify-vuln` and `exception-reason`. */
export interface ExceptionInputs {
  readonly verifyVuln: boolean;
  readonly reason: string | undefined;
}

/** @throws PlimsollError `input-conflict` when an exception has no reason, or a reason no exception */
export function exceptionInputs(verifyVuln: boolean, reason: string | undefined): ExceptionInputs {
  if (verifyVuln === (reason === undefined)) return { verifyVuln, reason };
  throw new PlimsollError(
    'input-conflict',
    verifyVuln ? 'There is an "exception-reason", but nothing to except' : '"verify-vuln: false" gives no reason',
    { hint: 'Write both "verify-vuln: false" and "exception-reason: …", which is attested, or neither of them.' },
  );
}

type Context = Pick<ActionContext<never>, 'policy' | 'github' | 'clock'>;

/** Whether the step or the policy of the default branch lets something be signed without a passed scan. */
export function allowanceOf({ verifyVuln, reason }: ExceptionInputs, { policy, github, clock }: Context): Allow {
  const { actor, runUrl } = github;
  return async (state) => {
    const loaded = await readable(policy());
    const policyDigest = loaded?.digest ?? null;
    if (!verifyVuln) return { by: 'verify-vuln: false', reason: reason ?? '', actor, runUrl, policyDigest };
    const allowed = loaded && exceptionFor(loaded.policy.sign, state, clock.now());
    return allowed && { by: 'policy', reason: allowed.reason, expires: allowed.expires, actor, runUrl, policyDigest };
  };
}

/** A job that signs needs no `contents: read`; then there is no exception of the policy's. */
async function readable(policy: Promise<LoadedPolicy>): Promise<LoadedPolicy | undefined> {
  return policy.catch((error: unknown) => {
    if (isFailure(error, 'policy-unreadable') || isFailure(error, 'github-denied')) return undefined;
    throw error;
  });
}
