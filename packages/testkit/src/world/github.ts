import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ActionsCache } from '../github/actions-cache.ts';
import { Attestations } from '../github/attestations.ts';
import { CacheRest } from '../github/cache-rest.ts';
import { CodeScanning } from '../github/code-scanning.ts';
import { Comments } from '../github/comments.ts';
import { CommitList } from '../github/commit-list.ts';
import { GitData } from '../github/git-data.ts';
import { Issues } from '../github/issues.ts';
import { PackagesEmulator } from '../github/packages-emulator.ts';
import { WorkflowRuns } from '../github/workflow-runs.ts';
import { DEFAULT_IDENTITY } from './identity.ts';
import type { Lifetime } from './lifetime.ts';
import { type JsonAnswer, readBody, sendJson, serveLocally } from './local-server.ts';
import { OidcIssuer } from './oidc.ts';
import { RepositoryStore } from './repository-store.ts';

/** A request to the emulated GitHub, and how it was answered. */
export interface GitHubRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Text. */
  readonly body: string;
  status: number;
}

/** GitHub's REST API and its identity provider, on one address. */
export interface GitHub {
  /** `GITHUB_API_URL`. */
  readonly apiUrl: string;
  /** The only token it takes, as `github.token`. */
  readonly token: string;
  readonly requests: readonly GitHubRequest[];
  readonly repositories: RepositoryStore;
  readonly packages: PackagesEmulator;
  readonly codeScanning: CodeScanning;
  readonly attestations: Attestations;
  readonly comments: Comments;
  readonly git: GitData;
  readonly issues: Issues;
  readonly runs: WorkflowRuns;
  readonly commits: CommitList;
  readonly cache: ActionsCache;
  readonly cacheRest: CacheRest;
  readonly oidc: OidcIssuer;
  /** Puts a file into the default branch of a repository. */
  setFile(repository: string, path: string, content: string | Buffer): void;
  /** A test's chance to answer in GitHub's place. */
  intercept: ((request: GitHubRequest) => JsonAnswer | undefined) | undefined;
}

export async function startGitHub(lifetime: Lifetime): Promise<GitHub> {
  const shell: Shell = { state: undefined };
  const { url } = await serveLocally(lifetime, (request, response) => answer(shell, request, response));
  const repositories = new RepositoryStore([DEFAULT_IDENTITY.repository]);
  const cache = new ActionsCache(url);
  const github: GitHub = {
    apiUrl: url,
    token: `ghs_${randomUUID()}`,
    requests: [],
    repositories,
    packages: new PackagesEmulator(),
    codeScanning: new CodeScanning(),
    attestations: new Attestations(),
    comments: new Comments(),
    git: new GitData(repositories),
    cache,
    cacheRest: new CacheRest(cache),
    issues: new Issues(),
    runs: new WorkflowRuns(),
    commits: new CommitList(),
    oidc: new OidcIssuer(url),
    setFile: (...file) => repositories.setFile(...file),
    intercept: undefined,
  };
  shell.state = github;
  return github;
}

/** The server has an address before there is anything to serve. */
interface Shell {
  state: GitHub | undefined;
}

async function answer({ state }: Shell, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  if (state === undefined) return sendJson(response, { status: 503, body: {} });
  const body = await readBody(incoming);
  const request = { method: incoming.method ?? 'GET', path: incoming.url ?? '/', body: body.toString(), status: 0 };
  (state.requests as GitHubRequest[]).push(request);
  const reply = state.intercept?.(request) ?? (await route(state, incoming, body));
  request.status = reply.status;
  const headers = { 'x-github-request-id': `WORLD:${state.requests.length}`, ...reply.headers };
  if (typeof reply.body !== 'string' && !Buffer.isBuffer(reply.body)) return sendJson(response, { ...reply, headers });
  response.writeHead(reply.status, headers);
  response.end(reply.body);
}

async function route(state: GitHub, incoming: IncomingMessage, body: Buffer): Promise<JsonAnswer> {
  const url = new URL(incoming.url ?? '/', state.apiUrl);
  const { authorization } = incoming.headers;
  const identity = state.oidc.handle(url, authorization);
  if (identity !== undefined) return identity;
  const cached = state.cache.handle(incoming.method ?? 'GET', url, { authorization, body });
  if (cached !== undefined) return cached;
  if (authorization !== undefined && !isToken(authorization, state.token)) {
    return { status: 401, body: { message: 'Bad credentials' } };
  }
  const scanning = state.codeScanning.handle(incoming.method ?? 'GET', url, body);
  if (scanning !== undefined) return scanning;
  const attested = state.attestations.handle(incoming.method ?? 'GET', url, body);
  if (attested !== undefined) return attested;
  const comments = state.comments.handle(incoming.method ?? 'GET', url, body);
  if (comments !== undefined) return comments;
  const caches = state.cacheRest.handle(incoming.method ?? 'GET', url);
  if (caches !== undefined) return caches;
  const git = state.git.handle(incoming.method ?? 'GET', url);
  if (git !== undefined) return git;
  const issues = state.issues.handle(incoming.method ?? 'GET', url, body);
  if (issues !== undefined) return issues;
  const runs = state.runs.handle(incoming.method ?? 'GET', url);
  if (runs !== undefined) return runs;
  const commits = state.commits.handle(incoming.method ?? 'GET', url);
  if (commits !== undefined) return commits;
  const repository = state.repositories.handle(url);
  if (repository !== undefined) return repository;
  const answered = await state.packages.handle({
    method: incoming.method ?? 'GET',
    target: incoming.url ?? '/',
    apiUrl: state.apiUrl,
    headers: plainHeaders(incoming),
    body,
  });
  return answered ?? { status: 404, body: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest' } };
}

function isToken(authorization: string, token: string): boolean {
  return new RegExp(`^(?:bearer|token) ${token}$`, 'i').test(authorization);
}

function plainHeaders(incoming: IncomingMessage): Record<string, string> {
  const entries = Object.entries(incoming.headers).map(([name, value]) => [name, [value].flat().join(', ')] as const);
  return Object.fromEntries(entries);
}
