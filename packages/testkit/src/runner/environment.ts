import { arch, platform } from 'node:os';
import { DEFAULT_IDENTITY } from '../world/identity.ts';

/** Where one step's files are. */
export interface StepFolders {
  readonly workspace: string;
  /** Of the job: what one step leaves there, the next finds. */
  readonly temp: string;
  readonly toolCache: string;
  readonly home: string;
  /** The files that the step's commands and event are in. */
  readonly files: Readonly<Record<'output' | 'state' | 'env' | 'path' | 'summary' | 'event' | 'artifacts', string>>;
}

/** The variables that the runner sets for a JavaScript action of the default identity. */
export function runnerEnvironment(folders: StepFolders, path: string): Record<string, string> {
  return {
    PATH: path,
    HOME: folders.home,
    LANG: 'C.UTF-8',
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    ...identityVariables(),
    GITHUB_ACTION: '__run',
    GITHUB_JOB: 'release',
    GITHUB_API_URL: 'https://api.github.com',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_GRAPHQL_URL: 'https://api.github.com/graphql',
    GITHUB_RETENTION_DAYS: '90',
    GITHUB_WORKSPACE: folders.workspace,
    GITHUB_OUTPUT: folders.files.output,
    GITHUB_STATE: folders.files.state,
    GITHUB_ENV: folders.files.env,
    GITHUB_PATH: folders.files.path,
    GITHUB_STEP_SUMMARY: folders.files.summary,
    GITHUB_EVENT_PATH: folders.files.event,
    GITHUB_ARTIFACTS: folders.files.artifacts,
    RUNNER_NAME: 'plimsoll-world',
    RUNNER_OS: platform() === 'darwin' ? 'macOS' : 'Linux',
    RUNNER_ARCH: arch() === 'arm64' ? 'ARM64' : 'X64',
    RUNNER_ENVIRONMENT: 'github-hosted',
    RUNNER_TEMP: folders.temp,
    RUNNER_TOOL_CACHE: folders.toolCache,
    RUNNER_WORKSPACE: folders.workspace,
  };
}

function identityVariables(): Record<string, string> {
  const { repository, owner, ref, refName, sha, actor } = DEFAULT_IDENTITY;
  return {
    GITHUB_REPOSITORY: repository,
    GITHUB_REPOSITORY_ID: DEFAULT_IDENTITY.repositoryId,
    GITHUB_REPOSITORY_OWNER: owner,
    GITHUB_REPOSITORY_OWNER_ID: DEFAULT_IDENTITY.ownerId,
    GITHUB_REF: ref,
    GITHUB_REF_NAME: refName,
    GITHUB_REF_TYPE: 'branch',
    GITHUB_REF_PROTECTED: 'true',
    GITHUB_HEAD_REF: '',
    GITHUB_BASE_REF: '',
    GITHUB_SHA: sha,
    GITHUB_ACTOR: actor,
    GITHUB_ACTOR_ID: DEFAULT_IDENTITY.actorId,
    GITHUB_TRIGGERING_ACTOR: actor,
    GITHUB_EVENT_NAME: DEFAULT_IDENTITY.eventName,
    GITHUB_RUN_ID: DEFAULT_IDENTITY.runId,
    GITHUB_RUN_NUMBER: DEFAULT_IDENTITY.runNumber,
    GITHUB_RUN_ATTEMPT: DEFAULT_IDENTITY.runAttempt,
    GITHUB_WORKFLOW: DEFAULT_IDENTITY.workflow,
    GITHUB_WORKFLOW_REF: DEFAULT_IDENTITY.workflowRef,
    GITHUB_WORKFLOW_SHA: sha,
  };
}
