import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import type { Lifetime } from './lifetime.ts';
import { serveLocally } from './local-server.ts';

/** A git server over HTTP. */
export interface GitServer {
  /** `http://127.0.0.1:port`; repositories are `/<name>.git`. */
  readonly url: string;
  /** The `Authorization` headers that were sent, in order; `none` for requests without. */
  readonly authorizations: readonly string[];
  /** Makes a commit of these files on a branch. @returns the full commit */
  commit(repository: string, branch: string, files: Readonly<Record<string, string>>): string;
}

const IDENTITY = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' };

/**
 * git's own http-backend behind a server of this process.
 * @param password what a client must send with the user `x-access-token`; everybody may read without
 */
export async function startGitServer(lifetime: Lifetime, password?: string): Promise<GitServer> {
  const root = lifetime.folder('git', password === undefined ? 'public' : 'private');
  const authorizations: string[] = [];
  const expected = `Basic ${Buffer.from(`x-access-token:${password}`).toString('base64')}`;
  const { url } = await serveLocally(lifetime, (request, response) => {
    const sent = request.headers.authorization ?? 'none';
    authorizations.push(sent);
    if (password !== undefined && sent.toLowerCase() !== expected.toLowerCase()) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    answer(root, request, response);
  });
  const commit: GitServer['commit'] = (repository, branch, files) => commitFiles({ root, repository, branch }, files);
  return { url, authorizations, commit };
}

/** One request through the CGI program (RFC 3875). */
function answer(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
  const env = {
    PATH: process.env['PATH'] ?? '',
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    REQUEST_METHOD: request.method ?? 'GET',
    PATH_INFO: pathname,
    QUERY_STRING: search.slice(1),
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
  };
  const backend = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  request.pipe(backend.stdin);
  const chunks: Buffer[] = [];
  backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  backend.on('close', () => respond(Buffer.concat(chunks), response));
}

function respond(output: Buffer, response: ServerResponse): void {
  const end = output.indexOf('\r\n\r\n');
  const headers = output
    .subarray(0, end)
    .toString()
    .split('\r\n')
    .map((line) => line.split(/:\s*(.*)/s));
  const status = headers.find(([name]) => name?.toLowerCase() === 'status')?.[1];
  for (const [name = '', value = ''] of headers) if (name.toLowerCase() !== 'status') response.setHeader(name, value);
  response.writeHead(status === undefined ? 200 : Number.parseInt(status, 10)).end(output.subarray(end + 4));
}

interface Place {
  readonly root: string;
  readonly repository: string;
  readonly branch: string;
}

function commitFiles({ root, repository, branch }: Place, files: Readonly<Record<string, string>>): string {
  const bare = path.join(root, `${repository}.git`);
  const work = path.join(root, 'work', repository, branch);
  const git = (cwd: string, ...args: string[]) =>
    execFileSync('git', args, { cwd, env: { PATH: process.env['PATH'] ?? '', ...IDENTITY }, encoding: 'utf8' }).trim();
  mkdirSync(work, { recursive: true });
  mkdirSync(bare, { recursive: true });
  git(bare, 'init', '--quiet', '--bare', '--initial-branch=main');
  git(bare, 'config', 'uploadpack.allowFilter', 'true');
  git(work, 'init', '--quiet', `--initial-branch=${branch}`);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(work, name)), { recursive: true });
    writeFileSync(path.join(work, name), content);
  }
  git(work, 'add', '--all');
  git(work, 'commit', '--quiet', '--message', 'Sail');
  git(work, 'push', '--quiet', bare, `HEAD:refs/heads/${branch}`);
  return git(work, 'rev-parse', 'HEAD');
}
