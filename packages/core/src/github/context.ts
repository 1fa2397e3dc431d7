import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PlimsollError } from '../runtime/errors.ts';
import { pick, pickText } from '../runtime/pick.ts';
import { describePullRequest } from './pull-request.ts';

/** The event payload: a webhook's JSON, of which nothing is certain. */
export type Payload = Readonly<Record<string, unknown>>;

export type RefType = 'branch' | 'tag' | 'pull' | 'other';

/** What the run is about: the runner's variables and the event, read once. */
export interface GitHubContext {
  /** `owner/name`. */
  readonly repository: string;
  readonly owner: string;
  readonly name: string;
  /** The commit the run is for, 40 (or 64) hexadecimal digits; the merge commit on a pull request. */
  readonly sha: string;
  /** Full ref, such as `refs/heads/main`. */
  readonly ref: string;
  /** The ref without its prefix, such as `main`, `v1.2.3` or `7/merge`. */
  readonly refName: string;
  readonly refType: RefType;
  readonly eventName: string;
  readonly event: Payload;
  readonly runId: string;
  readonly runAttempt: number;
  /** Who is logged in to GHCR as: the person or app that started the run. */
  readonly actor: string;
  /** Who started this attempt; differs from `actor` when somebody else re-runs it. */
  readonly triggeringActor: string;
  /** Whether a branch or tag rule protects the ref. */
  readonly refProtected: boolean;
  /** Without a trailing slash. */
  readonly apiUrl: string;
  /** Without a trailing slash. */
  readonly serverUrl: string;
  readonly runUrl: string;
  readonly workflow: string | undefined;
  /** `owner/name/.github/workflows/x.yml@ref` of the calling workflow; unset under act. */
  readonly workflowRef: string | undefined;
  readonly workspace: string;
  /** Emptied by the runner after the job. */
  readonly tempDir: string;
  /** Where tools may be kept between jobs. */
  readonly toolCacheDir: string;
  /** From the event; ask the API when it is missing. */
  readonly defaultBranch: string | undefined;
  readonly pullRequestNumber: number | undefined;
  /** True when the code comes from another repository: that of a pull request, or of the run that `workflow_run` names. */
  readonly isForkPullRequest: boolean;
  /** True when a pull request's run started this one (`workflow_run`), which has the rights of the default branch. */
  readonly followsPullRequest: boolean;
  /** When the commit was made, when the event says so. */
  readonly commitTimestamp: Date | undefined;
  /** Running under nektos/act; for wording only, never to change a result. */
  readonly isAct: boolean;
  /** The `github-token` input. */
  readonly token: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws PlimsollError `event-invalid` when the runner's variables or the event payload cannot be used */
export function readContext(env: Environment, token?: string): GitHubContext {
  const repository = needed(env, 'GITHUB_REPOSITORY');
  const [owner = '', name = ''] = repository.split('/');
  const event = readEvent(env['GITHUB_EVENT_PATH']);
  const ref = needed(env, 'GITHUB_REF');
  const sha = needed(env, 'GITHUB_SHA');
  const serverUrl = withoutSlash(env['GITHUB_SERVER_URL'] || 'https://github.com');
  const runId = env['GITHUB_RUN_ID'] || '0';
  return Object.freeze({
    repository,
    owner,
    name,
    sha,
    ...describeRef(ref),
    eventName: needed(env, 'GITHUB_EVENT_NAME'),
    event,
    runId,
    runAttempt: Number(env['GITHUB_RUN_ATTEMPT'] || '1'),
    actor: env['GITHUB_ACTOR'] || owner,
    triggeringActor: env['GITHUB_TRIGGERING_ACTOR'] || env['GITHUB_ACTOR'] || owner,
    refProtected: env['GITHUB_REF_PROTECTED'] === 'true',
    apiUrl: withoutSlash(env['GITHUB_API_URL'] || 'https://api.github.com'),
    serverUrl,
    runUrl: `${serverUrl}/${repository}/actions/runs/${runId}`,
    workflow: env['GITHUB_WORKFLOW'] || undefined,
    workflowRef: env['GITHUB_WORKFLOW_REF'] || undefined,
    ...directories(env),
    defaultBranch: pickText(event, 'repository', 'default_branch'),
    ...describePullRequest(event, repository),
    commitTimestamp: commitTimestamp(event, sha),
    isAct: env['ACT'] === 'true',
    token,
  });
}

function needed(env: Environment, name: string): string {
  const value = env[name];
  if (value) return value;
  throw new PlimsollError('event-invalid', `The environment has no ${name}`, {
    hint: `The Actions runner sets ${name}. Elsewhere, set it yourself, or start the action through act.`,
  });
}

function readEvent(file: string | undefined): Payload {
  if (!file) return {};
  try {
    const event: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof event === 'object' && event !== null && !Array.isArray(event)) return event as Payload;
    throw new Error('it is not a JSON object');
  } catch (cause) {
    throw new PlimsollError('event-invalid', `The event payload ${file} cannot be read`, {
      hint: 'GITHUB_EVENT_PATH must name the JSON file of the event, as the runner writes it.',
      cause,
    });
  }
}

/** A full ref, its name without the prefix, and what kind of ref it is. */
export function describeRef(ref: string): { ref: string; refName: string; refType: RefType } {
  const prefixes = { 'refs/heads/': 'branch', 'refs/tags/': 'tag', 'refs/pull/': 'pull' } as const;
  for (const [prefix, refType] of Object.entries(prefixes)) {
    if (ref.startsWith(prefix)) return { ref, refName: ref.slice(prefix.length), refType };
  }
  return { ref, refName: ref, refType: 'other' };
}

function directories(env: Environment) {
  const workspace = env['GITHUB_WORKSPACE'] || process.cwd();
  const cacheHome = env['XDG_CACHE_HOME'] || path.join(env['HOME'] || tmpdir(), '.cache');
  return {
    workspace,
    tempDir: env['RUNNER_TEMP'] || tmpdir(),
    toolCacheDir: env['RUNNER_TOOL_CACHE'] || path.join(cacheHome, 'plimsoll', 'tool-cache'),
  };
}

/** When the commit was made, as far as the payload says it: of a push, a merge queue, or the run that `workflow_run` names. */
export function commitTimestamp(event: Payload, sha: string): Date | undefined {
  const commits = pick(event, 'commits');
  const heads = [event, pick(event, 'workflow_run'), pick(event, 'merge_group')].map((of) => pick(of, 'head_commit'));
  const candidates = [...heads, ...(Array.isArray(commits) ? commits : [])];
  const commit = candidates.find((candidate) => pickText(candidate, 'id') === sha);
  const time = Date.parse(pickText(commit, 'timestamp') ?? '');
  return Number.isNaN(time) ? undefined : new Date(time);
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
