import { PlimsollError } from '../runtime/errors.ts';
import { type Run, run } from '../runtime/exec.ts';
import { environmentFor } from './environment.ts';

export interface GitPorts {
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  readonly run?: Run | undefined;
}

const COMMIT = /^[0-9a-f]{40,64}$/;

/**
 * When a commit was made, to the second, from the checkout in `directory`.
 * @returns `undefined` when there is no git, no checkout, or the checkout lacks the commit
 * @throws PlimsollError `cancelled`
 */
export async function commitTime(directory: string, sha: string, ports: GitPorts): Promise<Date | undefined> {
  if (!COMMIT.test(sha)) return undefined;
  const stdout = await inCheckout(directory, ['show', '--no-patch', '--format=%ct', sha], ports);
  const seconds = /^\d{1,12}$/m.exec(stdout ?? '')?.[0];
  return seconds === undefined ? undefined : new Date(Number(seconds) * 1000);
}

/**
 * The tags of the checkout in `directory`: none of a shallow one, and none where there is no git.
 * @throws PlimsollError `cancelled`
 */
export async function gitTags(directory: string, ports: GitPorts): Promise<readonly string[]> {
  const stdout = await inCheckout(directory, ['tag', '--list'], ports);
  return (stdout ?? '').split('\n').filter((tag) => tag !== '');
}

async function inCheckout(directory: string, command: readonly string[], ports: GitPorts): Promise<string | undefined> {
  // The checkout may belong to another user than the job's container; nothing of it is executed here.
  const args = ['-c', `safe.directory=${directory}`, '-C', directory, ...command];
  const env = { ...environmentFor('git', ports.env), GIT_OPTIONAL_LOCKS: '0', GIT_CONFIG_NOSYSTEM: '1' };
  try {
    return (await (ports.run ?? run)('git', args, { env, signal: ports.signal, timeoutMs: 30_000 })).stdout;
  } catch (error) {
    if (error instanceof PlimsollError && error.code !== 'cancelled') return undefined;
    throw error;
  }
}
