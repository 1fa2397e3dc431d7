import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { isFailure, PlimsollError } from '../runtime/errors.ts';
import { type Run, run } from '../runtime/exec.ts';
import { environmentFor } from './environment.ts';

/** A directory of a git repository at one ref. */
export interface GitContext {
  readonly url: string;
  /** Branch, tag, full ref or full commit; the remote's default when absent. */
  readonly ref: string | undefined;
  /** Without slashes at its ends; empty for the root. */
  readonly subdir: string;
}

export interface GitTreePorts {
  readonly env: NodeJS.ProcessEnv;
  readonly tempDir: string;
  /** For HTTP; never in the argument list. */
  readonly token: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly run?: Run | undefined;
}

/** What was found at a ref. */
export interface GitTree {
  /** Full: what the ref names now. */
  readonly commit: string;
  /** Contents of those of the wanted files that are there, by path in the repository. */
  readonly files: ReadonlyMap<string, string>;
}

const TIMEOUT_MS = 300_000;

/**
 * Resolves the ref of a repository to a commit, and reads some files of it, without a checkout and without the rest
 * where the server can leave it out.
 *
 * @param wanted paths in the repository
 * @throws PlimsollError `git-unreadable`, `tool-missing`, `tool-timeout`, `cancelled`
 */
export async function readGitTree(
  { url, ref }: GitContext,
  wanted: readonly string[],
  ports: GitTreePorts,
): Promise<GitTree> {
  const directory = await mkdtemp(path.join(ports.tempDir, 'plimsoll-git-'));
  const git = (...args: string[]) => start(args, url, { ...ports, directory });
  try {
    await git('init', '--quiet', '--bare');
    await git('remote', 'add', '--', 'origin', url);
    await git('fetch', '--quiet', '--depth=1', '--filter=blob:none', '--no-tags', 'origin', ref ?? 'HEAD');
    const commit = (await git('rev-parse', '--verify', 'FETCH_HEAD^{commit}')).trim();
    const listed = await git('ls-tree', '-z', '--name-only', '-r', commit, '--', ...wanted);
    const there = listed.split('\0').filter((name) => wanted.includes(name));
    const files = new Map<string, string>();
    for (const name of there) files.set(name, await git('show', `${commit}:${name}`));
    return { commit, files };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface Started extends GitTreePorts {
  readonly directory: string;
}

async function start(args: readonly string[], url: string, ports: Started): Promise<string> {
  const { directory, env, token, signal, run: begin = run } = ports;
  const environment = {
    ...environmentFor('git-remote', env),
    GIT_DIR: directory,
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    ...authorization(url, token),
  };
  try {
    const options = { env: environment, cwd: directory, signal, timeoutMs: TIMEOUT_MS, captureLimit: 4 * 1024 * 1024 };
    return (await begin('git', args, options)).stdout;
  } catch (error) {
    if (!isFailure(error, 'tool-failed')) throw error;
    throw new PlimsollError('git-unreadable', `${url} cannot be read: ${error.message.slice(0, 400)}`, {
      hint: 'Check URL and ref. For a private repository, write "secrets: GIT_AUTH_TOKEN=${{ secrets.NAME }}" with a token that may read it; "github-token" opens branches and tags of this repository alone.',
      cause: error,
    });
  }
}

/** As a header of this one server, in the environment: arguments are seen by others. */
function authorization(url: string, token: string | undefined): Readonly<Record<string, string>> {
  if (token === undefined || !/^https?:/i.test(url)) return {};
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${new URL(url).origin}/.extraheader`,
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
  };
}
