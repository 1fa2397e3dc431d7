import type { GitHubContext } from '../../github/context.ts';
import { pick } from '../../runtime/pick.ts';
import type { ExpectedSigner } from '../../sigstore/token-identity.ts';

/** What provenance says of the run (the names are those of GitHub's own build type). */
export interface BuildRun {
  /** URL of the workflow file with its ref: the same as the identity in the certificate. */
  readonly builderId: string;
  /** URL of this attempt of the run. */
  readonly invocationId: string;
  readonly commit: string;
  /** `git+https://github.com/owner/name@refs/heads/main`. */
  readonly sourceUri: string;
  /** The workflow that was started, also where the job is in one that it calls. */
  readonly workflow: { readonly ref: string; readonly repository: string; readonly path: string };
  readonly github: Readonly<Record<string, string>>;
}

/** What of a run is told, and who it is. */
export type SigningRun = Pick<
  GitHubContext,
  'repository' | 'ref' | 'sha' | 'serverUrl' | 'runUrl' | 'runAttempt' | 'workflowRef' | 'eventName' | 'event'
>;

/** @param signer who is about to sign; without a token it is the workflow that was started */
export function buildRunOf(run: SigningRun, signer: ExpectedSigner | undefined): BuildRun {
  const { repository, serverUrl, ref, sha, workflowRef = '' } = run;
  const [file = '', workflowAt = ref] = workflowRef.split('@');
  return {
    builderId: signer?.identity ?? `${serverUrl}/${workflowRef}`,
    invocationId: `${run.runUrl}/attempts/${run.runAttempt}`,
    commit: sha,
    sourceUri: `git+${serverUrl}/${repository}@${ref}`,
    workflow: {
      ref: workflowAt,
      repository: `${serverUrl}/${repository}`,
      path: file.replace(`${repository}/`, ''),
    },
    github: {
      event_name: run.eventName,
      ...numberOf('repository_id', pick(run.event, 'repository', 'id')),
      ...numberOf('repository_owner_id', pick(run.event, 'repository', 'owner', 'id')),
      ...(signer?.runnerEnvironment === undefined ? {} : { runner_environment: signer.runnerEnvironment }),
    },
  };
}

function numberOf(name: string, value: unknown): Readonly<Record<string, string>> {
  return typeof value === 'number' || typeof value === 'string' ? { [name]: String(value) } : {};
}
