import { pick } from '../runtime/pick.ts';
import type { GitHubContext } from './context.ts';

/** The workflow runs that a job may believe about its image: its own, and the one whose end started it. */
export function ownRuns({ runId, event, eventName }: GitHubContext): readonly string[] {
  const before = eventName === 'workflow_run' ? pick(event, 'workflow_run', 'id') : undefined;
  return typeof before === 'number' ? [runId, String(before)] : [runId];
}
