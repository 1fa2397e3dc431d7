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
  // The checkout may belong to another user than the job's container; nothing of it is executed here.
  const args = ['-c', `safe.directory=${directory}`, '-C', directory, 'show', '--no-patch', '--format=%ct', sha];
  const env = { ...environmentFor('git', ports.env), GIT_OPTIONAL_LOCKS: '0', GIT_CONFIG_NOSYSTEM: '1' };
  try {
    const { stdout } = await (ports.run ?? run)('git', args, { env, signal: ports.signal, timeoutMs: 30_000 });
    const seconds = /^\d{1,12}$/m.exec(stdout)?.[0];
    return seconds === undefined ? undefined : new Date(Number(seconds) * 1000);
  } catch (error) {
    if (error instanceof PlimsollError && error.code !== 'cancelled') return undefined;
    throw error;
  }
}
