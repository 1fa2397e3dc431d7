import { pick, pickText } from '../runtime/pick.ts';

/** Whose code the event is about: a pull request's, or that of the run whose end started this one. */
export function describePullRequest(event: unknown, repository: string) {
  const number = pick(event, 'pull_request', 'number');
  const isPullRequest = typeof number === 'number';
  // A deleted fork has no repository: whatever is not surely ours is somebody else's.
  const isOurs = (head: string | undefined) => head?.toLowerCase() === repository.toLowerCase();
  const before = pick(event, 'workflow_run') !== undefined;
  const isForeignRun = before && !isOurs(pickText(event, 'workflow_run', 'head_repository', 'full_name'));
  const isForeignHead = isPullRequest && !isOurs(pickText(event, 'pull_request', 'head', 'repo', 'full_name'));
  return {
    pullRequestNumber: isPullRequest ? number : undefined,
    isForkPullRequest: isForeignHead || isForeignRun,
    followsPullRequest: isForeignRun || pickText(event, 'workflow_run', 'event')?.startsWith('pull_request') === true,
  };
}
