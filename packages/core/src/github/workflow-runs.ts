import * as v from 'valibot';
import { PlimsollError } from '../runtime/errors.ts';
import { type GitHubApi, parse } from './api.ts';
import type { GitHubContext } from './context.ts';

/** A run of a workflow that has ended. */
export interface FinishedRun {
  readonly number: number;
  /** Page of the run. */
  readonly url: string;
  readonly startedAt: Date;
  /** What counts for a rate; `none` for one that was cancelled or skipped, which says nothing about the workflow. */
  readonly result: 'success' | 'failure' | 'none';
  /** From the start of the last attempt to its end. */
  readonly milliseconds: number;
}

const time = v.pipe(
  v.string(),
  v.transform((text) => new Date(text)),
  v.date(),
);

const Listed = v.looseObject({
  workflow_runs: v.array(
    v.looseObject({
      id: v.pipe(v.number(), v.safeInteger()),
      name: v.nullish(v.string()),
      run_number: v.number(),
      html_url: v.string(),
      conclusion: v.nullish(v.string()),
      run_started_at: time,
      updated_at: time,
    }),
  ),
});

/** docs.github.com/rest/actions/workflow-runs; `action_required` waits for a person. */
const FAILURES: readonly string[] = ['failure', 'timed_out', 'startup_failure'];

/** Where the name of a workflow has to be looked for, several workflows are in the list. */
const ALL = 100;

/**
 * The last finished runs of this run's own workflow, the newest first, on its branch where it is on one; never this run.
 * One request.
 *
 * @throws PlimsollError `github-denied` without `actions: read`, and `github-*`
 */
export async function recentRuns(
  api: GitHubApi,
  context: GitHubContext,
  most: number,
): Promise<readonly FinishedRun[]> {
  const file = workflowFile(context);
  const below = file === undefined ? '' : `/workflows/${encodeURIComponent(file)}`;
  const path = `/repos/${context.repository}/actions${below}/runs`;
  const { workflow_runs: runs } = shaped(parse(await api.send({ path, query: query(context, file, most) })), path);
  return runs
    .filter(({ id, name }) => String(id) !== context.runId && (file !== undefined || name === context.workflow))
    .slice(0, most)
    .map((run) => ({
      number: run.run_number,
      url: run.html_url,
      startedAt: run.run_started_at,
      result: resultOf(run.conclusion ?? ''),
      milliseconds: Math.max(0, run.updated_at.getTime() - run.run_started_at.getTime()),
    }));
}

function query({ refType, refName, eventName }: GitHubContext, file: string | undefined, most: number) {
  return {
    status: 'completed',
    // Each tag is a branch of its own to this API: releases are told apart by what started them.
    ...(refType === 'branch' ? { branch: refName } : { event: eventName }),
    // One more, since this very run may be among them when a step of it failed.
    per_page: String(file === undefined ? ALL : Math.min(ALL, most + 1)),
  };
}

/** `release.yml` of `owner/name/.github/workflows/release.yml@refs/heads/main`; undefined under act. */
function workflowFile({ workflowRef }: GitHubContext): string | undefined {
  return /\/\.github\/workflows\/(?<file>[^/@]+)@/.exec(workflowRef ?? '')?.groups?.['file'];
}

function resultOf(conclusion: string): FinishedRun['result'] {
  if (conclusion === 'success') return 'success';
  return FAILURES.includes(conclusion) ? 'failure' : 'none';
}

function shaped(value: unknown, path: string): v.InferOutput<typeof Listed> {
  const result = v.safeParse(Listed, value);
  if (result.success) return result.output;
  const where = v.getDotPath(result.issues[0]) ?? 'the answer';
  throw new PlimsollError('github-protocol', `GET ${path}: ${where} is not as documented`, {
    hint: 'Check GITHUB_API_URL and what stands between the runner and GitHub.',
  });
}
