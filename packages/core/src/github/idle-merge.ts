import type { Log } from '../runtime/log.ts';
import type { Inputs } from './inputs.ts';

export interface IdleMergePorts {
  readonly inputs: Inputs<'push'>;
  readonly log: Log;
}

/** A merge is of what is in the registry, so where nothing is pushed it has nothing to do; that is said, and no mistake. */
export function noticeIdleMerge(mode: 'single' | 'shard' | 'merge', { inputs, log }: IdleMergePorts): void {
  if (mode === 'merge' && inputs.text('push') === 'false') {
    log.notice('"push" is "false", and "mode: merge" puts together what shards have pushed. Left out: everything');
  }
}
