/** The repository, commit and workflow that a world pretends to run in. */
export const DEFAULT_IDENTITY = {
  owner: 'acme',
  repository: 'acme/app',
  ref: 'refs/heads/main',
  refName: 'main',
  sha: '7c3f9a1e5b2d4c6880a1b2c3d4e5f60718293a4b',
  workflow: 'release',
  workflowRef: 'acme/app/.github/workflows/release.yml@refs/heads/main',
  actor: 'octo',
  actorId: '3',
  repositoryId: '1',
  ownerId: '2',
  runId: '100',
  runNumber: '7',
  runAttempt: '1',
  eventName: 'push',
} as const;

/** The subject alternative name that Fulcio gives the default identity. */
export const DEFAULT_SUBJECT = `https://github.com/${DEFAULT_IDENTITY.workflowRef}`;

/** Claims of GitHub's identity token, all strings as GitHub sends them. */
export type Claims = Readonly<Record<string, string>>;

/**
 * What GitHub says of a job of the default identity (docs.github.com, "OpenID Connect reference");
 * `iss`, `aud` and the times are added when a token is made.
 */
export const DEFAULT_CLAIMS: Claims = {
  sub: `repo:${DEFAULT_IDENTITY.repository}:ref:${DEFAULT_IDENTITY.ref}`,
  ref: DEFAULT_IDENTITY.ref,
  ref_type: 'branch',
  ref_protected: 'true',
  sha: DEFAULT_IDENTITY.sha,
  repository: DEFAULT_IDENTITY.repository,
  repository_id: DEFAULT_IDENTITY.repositoryId,
  repository_owner: DEFAULT_IDENTITY.owner,
  repository_owner_id: DEFAULT_IDENTITY.ownerId,
  repository_visibility: 'public',
  actor: DEFAULT_IDENTITY.actor,
  actor_id: DEFAULT_IDENTITY.actorId,
  workflow: DEFAULT_IDENTITY.workflow,
  workflow_ref: DEFAULT_IDENTITY.workflowRef,
  workflow_sha: DEFAULT_IDENTITY.sha,
  job_workflow_ref: DEFAULT_IDENTITY.workflowRef,
  job_workflow_sha: DEFAULT_IDENTITY.sha,
  event_name: DEFAULT_IDENTITY.eventName,
  head_ref: '',
  base_ref: '',
  run_id: DEFAULT_IDENTITY.runId,
  run_number: DEFAULT_IDENTITY.runNumber,
  run_attempt: DEFAULT_IDENTITY.runAttempt,
  runner_environment: 'github-hosted',
};

/** The payload of a push to the default branch, as far as anybody reads it. */
export function pushEvent(options: { sha?: string; timestamp?: string } = {}): Record<string, unknown> {
  const sha = options.sha ?? DEFAULT_IDENTITY.sha;
  const timestamp = options.timestamp ?? '2026-11-20T10:00:00Z';
  return {
    ref: DEFAULT_IDENTITY.ref,
    before: '0'.repeat(40),
    after: sha,
    deleted: false,
    forced: false,
    head_commit: { id: sha, message: 'Sail', timestamp, url: `https://github.com/acme/app/commit/${sha}` },
    repository: repositoryPayload(),
    pusher: { name: DEFAULT_IDENTITY.actor },
    sender: { login: DEFAULT_IDENTITY.actor, id: Number(DEFAULT_IDENTITY.actorId) },
  };
}

/** `repository` of a payload and of the REST API. */
export function repositoryPayload(fullName: string = DEFAULT_IDENTITY.repository): Record<string, unknown> {
  const [owner = '', name = ''] = fullName.split('/');
  return {
    id: Number(DEFAULT_IDENTITY.repositoryId),
    name,
    full_name: fullName,
    private: false,
    visibility: 'public',
    owner: { login: owner, id: Number(DEFAULT_IDENTITY.ownerId), type: 'Organization' },
    html_url: `https://github.com/${fullName}`,
    description: 'A small application',
    default_branch: 'main',
    license: { key: 'apache-2.0', spdx_id: 'Apache-2.0' },
  };
}
