import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** What git says of the directory that the command runs in. */
export interface LocalRepository {
  /** `owner/name`, when the remote `origin` is one of the server. */
  readonly name: string | undefined;
  /** Forty hexadecimal digits. */
  readonly commit: string | undefined;
  /** ISO 8601. */
  readonly committedAt: string | undefined;
  /** `refs/heads/main`; absent when no branch is checked out. */
  readonly ref: string | undefined;
}

/** Every part is absent outside a repository. */
export async function readRepository(directory: string): Promise<LocalRepository> {
  const ask = (...args: string[]) => git(directory, args);
  const [origin, head, ref] = await Promise.all([
    ask('config', '--get', 'remote.origin.url'),
    ask('log', '-1', '--format=%H %cI'),
    ask('symbolic-ref', '--quiet', 'HEAD'),
  ]);
  const [commit, committedAt] = head?.split(' ') ?? [];
  return { name: origin === undefined ? undefined : repositoryName(origin), commit, committedAt, ref };
}

/** `git@github.com:acme/app.git` and `https://github.com/acme/app` are `acme/app`. */
export function repositoryName(origin: string): string | undefined {
  const name = /(?:[/:])(?<owner>[\w.-]+)\/(?<repository>[\w.-]+?)(?:\.git)?\/?$/.exec(origin)?.groups;
  return name === undefined ? undefined : `${name['owner']}/${name['repository']}`;
}

async function git(directory: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await execute('git', ['-C', directory, ...args]);
    return stdout.trim() || undefined;
  } catch {
    // Not a repository, no such setting, or no git: each is an answer of its own to the caller.
    return undefined;
  }
}
