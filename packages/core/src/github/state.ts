import { appendFileSync } from 'node:fs';
import type { Environment } from './host.ts';
import { fileCommand } from './outputs.ts';

/** What the main part of an action tells its own end, which runs after all steps of the job, whatever became of them. */
export interface State {
  save(name: string, value: string): void;
  saved(name: string): string | undefined;
  /** Whether this is that end. */
  readonly isPost: boolean;
  /** Whether there will be one; there is none on a laptop. */
  readonly hasPost: boolean;
}

const POST = 'plimsoll-post';

/** The runner's `GITHUB_STATE` file, and the `STATE_…` variables that it makes of it. */
export function runnerState(env: Environment): State {
  const file = env['GITHUB_STATE'];
  const own = new Map<string, string>();
  const saved = (name: string) => own.get(name) ?? (env[`STATE_${name}`] || undefined);
  const save = (name: string, value: string) => {
    own.set(name, value);
    if (file) appendFileSync(file, fileCommand(name, value));
  };
  const isPost = saved(POST) !== undefined;
  if (!isPost) save(POST, 'true');
  return { save, saved, isPost, hasPost: Boolean(file) };
}

/** For actions that have no end of their own. */
export const noState: State = { save() {}, saved: () => undefined, isPost: false, hasPost: false };
