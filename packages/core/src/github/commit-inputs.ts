import { PlimsollError } from '../runtime/errors.ts';

/** @throws PlimsollError `input-invalid` for a name that is no full ref */
export function readRef(ref: string | undefined): string | undefined {
  if (ref === undefined || /^refs\/(?:heads|tags|pull)\/\S+$/.test(ref)) return ref;
  throw new PlimsollError('input-invalid', `The input "ref" is "${ref.slice(0, 200)}", which is not a full ref`, {
    hint: 'Write "ref: refs/heads/main", "ref: refs/tags/v1.2.3", or for workflow_run "ref: refs/heads/${{ github.event.workflow_run.head_branch }}".',
  });
}

/** @throws PlimsollError `input-invalid` for a commit that is shortened */
export function readSha(sha: string | undefined): string | undefined {
  if (sha === undefined || /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(sha)) return sha;
  throw new PlimsollError('input-invalid', `The input "sha" is "${sha.slice(0, 100)}", which is not a full commit`, {
    hint: 'Write the whole commit, such as "sha: ${{ github.event.workflow_run.head_sha }}".',
  });
}
